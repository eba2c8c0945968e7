"""Splits and dividends: what changes a position without a fill."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from fractions import Fraction
from math import floor, trunc

from engine.model.instrument import MICROS
from engine.model.position import COST_SCALE, Position
from engine.portfolio.holding import Holding
from engine.portfolio.lot import Lot
from engine.portfolio.lots import Lots


def dividend_micros(position: Position, per_unit: Decimal) -> int:
    """Return what the position receives, in millionths of its currency, rounded to even."""
    size = Fraction(position.instrument.size_unit) * position.quantity
    return round(size * Fraction(per_unit) * MICROS)


def split(holding: Holding, ratio: Fraction, cash_price: int | None) -> int:
    """Multiply the quantity by `ratio` and return the profit of what is paid out, in scaled units.

    Cost stays as it is; the lots keep their order and opening time. What does not make a whole lot of the instrument leaves at
    `cash_price`, or at its average cost, as cash in lieu.
    """
    position = holding.position
    lot_units = position.instrument.lot_units
    exact = position.quantity * ratio
    whole = trunc(exact / lot_units) * lot_units
    rest = exact - whole
    released = floor(position.cost * rest / exact)
    proceeds = released if cash_price is None else floor(rest * cash_price * COST_SCALE)
    position.quantity = whole
    position.cost -= released
    _split_lots(holding.lots, ratio, whole, proceeds)
    return proceeds - released


def _split_lots(lots: Lots, ratio: Fraction, whole: int, proceeds: int) -> None:
    """Give every lot its new quantity so that they sum to `whole`; the fraction leaves the newest.

    A lot that comes to nothing hands its cost to the next, so that no cost is lost.
    """
    kept: deque[Lot] = deque()
    exact, given, carried = Fraction(0), 0, 0
    for lot in lots.open:
        exact += lot.quantity * ratio
        quantity = _towards(exact, whole) - given
        given += quantity
        carried += lot.cost
        if quantity:
            kept.append(Lot(quantity, carried, lot.fill_id, lot.opened_ns))
            carried = 0
    rest = exact - whole
    newest = kept[-1] if kept else None
    released = carried if newest is None else floor((newest.cost + carried) * rest / (newest.quantity + rest))
    if newest is not None:
        newest.cost += carried - released
    lots.open = kept
    lots.realised += proceeds - released


def _towards(exact: Fraction, whole: int) -> int:
    """Cut a running sum to whole units, never beyond the final one."""
    cut = trunc(exact)
    return min(cut, whole) if whole >= 0 and cut >= 0 else max(cut, whole)
