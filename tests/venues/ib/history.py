"""A past that is made up, and always the same."""

from __future__ import annotations

import math
from decimal import Decimal

from tests.venues.ib.stock import Contract

MINUTE_S = 60
BARS_MAX = 1000


class Past:
    """Minutes of every contract, as far back as anybody asks."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def minutes(self, contract: Contract, until_s: float, span_s: float) -> list[list[object]]:
        """Return bars of a minute each, oldest first: start, open, high, low, close, volume, mean, count."""
        last = int(until_s // MINUTE_S)
        first = max(last - int(span_s // MINUTE_S), last - BARS_MAX)
        return [self._bar(contract, minute) for minute in range(first, last)]

    def _bar(self, contract: Contract, minute: int) -> list[object]:
        begin, end = self._price(contract, minute), self._price(contract, minute + 1)
        high, low = max(begin, end) + contract.tick, min(begin, end) - contract.tick
        mean = (high + low) / 2
        return [minute * MINUTE_S, begin, high, low, end, 100 + minute % 50, mean, 7]

    def _price(self, contract: Contract, minute: int) -> Decimal:
        away = round(20 * math.sin((minute + self._seed) / 30))
        return (1000 + away) * contract.tick
