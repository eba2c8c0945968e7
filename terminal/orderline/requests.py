"""An order line and the desk to an order request; an amend line to a change of an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Protocol

import msgspec
from msgspec import Struct

from engine.messages.commands import AmendOrder, SubmitOrder
from engine.messages.views import OrderView, QuoteView
from engine.model.instrument import Instrument
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.orderline.errors import ResolveError
from terminal.orderline.exits import Entry, exit_plan, stop_distance
from terminal.orderline.intents import Pair
from terminal.orderline.lines import (
    AmendLine,
    AtMarket,
    Change,
    Intent,
    OrderLine,
    PositionShare,
    QuantityChange,
)
from terminal.orderline.offers import type_of
from terminal.orderline.pricing import limit_units, mid, stepped, stop_units, touch, trail_units
from terminal.orderline.sizing import LINE, held, holding, quantity_units, typed_units, usual_size
from terminal.orderline.symbols import instrument_of


class Numbering(Protocol):
    """Where an order's id and number come from."""

    def next(self) -> tuple[str, int]:
        """Return the next client order id and its short number."""


class DraftIds:
    """Numbers orders that are only looked at; what is sent gets its own by `stamp`."""

    def next(self) -> tuple[str, int]:
        """Return the id of every draft."""
        return "draft", 0


class Situation(Struct, frozen=True):
    """What a line is read against."""

    desk: Desk
    ids: Numbering
    now_ns: int
    account: str
    correlation: str = ""
    zone: tzinfo = UTC
    """Where a typed time of day is."""


class _Terms(Struct, frozen=True):
    """How an order's price is decided, in price units."""

    type: OrderType
    limit: int | None = None
    stop: int | None = None
    trail: int | None = None


def submit(line: OrderLine, situation: Situation) -> SubmitOrder | Pair:
    """Complete an order line to an order, or to two of which one cancels the other.

    Raises:
        ResolveError: it can't be completed, or contradicts the position.
    """
    desk = situation.desk
    instrument = instrument_of(desk, line.symbol)
    if not instrument.tradable:
        raise ResolveError(f"{instrument.symbol} can only be watched")
    if not line.either_or:
        return _order(line, instrument, situation)
    limit = _order(replace(line, stop=None, trail=None), instrument, situation)
    stop = _order(replace(line, price=None), instrument, situation)
    _need_between(limit.request, stop.request, instrument)
    return Pair(limit, SubmitOrder(_as_large(stop.request, limit.request)))


def _as_large(request: OrderRequest, as_other: OrderRequest) -> OrderRequest:
    return msgspec.structs.replace(request, quantity=as_other.quantity, reduce_only=as_other.reduce_only)


def _order(line: OrderLine, instrument: Instrument, situation: Situation) -> SubmitOrder:
    desk = situation.desk
    quote = desk.quotes.get(instrument.symbol)
    terms = _terms(line, instrument, quote)
    price = terms.limit or terms.stop or touch(quote, line.intent.side)
    plan = exit_plan(line, _entry(line, instrument, quote, terms))
    quantity = _quantity(line, instrument, situation, price, stop_distance(plan, price))
    reduces = _reduces(line, instrument, held(desk, instrument), quantity)
    if plan is not None:
        _need_opening(line, instrument, held(desk, instrument))
    client_id, number = situation.ids.next()
    return SubmitOrder(
        OrderRequest(
            client_id=client_id,
            number=number,
            account=situation.account,
            symbol=instrument.symbol,
            side=line.intent.side,
            quantity=quantity,
            type=terms.type,
            limit=terms.limit,
            stop=terms.stop,
            trail=terms.trail,
            tif=line.tif or desk.abilities.of(instrument.asset_class).usual_time(terms.type),
            post_only=line.post_only,
            reduce_only=reduces,
            origin=LINE,
            strategy=line.strategy or "",
            plan=plan,
            created_ns=situation.now_ns,
            correlation=situation.correlation,
        )
    )


def _need_between(limit: OrderRequest, stop: OrderRequest, instrument: Instrument) -> None:
    """Refuse a pair whose stop would gain and whose limit would lose."""
    assert limit.limit is not None
    if stop.stop is None or (limit.limit - stop.stop) * limit.side < 0:
        return
    below, order = ("above", "sale") if limit.side is Side.SELL else ("below", "buy")
    prices = f"{instrument.price(limit.limit).normalize():f} is not, with a stop at {instrument.price(stop.stop).normalize():f}"
    raise ResolveError(f"the limit of a {order} stands {below} its stop: {prices}")


def amend(line: AmendLine, situation: Situation) -> AmendOrder:
    """Work out a change of a working order.

    Raises:
        ResolveError: the order is not open, has no such price, or would not change.
    """
    desk = situation.desk
    order = open_order(desk, line.number)
    instrument = instrument_of(desk, order.symbol)
    quote = desk.quotes.get(order.symbol)
    is_buy = order.side is Side.BUY
    quantity = _amended_quantity(line.quantity, order, instrument) if line.quantity else None
    limit = stop = None
    if line.limit:
        now = _current(order, order.limit, "limit price")
        limit = _amended(line.limit, now, instrument, quote, order.side, round_up=not is_buy)
    if line.stop:
        if order.trail is not None:
            raise ResolveError(f"order #{order.number} trails the market: its stop can't be set")
        now = _current(order, order.stop, "stop price")
        stop = _amended(line.stop, now, instrument, quote, order.side, round_up=is_buy)
    changes = ((quantity, order.quantity), (limit, order.limit), (stop, order.stop))
    if all(new is None or new == old for new, old in changes):
        raise ResolveError(f"order #{order.number} is like that already")
    return AmendOrder(order.client_id, quantity, limit, stop, origin=LINE)


def open_order(desk: Desk, number: int) -> OrderView:
    """Return the open order of a number.

    Raises:
        ResolveError: there is none, or more than one.
    """
    found = [order for order in desk.orders.values() if order.number == number]
    working = [order for order in found if order.status.is_open]
    if len(working) == 1:
        return working[0]
    if working:
        raise ResolveError(f"{len(working)} open orders are numbered #{number}: use the orders pane")
    if found:
        raise ResolveError(f"order #{number} is {found[-1].status.replace('_', ' ')} already")
    raise ResolveError(f"there is no order #{number}")


def _terms(line: OrderLine, instrument: Instrument, quote: QuoteView | None) -> _Terms:
    side = line.intent.side
    if line.trail:
        return _Terms(type_of(line), trail=trail_units(line.trail, instrument, mid(quote)))
    stop = stop_units(line.stop, instrument, quote, side) if line.stop else None
    if line.price is None or isinstance(line.price, AtMarket):
        return _Terms(type_of(line), stop=stop)
    return _Terms(type_of(line), limit_units(line.price, instrument, quote, side), stop)


def _entry(line: OrderLine, instrument: Instrument, quote: QuoteView | None, terms: _Terms) -> Entry:
    side = line.intent.side
    market = touch(quote, side)
    return Entry(
        instrument, quote, side, terms.limit or terms.stop or market, market if terms.stop is None else None
    )


def _need_opening(line: OrderLine, instrument: Instrument, position: int) -> None:
    """Refuse exits of an order that closes something first: what it opens is another size than it says."""
    if position * line.intent.side < 0:
        raise ResolveError(
            f"you are {holding(instrument, position)}: sl= and tp= protect an entry, and this closes first"
        )


def _quantity(
    line: OrderLine,
    instrument: Instrument,
    situation: Situation,
    price: int | None,
    distance: int | None,
) -> int:
    quantity = line.quantity
    if quantity is None:
        if line.intent is not Intent.COVER:
            usual = usual_size(instrument.symbol, situation.desk)
            if usual is None:
                raise ResolveError(f"say how many: {line.intent} 100 {instrument.symbol}")
            return usual
        quantity = PositionShare()
    return quantity_units(quantity, instrument, situation.desk, line.intent, price, distance)


def _reduces(line: OrderLine, instrument: Instrument, position: int, quantity: int) -> bool:
    """Tell whether the order may only close; refuse what its side word forbids."""
    if line.intent is Intent.SHORT and position > 0:
        raise ResolveError(f"you are {holding(instrument, position)}: s closes it, ss would open a short")
    if line.intent is Intent.COVER and (position >= 0 or quantity > -position):
        raise ResolveError(f"you are {holding(instrument, position)}: bc only closes a short, b buys")
    closes = position * line.intent.side < 0 and quantity <= abs(position)
    return line.reduce_only or closes


def _current(order: OrderView, price: int | None, what: str) -> int:
    if price is None:
        raise ResolveError(f"order #{order.number} has no {what}")
    return price


def _amended(
    change: Change, now: int, instrument: Instrument, quote: QuoteView | None, side: Side, *, round_up: bool
) -> int:
    if change.step is not None:
        return stepped(now, change.step, instrument, round_up=round_up)
    assert change.value is not None
    resolve = limit_units if round_up is (side is Side.SELL) else stop_units
    return resolve(change.value, instrument, quote, side)


def _amended_quantity(change: QuantityChange, order: OrderView, instrument: Instrument) -> int:
    units = typed_units(abs(change.amount), instrument)
    if change.relative:
        units = order.quantity + (units if change.amount > 0 else -units)
    if units <= order.filled:
        filled = instrument.size(order.filled).normalize()
        raise ResolveError(
            f"order #{order.number} has {filled:,f} filled already: x #{order.number} cancels the rest"
        )
    return units
