"""Numbers and times as venues write them, as whole units and nanoseconds; exact, or not readable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from engine.errors import DataError
from engine.model.depth import Level
from engine.model.instrument import Instrument

UNITS_MAX = 10**18
"""Prices and sizes beyond this many units are not believed."""

_POWERS: tuple[int, ...] = tuple(10**n for n in range(64))
_DIGITS_MAX = 40
_ADJUSTED_MAX = 24
"""Powers of ten beyond which no number is written out."""
_CACHED_MAX = 16_384
_NS_PER_US = 1000


class Unreadable(DataError):
    """One message, row or line is malformed; `reason` is a short stable word."""

    def __init__(self, reason: str, found: str = "") -> None:
        super().__init__(f"{reason}: {found}" if found else reason)
        self.reason = reason
        self.found = found


def units_of_text(text: str, decimals: int) -> int:
    """Return a plain decimal number as a whole number of 10^-decimals.

    Raises:
        Unreadable: it is not a number, negative, too large, or has more decimals than fit.
    """
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _DIGITS_MAX:
        raise Unreadable(_why(text), text[:_DIGITS_MAX])
    excess = len(fraction) - decimals
    if excess <= 0:
        units = int(digits) * _POWERS[-excess]
    else:
        units, rest = divmod(int(digits), _POWERS[excess])
        if rest:
            raise Unreadable("off_grid", text)
    if units > UNITS_MAX:
        raise Unreadable("absurd_value", text)
    return units


def decimals_of_text(text: str) -> int:
    """Return how many decimals a number is written with."""
    return len(text.partition(".")[2])


def plain(text: str) -> str:
    """Write a number of JSON without an exponent: 1e-08 is 0.00000001; other texts stay as they are."""
    if "e" not in text and "E" not in text:
        return text
    try:
        value = Decimal(text)
    except ArithmeticError:
        return text
    return f"{value:f}" if value.is_finite() and abs(value.adjusted()) <= _ADJUSTED_MAX else text


def moment_ns(moment: datetime | None) -> int:
    """Return a time with its zone in nanoseconds since the epoch, 0 for none."""
    if moment is None or moment.tzinfo is None:
        return 0
    whole = int(moment.replace(microsecond=0).timestamp())
    return (whole * 1_000_000 + moment.microsecond) * _NS_PER_US


def _why(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return "not_a_number"
    if value < 0:
        return "negative_value"
    return "absurd_value" if abs(value) > UNITS_MAX else "not_a_number"


class UnitsCache(dict[str, int]):
    """Texts and their units: the same prices and sizes come again and again."""

    def __init__(self, decimals: int) -> None:
        super().__init__()
        self._decimals = decimals

    def __missing__(self, text: str) -> int:
        units = units_of_text(plain(text), self._decimals)
        if len(self) >= _CACHED_MAX:
            self.clear()
        self[text] = units
        return units


class TextUnits:
    """Reads the texts of one instrument; every method raises Unreadable for what is no number of units."""

    __slots__ = ("_sizes", "_units", "instrument")

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._units = UnitsCache(len(str(instrument.price_scale)) - 1)
        self._sizes = UnitsCache(len(str(instrument.size_scale)) - 1)

    def price(self, text: str) -> int:
        """Return a price in units, which is more than zero."""
        units = self._units[text]
        if not units:
            raise Unreadable("zero_price", text)
        return units

    def size(self, text: str) -> int:
        """Return a size in units; it may be zero."""
        return self._sizes[text]

    def touch(self, price: str, size: str) -> Level:
        """Return a best price and its size; a price of zero without size is an empty side."""
        units = self._sizes[size]
        if not units and not self._units[price]:
            return 0, 0
        return self.price(price), units

    def levels(self, pairs: Iterable[Sequence[str]]) -> tuple[Level, ...]:
        """Return book levels; each begins with a price and a size."""
        prices, sizes = self._units, self._sizes
        levels = tuple([(prices[pair[0]], sizes[pair[1]]) for pair in pairs])
        if not all(level[0] for level in levels):
            raise Unreadable("zero_price", "a level")
        return levels
