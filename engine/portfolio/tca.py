"""What an order cost to trade; a cost is a positive number. Exact, in the instrument's currency.

Perold (1988): the shortfall against the decision price, over what was filled and what was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.model.trade import Side

_BPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One finished order and the prices around it, as exact numbers."""

    side: Side
    quantity: Fraction
    """What was wanted."""
    decision: Fraction
    """The mid when the trader decided."""
    arrival: Fraction
    """The mid when the venue accepted the order."""
    fills: Sequence[tuple[Fraction, Fraction]]
    """Quantity and price of each."""
    close: Fraction
    """The price at which what was not filled is given up."""
    fees: Fraction = Fraction(0)

    @property
    def filled(self) -> Fraction:
        """What was traded."""
        return sum((quantity for quantity, _ in self.fills), Fraction(0))

    @property
    def average_price(self) -> Fraction | None:
        """The mean price of the fills; None without any."""
        paid = sum((quantity * price for quantity, price in self.fills), Fraction(0))
        return paid / self.filled if self.filled else None

    def slippage_bps(self, against: Fraction) -> Fraction | None:
        """Return how much worse than a price the fills were, in basis points of it."""
        average = self.average_price
        return None if average is None else self.side * (average - against) / against * _BPS

    @property
    def delay_cost(self) -> Fraction:
        """What the move from decision to arrival cost, on what was filled."""
        return self.side * (self.arrival - self.decision) * self.filled

    @property
    def trading_cost(self) -> Fraction:
        """What the move from arrival to the fills cost."""
        average = self.average_price
        return Fraction(0) if average is None else self.side * (average - self.arrival) * self.filled

    @property
    def opportunity_cost(self) -> Fraction:
        """What the move from decision to the close cost, on what was not filled."""
        return self.side * (self.close - self.decision) * (self.quantity - self.filled)

    @property
    def shortfall(self) -> Fraction:
        """Delay, trading, opportunity and fees together."""
        return self.delay_cost + self.trading_cost + self.opportunity_cost + self.fees

    @property
    def shortfall_bps(self) -> Fraction:
        """The shortfall in basis points of what was decided on."""
        return self.shortfall / (self.decision * self.quantity) * _BPS
