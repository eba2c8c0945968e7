"""Fits parts of different worth into one row."""

from __future__ import annotations

from collections.abc import Iterable

from terminal.strips import Run

Part = tuple[int, list[Run]]
"""How soon it gives way, 0 last, and what it says."""


def fitted(parts: Iterable[Part], width: int) -> list[Run]:
    """Return one row of the parts that fit, in their order, spread evenly.

    The least important ones give way until the rest fits with two cells between neighbours; empty ones are left out.
    """
    left = [part for part in parts if part[1]]
    while len(left) > 1 and sum(room_of(runs) + 2 for _, runs in left) > width:
        worst = max(rank for rank, _ in left)
        del left[max(index for index, (rank, _) in enumerate(left) if rank == worst)]
    return _spread([runs for _, runs in left], width)


def room_of(runs: Iterable[Run]) -> int:
    """Return how many cells runs of narrow characters take."""
    return sum(len(text) for text, _ in runs)


def _spread(parts: list[list[Run]], width: int) -> list[Run]:
    gaps = max(1, len(parts) - 1)
    free = max(0, width - sum(room_of(runs) for runs in parts) - 1)
    share, extra = divmod(free, gaps)
    row: list[Run] = []
    for index, runs in enumerate(parts):
        row += runs
        if index < gaps:
            row.append((" " * (share + (1 if index < extra else 0)), "text"))
    return row
