"""A book with price-time priority, for any venue: the best price first, and at a price who came first."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
Level = tuple[Decimal, Decimal]
"""A price, and how much there is at it."""


@dataclass(eq=False)
class Resting:
    """What waits in the book."""

    owner: str
    side: str
    price: Decimal
    quantity: Decimal
    order_id: str = ""

    @property
    def rank(self) -> Decimal:
        """Lower is better."""
        return -self.price if self.side == "buy" else self.price


@dataclass(frozen=True)
class Execution:
    """A part of what waited, taken."""

    maker: Resting
    price: Decimal
    quantity: Decimal


def opposite(side: str) -> str:
    """Return the other side."""
    return "sell" if side == "buy" else "buy"


class PriceTimeBook:
    """Both sides of a book; nobody takes from himself."""

    def __init__(self) -> None:
        self._sides: dict[str, list[Resting]] = {"buy": [], "sell": []}

    def rest(self, entry: Resting) -> None:
        """Put in behind those at the same price."""
        insort(self._sides[entry.side], entry, key=lambda each: each.rank)

    def remove(self, entry: Resting) -> None:
        """Take out; what is no longer in is let be."""
        if entry in self._sides[entry.side]:
            self._sides[entry.side].remove(entry)

    def clear(self, owner: str) -> None:
        """Take out all that somebody has."""
        for side in self._sides.values():
            side[:] = [each for each in side if each.owner != owner]

    def take(self, side: str, quantity: Decimal, limit: Decimal | None, owner: str) -> list[Execution]:
        """Trade at once as far as the limit and the other side go."""
        made: list[Execution] = []
        for maker in list(self._within(side, limit, owner)):
            part = min(quantity, maker.quantity)
            if part <= ZERO:
                break
            maker.quantity -= part
            quantity -= part
            made.append(Execution(maker, maker.price, part))
            if not maker.quantity:
                self.remove(maker)
        return made

    def available(self, side: str, limit: Decimal | None, owner: str) -> Decimal:
        """Return how much an order could take at once."""
        return sum((each.quantity for each in self._within(side, limit, owner)), ZERO)

    def _within(self, side: str, limit: Decimal | None, owner: str) -> Iterator[Resting]:
        for each in self._sides[opposite(side)]:
            if limit is not None and (each.price > limit if side == "buy" else each.price < limit):
                return
            if each.owner != owner:
                yield each

    def levels(self, side: str, count: int | None = None) -> list[Level]:
        """Return prices with what is at them, best first."""
        found: dict[Decimal, Decimal] = {}
        for each in self._sides[side]:
            found[each.price] = found.get(each.price, ZERO) + each.quantity
        return list(found.items())[:count]

    def best(self, side: str) -> Level | None:
        """Return the best level of a side."""
        return next(iter(self.levels(side, 1)), None)
