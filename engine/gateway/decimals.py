"""Whole numbers of units as decimals: what is told outside is exact, and is no float."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from engine.model.instrument import MICROS

_SCALES_MAX: Final = 256


def decimal(units: int, scale: int) -> str:
    """Write a number of units of which `scale` make 1; plainly, never with an exponent."""
    digits = _digits(scale)
    if digits is None:
        return format(Decimal(units) / scale, "f")
    if not digits:
        return str(units)
    whole, part = divmod(abs(units), scale)
    return f"{'-' if units < 0 else ''}{whole}.{part:0{digits}d}"


def money(micros: int) -> str:
    """Write an amount that is counted in millionths."""
    return decimal(micros, MICROS)


@lru_cache(maxsize=_SCALES_MAX)
def _digits(scale: int) -> int | None:
    """Return how many digits follow the point; None where units are no tenths, hundredths and so on."""
    text = str(scale)
    return len(text) - 1 if text.rstrip("0") == "1" else None
