"""Amounts in other currencies, each turned into the base currency at the rate of its own moment."""

from __future__ import annotations

from engine.model.account import CurrencyRates


class Converted:
    """A running amount: what it came to in each currency, and what that was worth when it came."""

    __slots__ = ("_rates", "base_e9", "local")

    def __init__(self, rates: CurrencyRates) -> None:
        self._rates = rates
        self.local: dict[str, int] = {}
        """What it came to in each currency."""
        self.base_e9 = 0
        """The whole in the base currency, in billionths of the unit it was added in."""

    def add(self, amount: int, currency: str, rate: int | None) -> None:
        """Add an amount of a currency at the rate of its moment; without one it is not counted yet."""
        if rate is not None:
            self.local[currency] = self.local.get(currency, 0) + amount
            self.base_e9 += amount * rate

    def drift_e9(self) -> int:
        """Return how much its worth in base has changed since it came, in billionths."""
        now = sum(amount * (self._rates.get(currency) or 0) for currency, amount in self.local.items())
        return now - self.base_e9
