"""Numbers as a trader reads them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from engine.model.instrument import MICROS, Instrument

_PPM_PER_PERCENT: Final = 10_000


def money(micros: int) -> str:
    """Write millionths of a currency with thousands marked, and cents where there are any."""
    amount = Decimal(micros) / MICROS
    return f"{amount:,.2f}".removesuffix(".00")


def size(instrument: Instrument, units: int) -> str:
    """Write a size without trailing zeros."""
    return _plain(instrument.size(units))


def price(instrument: Instrument, units: int) -> str:
    """Write a price with its tick's decimals, or more where it has more."""
    exact = instrument.price(units)
    shown = round(exact, instrument.price_decimals)
    return f"{shown:,f}" if shown == exact else _plain(exact)


def percent(ppm: float) -> str:
    """Write millionths as a percentage."""
    return f"{ppm / _PPM_PER_PERCENT:.2f} %"


def _plain(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
