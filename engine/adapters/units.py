"""Decimal text to whole units and back, at the edge; what does not fit is malformed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.errors import DataError, InvalidValue
from engine.model.instrument import MICROS, Instrument, Symbol
from engine.model.text import clean

_ADJUSTED_MAX = 24
"""Powers of ten beyond which no price, size or amount is."""
ID_MAX = 64


class Units:
    """Converts what is said of a symbol by its instrument."""

    __slots__ = ("_instruments",)

    def __init__(self, instruments: Mapping[Symbol, Instrument]) -> None:
        self._instruments = instruments

    def instrument(self, symbol: str) -> Instrument:
        """Return the instrument of a symbol.

        Raises:
            DataError: it is not listed.
        """
        instrument = self._instruments.get(Symbol(symbol))
        if instrument is None:
            raise DataError(f"{clean(symbol, ID_MAX)} is not listed here")
        return instrument


def price_units(instrument: Instrument, price: Decimal) -> int:
    """Return a price above 0 in units.

    Raises:
        DataError: it is no such price.
    """
    units = _units(instrument.price_units, price)
    if units <= 0:
        raise DataError(f"expected a price above 0, found {price}")
    return units


def rounded_price_units(instrument: Instrument, price: Decimal) -> int:
    """Return a price above 0 in units, half a unit rounded to even: an average may be finer than any step.

    Raises:
        DataError: it is no such price.
    """
    rounded = (_sane(price) * instrument.price_scale).to_integral_value() / instrument.price_scale
    return price_units(instrument, rounded)


def optional_price_units(instrument: Instrument, price: Decimal | None) -> int | None:
    """Return a price in units, None for none.

    Raises:
        DataError: it is no price.
    """
    return None if price is None else price_units(instrument, price)


def size_units(instrument: Instrument, size: Decimal, *, least: int = 0) -> int:
    """Return a size in units, which is no less than `least`.

    Raises:
        DataError: it is no such size.
    """
    units = signed_units(instrument, size)
    if units < least:
        raise DataError(f"expected a size of at least {least}, found {size}")
    return units


def signed_units(instrument: Instrument, size: Decimal) -> int:
    """Return a size in units; below 0 is short.

    Raises:
        DataError: it is no size.
    """
    return _units(instrument.size_units, size)


def micros(amount: Decimal) -> int:
    """Return money in millionths, rounded half to even.

    Raises:
        DataError: it is no amount.
    """
    return int((_sane(amount) * MICROS).to_integral_value())


def _units(convert: Callable[[Decimal], int], value: Decimal) -> int:
    try:
        return convert(_sane(value))
    except InvalidValue as error:
        raise DataError(str(error)) from None


def _sane(value: Decimal) -> Decimal:
    """Return a number that is safe to reckon with: a huge exponent would take all memory there is."""
    if not value.is_finite() or not -_ADJUSTED_MAX <= value.adjusted() <= _ADJUSTED_MAX:
        raise DataError(f"expected a number of a sensible size, found {clean(str(value), 32)}")
    return value
