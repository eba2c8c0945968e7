"""What booking does to a holding: the same when it happens, and when the holding is built again."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from msgspec.structs import replace

from engine.messages.state import Booked, BookedDividend, BookedFill
from engine.model.position import COST_SCALE
from engine.model.trade import Side
from engine.portfolio.corporate_actions import dividend_micros, split
from engine.portfolio.holding import Holding

_BUY: Final = Side.BUY


def book_fill(holding: Holding, booked: BookedFill) -> None:
    """Take a fill into position, lots and fees."""
    fill, position = booked.fill, holding.position
    held, price, fee_micros, event_ns = position.quantity, fill.price, fill.fee_micros, fill.event_ns
    signed = fill.quantity if fill.side is _BUY else -fill.quantity
    holding.lots.add(fill.fill_id, signed, price, event_ns)
    if held and (held > 0) != (signed > 0):
        _reduce(holding, signed, price, booked.rate)
    else:
        position.quantity = held + signed
        position.cost += signed * price * COST_SCALE
    if fee_micros:
        holding.charge(fee_micros, fill.fee_currency or holding.currency, booked.fee_rate)
    position.updated_ns = event_ns


def book(holding: Holding, booked: Booked) -> None:
    """Take anything in; splits and dividends mean what is held then."""
    if isinstance(booked, BookedFill):
        book_fill(holding, booked)
    elif not holding.position.quantity:
        return
    elif isinstance(booked, BookedDividend):
        holding.pay(dividend_micros(holding.position, booked.per_unit), booked.rate)
    else:
        ratio = Fraction(booked.numerator, booked.denominator)
        holding.realise(split(holding, ratio, booked.cash_price), booked.rate)


def rebuild(holding: Holding) -> None:
    """Build a holding again from what is booked, at the rates it was booked at."""
    holding.clear()
    for booked in holding.entries().values():
        book(holding, booked)


def lacks_rate(booked: Booked) -> bool:
    """Return whether a rate that it needs was not known when it was booked."""
    if booked.rate is None:
        return True
    return isinstance(booked, BookedFill) and bool(booked.fill.fee_micros) and booked.fee_rate is None


def give_rates(holding: Holding, rate_of: Callable[[str], int | None]) -> bool:
    """Write the rates that are known by now where they were not; return whether none is lacking."""
    whole, entries = True, holding.entries()
    for key, booked in entries.items():
        if lacks_rate(booked):
            rated = _rated(holding, booked, rate_of)
            whole = whole and not lacks_rate(rated)
            entries[key] = rated
    return whole


def _rated(holding: Holding, booked: Booked, rate_of: Callable[[str], int | None]) -> Booked:
    if booked.rate is None:
        booked = replace(booked, rate=rate_of(holding.currency))
    if isinstance(booked, BookedFill) and booked.fill.fee_micros and booked.fee_rate is None:
        booked = replace(booked, fee_rate=rate_of(booked.fill.fee_currency or holding.currency))
    return booked


def _reduce(holding: Holding, signed: int, price: int, rate: int | None) -> None:
    """Close some or all at average cost; what goes through zero opens at the fill's own price."""
    position = holding.position
    held = position.quantity
    if abs(signed) < abs(held):
        closed = -signed
        released = position.cost * closed // held
        position.cost -= released
    else:
        closed = held
        released = position.cost
        position.cost = (held + signed) * price * COST_SCALE
    position.quantity = held + signed
    holding.realise(closed * price * COST_SCALE - released, rate)
