"""What a split or a dividend would make of a position, in words, before it is booked."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from fractions import Fraction
from math import trunc

from engine.messages.commands import BookDividend, BookSplit
from engine.messages.views import PositionView
from engine.model.instrument import Instrument
from terminal.desk import Desk
from terminal.format import figures
from terminal.strips import Run


def split_runs(action: BookSplit, desk: Desk) -> list[Run]:
    """Return what is held before and after a split, and what is paid out."""
    instrument, position = desk.instruments[action.symbol], desk.positions.get(action.symbol)
    head: Run = (f" {action.symbol} {action.numerator}:{action.denominator}", "text+b")
    if position is None or not position.quantity:
        return [("SPLIT", "own+b"), head]
    write, lot = figures(instrument), instrument.lot_units
    exact = Fraction(position.quantity * action.numerator, action.denominator)
    whole = trunc(exact / lot) * lot
    sizes = f"  {write.quantity(position.quantity)} ▸ {write.quantity(whole)}"
    rest = exact - whole
    kept = f"{_plain(instrument, rest)} to cash {_at(action, desk)}" if rest else "same cost"
    average = _average(position, Fraction(action.denominator, action.numerator), instrument)
    return [("SPLIT", "own+b"), head, (sizes, "text"), (f" at {average}, {kept} ", "muted")]


def dividend_runs(action: BookDividend, desk: Desk) -> list[Run]:
    """Return what a dividend comes to on what is held."""
    instrument, position = desk.instruments[action.symbol], desk.positions.get(action.symbol)
    quantity = position.quantity if position is not None else 0
    paid = action.per_unit * instrument.size(quantity)
    working = sum(order.symbol == action.symbol for order in desk.working)
    kept = f", {working} working keep their prices" if working else ""
    return [
        ("DIVIDEND", "own+b"),
        (f" {action.symbol} {action.per_unit:f}", "text+b"),
        (f"  on {figures(instrument).quantity(quantity)} = ", "text"),
        (f"{_rounded(paid, 2):+,} {instrument.currency}", "up+b" if paid > 0 else "down+b"),
        (f" cash{kept} ", "muted"),
    ]


def _average(position: PositionView, factor: Fraction, instrument: Instrument) -> str:
    try:
        average = Fraction(Decimal(position.average_cost)) * factor
    except (InvalidOperation, ValueError):
        return "?"
    decimals = instrument.price_decimals + 2
    return f"{_rounded(Decimal(average.numerator) / average.denominator, decimals).normalize():f}"


def _plain(instrument: Instrument, units: Fraction) -> str:
    size = Fraction(instrument.size_unit) * units
    return f"{_rounded(Decimal(size.numerator) / size.denominator, 6).normalize():f}"


def _at(action: BookSplit, desk: Desk) -> str:
    if action.cash_price is None:
        return "at its cost"
    return f"at {figures(desk.instruments[action.symbol]).price(action.cash_price)}"


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
