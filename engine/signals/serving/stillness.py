"""Tells a market in which nothing happens from a feed that stands still: one says something new now and then, the other the same again."""

from __future__ import annotations

from typing import NamedTuple

from engine.model.bar import Bar


class Seen(NamedTuple):
    """What is seen of a market at a moment."""

    price: int
    """Its mark, in price units."""
    touch: tuple[int, ...] = ()
    """Prices and sizes of both sides; nothing where nobody quotes."""
    is_shut: bool = False
    """Whether it is closed or halted, so that nothing new is to be expected."""


class Stillness:
    """Counts the bars of one symbol that brought nothing new: no price, no size on either side, no trade."""

    __slots__ = ("_before", "bars", "has_volume")

    def __init__(self) -> None:
        self.bars = 0
        """How many in a row did."""
        self.has_volume = False
        """Whether anything was traded in the newest."""
        self._before: tuple[int, ...] = ()

    def close(self, bar: Bar, seen: Seen) -> None:
        """Take a closed bar and what is seen at its end."""
        now, self.has_volume = (bar.close, *seen.touch), bar.volume > 0
        is_new = now != self._before or bar.high > bar.low or self.has_volume
        self.bars = 0 if is_new or seen.is_shut else self.bars + 1
        self._before = now
