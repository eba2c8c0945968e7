"""One side of a venue's book as texts, and books to begin with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

TextLevel = tuple[str, str]
"""A price and a quantity, as they are written."""


@dataclass
class Side:
    """One side of a book: quantity by price, both as text."""

    best_is_high: bool
    levels: dict[str, str] = field(default_factory=dict)

    def ranked(self) -> list[TextLevel]:
        """Return all levels, best first."""
        return sorted(self.levels.items(), key=lambda level: Decimal(level[0]), reverse=self.best_is_high)

    def change(self, levels: Iterable[TextLevel]) -> None:
        """Set quantities; nothing is left of a level with none."""
        for price, quantity in levels:
            if Decimal(quantity):
                self.levels[price] = quantity
            else:
                self.levels.pop(price, None)


def ladder(
    price_decimals: int, qty_decimals: int, mid: Decimal, levels: int
) -> tuple[list[TextLevel], list[TextLevel]]:
    """Return bids and asks around a price, a step apart, each larger than the one before."""
    step = Decimal(1).scaleb(-price_decimals)

    def level(price: Decimal, rank: int) -> TextLevel:
        return f"{price:.{price_decimals}f}", f"{Decimal(rank) / 4:.{qty_decimals}f}"

    ranks = range(1, levels + 1)
    return [level(mid - step * n, n) for n in ranks], [level(mid + step * n, n) for n in ranks]
