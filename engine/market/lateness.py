"""How late a source's messages are, whatever its clock says compared with ours."""

from __future__ import annotations

from typing import Final

from engine.clock import NS_PER_S

NEVER: Final = (1 << 62) - 1
"""The largest number that compiled code compares without making an object of it."""
AGREEING_MIN: Final = 3
"""Messages in a row that must claim a time far in our future before they are believed."""
STEADY_FOR_NS: Final = 60 * NS_PER_S
STEADY_WITHIN_NS: Final = NS_PER_S


class SourceClock:
    """Measures the lag (receive - event) of one source and judges it against the least lag seen.

    The least lag is the clock skew plus the fastest transport; it is negative where our clock is behind.
    It only falls: a queue that builds up must not pass for a skew. A lag that is late but steady to
    a second for a minute is a clock that was set, and is learned.
    """

    __slots__ = ("_agreeing", "_late_after_ns", "_late_lag_ns", "_late_since_ns", "floor_ns", "late_ns")

    def __init__(self, late_after_s: float) -> None:
        self._late_after_ns = int(late_after_s * NS_PER_S)
        self.forget()

    def forget(self) -> None:
        """Measure anew, as after a reconnection."""
        self.floor_ns = NEVER
        """The least lag seen; anything less is for `is_late` to judge."""
        self.late_ns = NEVER
        """The lag above which a message may be late; likewise."""
        self._agreeing = 0
        self._late_lag_ns = NEVER
        self._late_since_ns = 0

    def is_late(self, lag_ns: int, receive_ns: int) -> bool:
        """Judge a lag outside `floor_ns`..`late_ns`, and learn from it."""
        if lag_ns < self.floor_ns:
            return self._is_implausible(lag_ns)
        return lag_ns > self.late_ns and not self._is_new_skew(lag_ns, receive_ns)

    def _is_implausible(self, lag_ns: int) -> bool:
        known, patience_ns = self.floor_ns != NEVER, self._late_after_ns or NEVER
        leap = known and lag_ns < min(0, self.floor_ns) - patience_ns
        self._agreeing = self._agreeing + 1 if leap else 0
        if leap and self._agreeing < AGREEING_MIN:
            return True
        self._set_floor(lag_ns)
        return False

    def _is_new_skew(self, lag_ns: int, receive_ns: int) -> bool:
        if abs(lag_ns - self._late_lag_ns) > STEADY_WITHIN_NS:
            self._late_lag_ns = lag_ns
            self._late_since_ns = receive_ns
        elif receive_ns - self._late_since_ns > STEADY_FOR_NS:
            self._set_floor(lag_ns)
            return True
        return False

    def _set_floor(self, lag_ns: int) -> None:
        self.floor_ns = lag_ns
        self.late_ns = lag_ns + self._late_after_ns if self._late_after_ns else NEVER
        self._agreeing = 0
