"""One side of an order book: sizes by price, and the prices in order."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from engine.model.depth import Level
from engine.model.quote import NO_PRICE
from engine.model.trade import Side


class BookSide:
    """Keeps levels so that looking one up, changing it and finding the best are all cheap.

    The prices are kept in a list with the best one last, where books change most; asks are kept
    negated, so that one order serves both sides.
    """

    __slots__ = ("_keys", "_sign", "sizes")

    def __init__(self, side: Side) -> None:
        self._sign = int(side)
        self._keys: list[int] = []
        self.sizes: dict[int, int] = {}
        """Size by price; to be read only."""

    def __len__(self) -> int:
        return len(self.sizes)

    def __iter__(self) -> Iterator[Level]:
        sign, sizes = self._sign, self.sizes
        return ((sign * key, sizes[sign * key]) for key in reversed(self._keys))

    @property
    def best(self) -> int:
        """The best price, `NO_PRICE` when the side is empty."""
        return self._sign * self._keys[-1] if self._keys else NO_PRICE

    def replace(self, levels: Iterable[Level]) -> None:
        """Forget everything and hold these levels instead."""
        self.sizes.clear()
        self.sizes.update((price, size) for price, size in levels if size)
        self._keys[:] = sorted(self._sign * price for price in self.sizes)

    def apply(self, levels: Iterable[Level]) -> None:
        """Set the size at each price; size 0 removes the level."""
        sizes, keys, sign = self.sizes, self._keys, self._sign
        for price, size in levels:
            if size:
                if price not in sizes:
                    insort(keys, sign * price)
                sizes[price] = size
            elif sizes.pop(price, 0):
                del keys[bisect_left(keys, sign * price)]

    def truncate(self, depth: int) -> None:
        """Drop the worst levels beyond a number of levels."""
        surplus = len(self._keys) - depth
        if surplus > 0:
            for key in self._keys[:surplus]:
                del self.sizes[self._sign * key]
            del self._keys[:surplus]

    def top(self, count: int) -> tuple[Level, ...]:
        """Return the best levels, best first."""
        if count <= 0:
            return ()
        sign, sizes = self._sign, self.sizes
        return tuple([(sign * key, sizes[sign * key]) for key in self._keys[: -count - 1 : -1]])
