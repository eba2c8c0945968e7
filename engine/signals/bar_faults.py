"""What makes a bar one that nothing may be worked out from, live and in a file."""

from __future__ import annotations

from typing import Final

from engine.model.bar import Bar

GAP_INTERVALS: Final = 5
"""Steps that are longer than so many intervals are gaps: a long weekend of daily bars is four."""
NOT_POSITIVE = "a price is not positive"
HIGH_TOO_LOW = "the high is below the open or the close"
LOW_TOO_HIGH = "the low is above the open or the close"
NEGATIVE_VOLUME = "the volume is negative"


def faults_of(bar: Bar) -> tuple[str, ...]:
    """Return what is wrong with a bar's own numbers; nothing for a bar that can be."""
    if (
        0 < bar.low <= bar.open <= bar.high and bar.low <= bar.close <= bar.high and bar.volume >= 0
    ):  # what nearly every bar is
        return ()
    found = []
    if min(bar.open, bar.high, bar.low, bar.close) <= 0:
        found.append(NOT_POSITIVE)
    if bar.high < max(bar.open, bar.close):
        found.append(HIGH_TOO_LOW)
    if bar.low > min(bar.open, bar.close):
        found.append(LOW_TOO_HIGH)
    if bar.volume < 0:
        found.append(NEGATIVE_VOLUME)
    return tuple(found)
