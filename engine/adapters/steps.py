"""The steps of an instrument as a venue writes them, and the unit in which its prices or sizes are counted."""

from __future__ import annotations

from decimal import Decimal

from engine.adapters.texts import Unreadable
from engine.model.text import clean

DECIMALS_MAX = 12
UNITS_DIGITS = 16
"""Of the largest order in units; a level of a book holds many orders, and fits 18."""
_DIGITS_MAX = 40


def amount(text: str) -> Decimal:
    """Return a number, 0 for nothing.

    Raises:
        Unreadable: it is none.
    """
    if not text:
        return Decimal(0)
    digits = text.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or len(text) > _DIGITS_MAX:
        raise Unreadable("not_a_number", clean(text, _DIGITS_MAX))
    return Decimal(text)


def unit_of(step: Decimal, decimals: int, most: str) -> Decimal:
    """Return a unit of so many decimals, or more where the step has them; fewer where that leaves no room for what is most.

    Raises:
        Unreadable: what is most is no number.
    """
    room = UNITS_DIGITS - len(str(int(amount(most))))
    return Decimal(1).scaleb(-max(-int(step.as_tuple().exponent), min(decimals, room), 0))
