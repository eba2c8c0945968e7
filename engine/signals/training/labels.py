"""What can be traded on: the return from the next open to the open a horizon later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.model.bar import Bar
from engine.signals.bar_faults import GAP_INTERVALS
from engine.signals.splits import split_of


class Forward(NamedTuple):
    """What comes of going long when the next bar opens."""

    begin_ns: int
    """When it is bought; not before what is known of the bar."""
    end_ns: int
    """When it is sold, and the label known."""
    earned: float
    """As a share of the price paid."""


class NoLabel(NamedTuple):
    """Why a bar has no label."""

    reason: str


Label = Forward | NoLabel
MakeLabels = Callable[[Sequence[Bar], int], list[Label]]

UNKNOWN_YET = NoLabel("the data ends before its label is known")
SPLIT = NoLabel("a price within its label moves like a split")
GAP = NoLabel("bars are missing within its label")


def forwards(bars: Sequence[Bar], horizon: int) -> list[Label]:
    """Return the label of each bar of one symbol.

    A move like a split's is nothing that anybody earned, and who can't sell for a week held longer than
    the horizon: neither is a label.
    """
    return [_forward(bars[place : place + 2 + horizon], horizon) for place in range(len(bars))]


def _forward(bars: Sequence[Bar], horizon: int) -> Label:
    if len(bars) < 2 + horizon:
        return UNKNOWN_YET
    entry, leaving = bars[1], bars[1 + horizon]
    for before, after in pairwise(bars):
        if after.start_ns - before.start_ns > GAP_INTERVALS * before.interval_ns:
            return GAP
        if split_of(before.close, after.open) or split_of(before.close, after.close):
            return SPLIT
    return Forward(entry.start_ns, leaving.start_ns, leaving.open / entry.open - 1)
