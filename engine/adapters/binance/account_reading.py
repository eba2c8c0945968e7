"""What Binance's messages about an account mean, in the instrument's units; nothing here has a state."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from engine.adapters.binance import account_messages as m
from engine.adapters.binance.messages import TIME_MS_MAX
from engine.adapters.texts import UNITS_MAX
from engine.adapters.units import ID_MAX, micros, rounded_price_units, size_units
from engine.clock import NS_PER_MS
from engine.errors import DataError
from engine.messages.reports import CancelReport, ExpireReport, RejectReport, Report
from engine.messages.stock import BrokerOrder
from engine.model.fill import Fill, Liquidity
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderStatus, OrderType, TimeInForce
from engine.model.text import clean
from engine.model.trade import Side

SIDES: Final = {"BUY": Side.BUY, "SELL": Side.SELL}
TYPES: Final = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "STOP_LOSS": OrderType.STOP,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.STOP,
    "TAKE_PROFIT_LIMIT": OrderType.STOP_LIMIT,
}
STOPS: Final = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})
_TIMES: Final = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}
ENDS: Final = {
    "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELED,
    "REJECTED": OrderStatus.REJECTED,
    "EXPIRED": OrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": OrderStatus.CANCELED,
}
"""What ends an order; all else may still trade."""
_AT_ONCE: Final = frozenset({"IOC", "FOK"})
_OURS: Final = re.compile(r"[0-9a-z]+-[0-9]+(-[st][0-9]+)?")
_THEIRS: Final = re.compile(r"([A-Z0-9_.-]+)-([0-9]{1,18})")
NOT_AT_ONCE = "what was left of it could not be filled at once"
OWN_ORDER = "it met another order of this account"


def is_ours(name: str) -> bool:
    """Whether an id is one that a desk makes, of an order or an exit; ids of other programs may be used more than once."""
    return _OURS.fullmatch(name) is not None


def name_of_foreign(symbol: str, order_id: int) -> str:
    """Return the id for an order from elsewhere."""
    return clean(f"{symbol}-{order_id}", ID_MAX)


def foreign_parts(client_id: str) -> tuple[str, int] | None:
    """Return the symbol and Binance's id in the id of an order from elsewhere; None for another id."""
    found = _THEIRS.fullmatch(client_id)
    return (found[1], int(found[2])) if found is not None and not is_ours(client_id) else None


def fill_of_event(
    event: m.Execution, client_id: str, instrument: Instrument, account: str, received_ns: int
) -> Fill:
    """Return the execution that an event tells.

    Raises:
        DataError: something of it is missing or does not fit.
    """
    if event.trade_id < 0:
        raise DataError(f"{client_id}: expected an execution with its id")
    return Fill(
        fill_id=_fill_id(event.symbol, event.trade_id),
        client_id=client_id,
        account=account,
        symbol=instrument.symbol,
        side=side_of(event.side),
        price=rounded_price_units(instrument, event.last_price),
        quantity=size_units(instrument, event.last_quantity, least=1),
        fee_micros=micros(event.fee or m.ZERO),
        fee_currency=clean(event.fee_asset or "", 16) or instrument.currency,
        liquidity=Liquidity.MAKER if event.is_maker else Liquidity.TAKER,
        event_ns=time_ns(event.at_ms) or received_ns,
        receive_ns=received_ns,
    )


def fill_of_trade(
    trade: m.TradeText, client_id: str, instrument: Instrument, account: str, received_ns: int
) -> Fill:
    """Return the execution that was read: the same as the event told.

    Raises:
        DataError: something of it does not fit.
    """
    return Fill(
        fill_id=_fill_id(trade.symbol, trade.id),
        client_id=client_id,
        account=account,
        symbol=instrument.symbol,
        side=Side.BUY if trade.is_buyer else Side.SELL,
        price=rounded_price_units(instrument, trade.price),
        quantity=size_units(instrument, trade.qty, least=1),
        fee_micros=micros(trade.commission),
        fee_currency=clean(trade.commission_asset or "", 16) or instrument.currency,
        liquidity=Liquidity.MAKER if trade.is_maker else Liquidity.TAKER,
        event_ns=time_ns(trade.time) or received_ns,
        receive_ns=received_ns,
    )


def order_of(order: m.OrderText, client_id: str, instrument: Instrument) -> BrokerOrder:
    """Return an order as the venue has it.

    Raises:
        DataError: something of it does not fit.
    """
    filled = size_units(instrument, order.executed_qty)
    quantity = size_units(instrument, order.orig_qty) or filled
    return BrokerOrder(
        client_id=client_id,
        venue_id=str(order.order_id),
        symbol=instrument.symbol,
        side=side_of(order.side),
        quantity=quantity,
        filled=filled,
        status=status_of(order.status, order.type, order.time_in_force, filled),
        type=TYPES.get(order.type, OrderType.LIMIT),
        tif=_TIMES.get(order.time_in_force, TimeInForce.GTC),
        limit=optional_price(instrument, order.price),
        stop=optional_price(instrument, order.stop_price),
        updated_ns=changed_ns(order),
        group=f"list-{order.order_list_id}" if order.order_list_id >= 0 else "",
    )


def status_of(status: str, kind: str, tif: str, filled: int) -> OrderStatus:
    """Return what an order is to us: what could not be filled at once was taken off, not too old."""
    if status == "EXPIRED" and _is_at_once(kind, tif):
        return OrderStatus.CANCELED
    return ENDS.get(status) or (OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.WORKING)


def end_of(event: m.Execution, client_id: str, instrument: Instrument, received_ns: int) -> Report | None:
    """Return the report of an end; None for what may still trade, or is filled.

    Raises:
        DataError: its time is none, or what is filled does not fit.
    """
    event_ns = time_ns(event.at_ms or event.event_ms) or received_ns
    filled = size_units(instrument, event.filled)
    reason = "" if event.reason == "NONE" else clean(event.reason)
    if event.status == "REJECTED":
        return RejectReport(client_id, reason or "Binance refused it after taking it", event_ns)
    if event.status == "EXPIRED_IN_MATCH":
        return CancelReport(client_id, OWN_ORDER, event_ns, filled)
    if event.status == "EXPIRED" and _is_at_once(event.type, event.tif):
        return CancelReport(client_id, NOT_AT_ONCE, event_ns, filled)
    if event.status == "EXPIRED":
        return ExpireReport(client_id, reason or "Binance let it expire", event_ns, filled)
    return CancelReport(client_id, reason, event_ns, filled) if event.status == "CANCELED" else None


def positions(account: m.AccountText, instruments: Iterable[Instrument]) -> dict[Symbol, int]:
    """Return what is held by pair: all there is of its coin, to the unit below; of two pairs of a coin the first has it.

    Raises:
        DataError: an amount does not fit.
    """
    held = {each.asset: each.free + each.locked for each in account.balances}
    found: dict[Symbol, int] = {}
    for each in instruments:
        units = _whole_units(each, held.pop(each.base, m.ZERO))
        if units:
            found[each.symbol] = units
    return found


def cash_micros(account: m.AccountText, instruments: Iterable[Instrument]) -> dict[str, int]:
    """Return what there is of what the pairs are paid in, in millionths.

    Raises:
        DataError: it is no amount.
    """
    wanted = {each.currency for each in instruments}
    return {each.asset: micros(each.free + each.locked) for each in account.balances if each.asset in wanted}


def side_of(text: str) -> Side:
    """Return a side.

    Raises:
        DataError: it is none.
    """
    side = SIDES.get(text)
    if side is None:
        raise DataError(f"expected BUY or SELL, found {clean(text, 16)}")
    return side


def changed_ns(order: m.OrderText) -> int:
    """Return when an order last changed, 0 where nothing says so.

    Raises:
        DataError: a time of it is none.
    """
    return max(time_ns(order.time), time_ns(order.update_time))


def time_ns(at_ms: int) -> int:
    """Return a time in nanoseconds, 0 for none.

    Raises:
        DataError: it is none that can be kept.
    """
    if at_ms > TIME_MS_MAX:
        raise DataError("expected a time of a sensible size")
    return max(0, at_ms) * NS_PER_MS


def optional_price(instrument: Instrument, price: Decimal) -> int | None:
    """Return a price in units, None for one of 0: that is how none is written.

    Raises:
        DataError: it is no price.
    """
    return rounded_price_units(instrument, price) if price else None


def _whole_units(instrument: Instrument, amount: Decimal) -> int:
    if not amount.is_finite() or not 0 <= amount <= UNITS_MAX:
        raise DataError(f"expected an amount of {clean(instrument.base, 16)}")
    return int(amount * instrument.size_scale)


def _is_at_once(kind: str, tif: str) -> bool:
    return kind == "MARKET" or tif in _AT_ONCE


def _fill_id(symbol: str, number: int) -> str:
    """Binance numbers the trades of each symbol."""
    return clean(f"{symbol}-{number}", ID_MAX)
