"""What can be traded, and in which whole units its prices and sizes are counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import NewType

from engine.errors import InvalidValue

Symbol = NewType("Symbol", str)

MICROS = 1_000_000
"""Money on the hot path is counted in millionths of its currency."""

_UNITS_MAX = 10**18
"""Fits 64 bits, and holds what order books really show: 16,666,666 coins in steps of 1e-8."""


class AssetClass(StrEnum):
    """The kind of thing an instrument is; limits may differ by it."""

    EQUITY = "equity"
    FX = "fx"
    CRYPTO = "crypto"
    FUTURE = "future"
    INDEX = "index"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One listed thing and its rules.

    Prices travel as whole numbers of `price_unit`, sizes as whole numbers of `size_unit`; orders must
    lie on the coarser `tick` and `lot`.
    """

    symbol: Symbol
    venue: str
    asset_class: AssetClass
    currency: str
    """The currency of its price, ISO code or coin."""
    base: str = ""
    """What one unit is made of, for pairs ("EUR" of EURUSD); empty for shares."""
    description: str = ""
    price_unit: Decimal
    """The smallest price step that its market data can have."""
    tick: Decimal
    """The smallest price step of an order; a whole number of `price_unit`."""
    size_unit: Decimal
    """The smallest size step that its market data can have."""
    lot: Decimal
    """The smallest size step of an order; a whole number of `size_unit`."""
    size_min: Decimal = Decimal(0)
    notional_min: Decimal = Decimal(0)
    multiplier: Decimal = Decimal(1)
    """Money per price point and unit of size."""
    calendar: str = "24/7"
    """An exchange's MIC ("XNYS"), "FX" for the interbank week, or "24/7"."""
    tradable: bool = True
    """False for what can only be watched (an index, an inverse contract)."""

    price_scale: int = field(init=False)
    """How many price units make 1; feeds multiply by it."""
    size_scale: int = field(init=False)
    tick_units: int = field(init=False)
    lot_units: int = field(init=False)
    price_decimals: int = field(init=False)
    """Decimals to show of a price on the order tick."""
    size_decimals: int = field(init=False)
    micros_numerator: int = field(init=False)
    micros_denominator: int = field(init=False)

    def __post_init__(self) -> None:
        def derive(name: str, value: int) -> None:
            object.__setattr__(self, name, value)

        derive("price_scale", _whole(1 / self.price_unit, "price_unit"))
        derive("size_scale", _whole(1 / self.size_unit, "size_unit"))
        derive("tick_units", _whole(self.tick / self.price_unit, "tick"))
        derive("lot_units", _whole(self.lot / self.size_unit, "lot"))
        derive("price_decimals", _decimals(self.tick))
        derive("size_decimals", _decimals(self.lot))
        unit_micros = Fraction(self.price_unit * self.size_unit * self.multiplier) * MICROS
        derive("micros_numerator", unit_micros.numerator)
        derive("micros_denominator", unit_micros.denominator)

    def price_units(self, price: Decimal) -> int:
        """Return a price as a whole number of price units.

        Raises:
            InvalidValue: it is not finite, or not a multiple of the price unit.
        """
        return _to_units(price, self.price_scale, f"{self.symbol} price", self.price_unit)

    def size_units(self, size: Decimal) -> int:
        """Return a size as a whole number of size units.

        Raises:
            InvalidValue: it is not finite, or not a multiple of the size unit.
        """
        return _to_units(size, self.size_scale, f"{self.symbol} size", self.size_unit)

    def price(self, units: int) -> Decimal:
        """Return a price in currency per unit of size."""
        return units * self.price_unit

    def size(self, units: int) -> Decimal:
        """Return a size in shares, coins or contracts."""
        return units * self.size_unit

    def notional_micros(self, price_units: int, size_units: int) -> int:
        """Return price x size x multiplier in millionths of the currency, rounded down."""
        return price_units * size_units * self.micros_numerator // self.micros_denominator


def _whole(ratio: Decimal, name: str) -> int:
    if ratio < 1 or ratio != int(ratio):
        raise InvalidValue(f"{name}: expected a step that divides evenly, found a ratio of {ratio}")
    return int(ratio)


def _decimals(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -int(exponent))


def _to_units(value: Decimal, scale: int, what: str, step: Decimal) -> int:
    try:
        units = value * scale
        whole = int(units)
    except (InvalidOperation, ValueError, OverflowError):
        raise InvalidValue(f"{what}: expected a number, found {value}") from None
    if units != whole:
        raise InvalidValue(f"{what} {value} is not a multiple of {step}")
    if abs(whole) > _UNITS_MAX:
        raise InvalidValue(f"{what} {value} is too large")
    return whole
