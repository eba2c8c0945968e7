"""The last closed bars of one symbol, and what several features take from them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import fsum, log, sqrt
from typing import Final

from engine.model.bar import Bar
from engine.signals.bar_faults import GAP_INTERVALS
from engine.signals.features.vector import Flag
from engine.signals.splits import split_of

LEAST_DEVIATION: Final = 1e-12
"""Relative deviations below this are what rounding leaves of none."""
_GAP, _SPLIT, _NO_VOLUME = 1, 2, 4
_FLAGS: Final = tuple(
    tuple(
        flag
        for bit, flag in ((_GAP, Flag.GAP), (_SPLIT, Flag.SPLIT_LIKE), (_NO_VOLUME, Flag.NO_VOLUME))
        if mask & bit
    )
    for mask in range(8)
)


class Window:
    """A bounded number of bars, oldest first.

    Nothing is carried over from a bar that has left it, so values are the same to the last bit wherever
    the bars began. Sums are rounded once (`math.fsum`), ratios are of whole numbers, and so do not
    depend on the units that prices and volumes are counted in.
    """

    __slots__ = ("_deviations", "_marks", "bars", "closes", "reads_volume", "returns")

    def __init__(self, size: int, *, reads_volume: bool = True) -> None:
        self.reads_volume = reads_volume
        """Whether bars without volume are to be flagged."""
        self.bars: deque[Bar] = deque(maxlen=size)
        self.closes: deque[int] = deque(maxlen=size)
        self.returns: deque[float] = deque(maxlen=size - 1)
        """Logarithms of each close over the one before."""
        self._marks: deque[int] = deque(maxlen=size)
        self._deviations: dict[int, float] = {}

    def push(self, bar: Bar) -> None:
        """Take in the next bar."""
        mark = _NO_VOLUME if self.reads_volume and not bar.volume else 0
        if self.bars:
            before = self.bars[-1]
            self.returns.append(log(bar.close / before.close))
            if bar.start_ns - before.start_ns > GAP_INTERVALS * bar.interval_ns:
                mark |= _GAP
            if split_of(before.close, bar.close):
                mark |= _SPLIT
        self.bars.append(bar)
        self.closes.append(bar.close)
        self._marks.append(mark)
        self._deviations.clear()

    def empty(self) -> None:
        """Hold nothing."""
        self.bars.clear()
        self.closes.clear()
        self.returns.clear()
        self._marks.clear()

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What is to be known of the bars that are held."""
        marks = iter(self._marks)
        mask = next(marks, 0) & _NO_VOLUME  # the first one's step is from a bar that is not held
        for mark in marks:
            mask |= mark
        return _FLAGS[mask]

    def deviation(self, count: int) -> float:
        """Return the sample standard deviation of the last `count` one-bar returns; 0 where they don't move."""
        known = self._deviations.get(count)
        if known is None:
            known = self._deviations[count] = deviation(list(self.returns)[-count:])
        return known


def deviation(values: Sequence[float]) -> float:
    """Return the sample standard deviation (n - 1); 0 where it is no more than rounding leaves."""
    count = len(values)
    mean = fsum(values) / count
    apart = [value - mean for value in values]
    found = sqrt(fsum([each * each for each in apart]) / (count - 1))
    return found if found > LEAST_DEVIATION else 0.0
