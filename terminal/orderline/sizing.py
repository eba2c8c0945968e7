"""Typed sizes to whole size units of an instrument."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

from engine.errors import InvalidValue
from engine.messages.views import AccountView
from engine.model.instrument import MICROS, Instrument, Symbol
from engine.model.order import OrderRequest, OrderStatus
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.orderline.errors import ResolveError
from terminal.orderline.lines import Intent, Money, PositionShare, PowerShare, Quantity, Risk, Units

LINE = "line"
"""The origin of what was typed on the order line."""

_REFUSED = frozenset({OrderStatus.DENIED, OrderStatus.REJECTED})


def quantity_units(
    quantity: Quantity,
    instrument: Instrument,
    desk: Desk,
    intent: Intent,
    price: int | None,
    distance: int | None = None,
) -> int:
    """Return a size; money and shares of something are rounded down to whole lots.

    `price` in price units is what money is divided by, `distance` of the stop what a risk is divided by.

    Raises:
        ResolveError: it is less than a lot or between two, or what it is a share of is not there.
    """
    if isinstance(quantity, Units):
        return typed_units(quantity.amount, instrument)
    if isinstance(quantity, PositionShare):
        return _of_position(quantity, instrument, held(desk, instrument), intent)
    if isinstance(quantity, Risk):
        _need_currency(instrument, desk.account)
        what = f"{quantity.amount:,f} {instrument.currency} at risk"
        return _of_money(Fraction(quantity.amount) * MICROS, what, instrument, distance)
    if isinstance(quantity, Money):
        _need_currency(instrument, desk.account)
        micros = Fraction(quantity.amount) * MICROS
        return _of_money(micros, f"{quantity.amount:,f} {instrument.currency}", instrument, price)
    return _of_power(quantity, instrument, desk.account, price)


def typed_units(amount: Decimal, instrument: Instrument) -> int:
    """Return a typed size, which has to be whole lots.

    Raises:
        ResolveError: it is not; says which sizes are near.
    """
    below = floor(Fraction(amount) / Fraction(instrument.lot))
    if below * instrument.lot != amount:
        lower, upper = below * instrument.lot, (below + 1) * instrument.lot
        near = f"{lower:f} or {upper:f}" if below else f"{upper:f}"
        raise ResolveError(
            f"{instrument.symbol} trades in lots of {instrument.lot:f}: {near}, not {amount:f}"
        )
    try:
        return instrument.size_units(amount)
    except InvalidValue as error:
        raise ResolveError(str(error)) from None


def held(desk: Desk, instrument: Instrument) -> int:
    """Return the position in size units, signed."""
    position = desk.positions.get(instrument.symbol)
    return position.quantity if position else 0


def flipped(request: OrderRequest, position: int) -> int:
    """Return how much of an order opens the other side of a position; 0 for one that only opens or only closes."""
    if request.reduce_only or position * request.side >= 0:
        return 0
    return max(0, request.quantity - abs(position))


def usual_size(symbol: Symbol, desk: Desk) -> int | None:
    """Return the size of the newest order of a symbol that was typed here and not refused; None without one.

    A pair's orders don't count: what fills of one is taken off the other.
    """
    for order in reversed(desk.orders.values()):
        if (
            order.symbol == symbol
            and order.origin == LINE
            and not order.group
            and order.status not in _REFUSED
        ):
            return order.quantity
    return None


def holding(instrument: Instrument, units: int) -> str:
    """Write a position as a trader says it: long 1,200 NVDA."""
    if not units:
        return f"flat in {instrument.symbol}"
    return (
        f"{'long' if units > 0 else 'short'} {instrument.size(abs(units)).normalize():,f} {instrument.symbol}"
    )


def _of_position(quantity: PositionShare, instrument: Instrument, position: int, intent: Intent) -> int:
    if not position:
        raise ResolveError(f"pos needs a position, and you are flat in {instrument.symbol}")
    if (position > 0) is (intent.side is Side.BUY):
        closing = "s" if position > 0 else "bc"
        raise ResolveError(
            f"pos closes, and you are {holding(instrument, position)}: {closing} pos closes it"
        )
    return _whole_lots(
        Fraction(abs(position)) / Fraction(quantity.divisor), "that part of the position", instrument
    )


def _of_power(
    quantity: PowerShare, instrument: Instrument, account: AccountView | None, price: int | None
) -> int:
    if account is None:
        raise ResolveError("the buying power is not known yet: type a size")
    _need_currency(instrument, account)
    micros = Fraction(max(0, account.buying_power_micros)) * Fraction(quantity.percent) / 100
    return _of_money(micros, f"{quantity.percent:f}% of the buying power", instrument, price)


def _need_currency(instrument: Instrument, account: AccountView | None) -> None:
    """Refuse to divide money of one currency by a price in another."""
    base = account.base_currency if account else "USD"
    if instrument.currency != base and not (base == "USD" and instrument.currency.startswith("USD")):
        raise ResolveError(
            f"{instrument.symbol} is priced in {instrument.currency} and your money is {base}: type a size"
        )


def _of_money(micros: Fraction, what: str, instrument: Instrument, price: int | None) -> int:
    if not price:
        raise ResolveError(f"{instrument.symbol} has no price yet to size by: type a size")
    unit_micros = Fraction(price * instrument.micros_numerator, instrument.micros_denominator)
    return _whole_lots(micros / unit_micros, what, instrument)


def _whole_lots(units: Fraction, what: str, instrument: Instrument) -> int:
    lots = floor(units / instrument.lot_units)
    if lots < 1:
        raise ResolveError(f"{what} is less than one lot of {instrument.symbol} ({instrument.lot:f})")
    return lots * instrument.lot_units
