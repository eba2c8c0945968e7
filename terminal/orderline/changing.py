"""The same order with another price or size, as a line."""

from __future__ import annotations

from decimal import Decimal

from engine.messages.views import OrderView
from engine.model.instrument import Instrument
from engine.model.order import ExitPlan, OrderRequest, OrderType
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.format import figures
from terminal.orderline.describe import symbol_word
from terminal.orderline.strategies import strategy_word


def changed_line(
    request: OrderRequest,
    other: OrderRequest | None = None,
    *,
    instrument: Instrument,
    ticks: int,
    quantity: int,
) -> str:
    """Write the line of an order so many ticks dearer and of another size, in size units.

    A size is rounded down to the lot and never below one; a market order has no price to move. Exits stay
    where they are, and so does the stop of a pair.
    """
    words = [
        "b" if request.side is Side.BUY else "s",
        _lots(quantity, instrument),
        symbol_word(request.symbol),
    ]
    step = ticks * instrument.tick_units
    if request.limit is not None:
        words.append(f"@{_plain(instrument.price(max(instrument.tick_units, request.limit + step)))}")
    if request.stop is not None:
        moved = step if request.limit is None else 0
        words.append(f"stp={_plain(instrument.price(max(instrument.tick_units, request.stop + moved)))}")
    if request.type is OrderType.MARKET:
        words.append("mkt")
    if request.trail is not None:
        words.append(f"tr={_plain(instrument.price(request.trail))}")
    words += exit_words(request.plan, instrument)
    if other is not None:
        words += ["oco", _trigger(other, instrument)]
    words.append(request.tif.value)
    words += [word for word, on in (("ro", request.reduce_only), ("po", request.post_only)) if on]
    words += [strategy_word(request.strategy)] if request.strategy else []
    return " ".join(words)


def change_line(order: OrderView, desk: Desk) -> str:
    """Write the line that changes a working order, as it is now: m #12 p=180.50 q=200."""
    write = figures(desk.instruments[order.symbol])
    price = f" p={write.price(order.limit)}" if order.limit is not None else ""
    stop = f" stp={write.price(order.stop)}" if order.stop is not None and order.trail is None else ""
    return f"m #{order.number}{price}{stop} q={write.size(order.quantity).replace(',', '')}"


def changed_amendment(request: OrderRequest, *, instrument: Instrument, ticks: int, quantity: int) -> str:
    """Write the line that changes a working order to so many ticks dearer and another size, in size units."""
    step = ticks * instrument.tick_units
    words = [f"m #{request.number}"]
    for key, price in (("p", request.limit), ("stp", None if request.trail else request.stop)):
        if price is not None:
            words.append(f"{key}={_plain(instrument.price(max(instrument.tick_units, price + step)))}")
            step = 0
    return " ".join([*words, f"q={_lots(quantity, instrument)}"])


def _lots(quantity: int, instrument: Instrument) -> str:
    lots = max(1, quantity // instrument.lot_units)
    return _plain(instrument.size(lots * instrument.lot_units))


def _trigger(stop: OrderRequest, instrument: Instrument) -> str:
    if stop.trail is not None:
        return f"tr={_plain(instrument.price(stop.trail))}"
    return f"stp={_plain(instrument.price(stop.stop or 0))}"


def exit_words(plan: ExitPlan | None, instrument: Instrument) -> list[str]:
    """Write a plan as the options that say it."""
    if plan is None:
        return []
    levels = (("sl=", plan.stop), ("sl=tr", plan.trail), ("tp=", plan.target))
    return [f"{key}{_plain(instrument.price(level))}" for key, level in levels if level is not None]


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
