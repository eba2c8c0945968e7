"""A position: derived from fills, never edited."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from engine.model.instrument import Instrument, Symbol

COST_SCALE: Final = 10**9
"""Cost is kept in price unit x size unit, times this, so that averages lose nothing that shows."""


class Position:
    """What is held of one symbol; only the ledger writes it. Quantity in size units, signed."""

    __slots__ = (
        "cost",
        "dividends_micros",
        "fees_micros",
        "instrument",
        "quantity",
        "realised",
        "symbol",
        "updated_ns",
        "version",
    )

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.symbol: Symbol = instrument.symbol
        self.quantity = 0
        self.cost = 0
        """Signed cost of what is open at average cost, fees apart, in scaled units."""
        self.realised = 0
        """Profit of what was closed, fees apart, in scaled units."""
        self.fees_micros = 0
        """Fees charged in the instrument's currency; those in another are kept by the ledger."""
        self.dividends_micros = 0
        """Received less paid, in millionths of the instrument's currency."""
        self.updated_ns = 0
        self.version = 0

    @property
    def average_cost(self) -> Decimal | None:
        """The average price paid for what is open; None when flat."""
        if not self.quantity:
            return None
        return Decimal(self.cost) / (self.quantity * COST_SCALE) * self.instrument.price_unit

    def unrealised(self, mark: int) -> int:
        """Return the open profit at a mark in price units, in scaled units."""
        return self.quantity * mark * COST_SCALE - self.cost

    def micros(self, scaled: int) -> int:
        """Return scaled units as millionths of the instrument's currency, rounded half to even."""
        return round_half_even(
            scaled * self.instrument.micros_numerator, COST_SCALE * self.instrument.micros_denominator
        )


def round_half_even(numerator: int, denominator: int) -> int:
    """Divide whole numbers, to the nearest whole number, ties to even; the denominator is positive."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + (twice > denominator or (twice == denominator and quotient % 2 == 1))
