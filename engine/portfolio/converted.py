"""Amounts in other currencies, each turned into the base currency at the rate of its own moment."""

from __future__ import annotations

from engine.model.account import CurrencyRates


class Converted:
    """A running amount: what it came to in each currency, and what that was worth when it came.

    An amount whose rate is not known waits; it is converted at the first rate that `settle` sees.
    """

    __slots__ = ("_base_e9", "_local", "_rates", "_waiting")

    def __init__(self, rates: CurrencyRates) -> None:
        self._rates = rates
        self._local: dict[str, int] = {}
        self._base_e9: dict[str, int] = {}
        self._waiting: dict[str, int] = {}

    def add(self, amount: int, currency: str) -> None:
        """Add an amount of a currency, converting it now if its rate is known."""
        rate = self._rates.get(currency)
        if rate is None:
            self._waiting[currency] = self._waiting.get(currency, 0) + amount
            return
        self._local[currency] = self._local.get(currency, 0) + amount
        self._base_e9[currency] = self._base_e9.get(currency, 0) + amount * rate

    def settle(self) -> None:
        """Convert what waited for a rate that is known by now."""
        for currency in [name for name in self._waiting if self._rates.get(name) is not None]:
            self.add(self._waiting.pop(currency), currency)

    @property
    def base_e9(self) -> int:
        """The whole in the base currency, in billionths of the unit it was added in."""
        return sum(self._base_e9.values())

    @property
    def waits(self) -> bool:
        """Whether some of it has no rate yet and is not counted."""
        return bool(self._waiting)

    def drift_e9(self) -> int:
        """Return how much its worth in base has changed since it came, in billionths."""
        now = sum(amount * (self._rates.get(currency) or 0) for currency, amount in self._local.items())
        return now - self.base_e9
