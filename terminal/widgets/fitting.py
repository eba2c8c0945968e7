"""Fits parts of different worth into one row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from terminal.strips import Run


class Part(NamedTuple):
    """One thing that a row says."""

    rank: int
    """How soon it gives way, 0 last."""
    runs: list[Run]
    opens: str = ""
    """The action of the screen that a click on it asks for; empty for none."""


class Placed(NamedTuple):
    """A part and where it begins."""

    start: int
    part: Part

    @property
    def end(self) -> int:
        """The cell behind it."""
        return self.start + room_of(self.part.runs)


def fitted(parts: Iterable[Part], width: int) -> list[Run]:
    """Return one row of the parts that fit; see `placed`."""
    return row_of(placed(parts, width))


def placed(parts: Iterable[Part], width: int) -> list[Placed]:
    """Return the parts that fit in their order, spread evenly over a width.

    The least important ones give way until the rest fits with two cells between neighbours; empty ones are left out.
    """
    left = [part for part in parts if part.runs]
    while len(left) > 1 and sum(room_of(part.runs) + 2 for part in left) > width:
        worst = max(part.rank for part in left)
        del left[max(index for index, part in enumerate(left) if part.rank == worst)]
    gaps = max(1, len(left) - 1)
    free = max(0, width - sum(room_of(part.runs) for part in left) - 1)
    share, extra = divmod(free, gaps)
    found: list[Placed] = []
    start = 0
    for index, part in enumerate(left):
        found.append(Placed(start, part))
        start = found[-1].end + share + (1 if index < extra else 0)
    return found


def row_of(parts: Iterable[Placed]) -> list[Run]:
    """Return the runs of placed parts, with what lies between them."""
    row: list[Run] = []
    end = 0
    for each in parts:
        row += [(" " * (each.start - end), "text"), *each.part.runs]
        end = each.end
    return row


def room_of(runs: Iterable[Run]) -> int:
    """Return how many cells runs of narrow characters take."""
    return sum(len(text) for text, _ in runs)
