"""What the process itself uses: memory, and the pauses of the garbage collector."""

from __future__ import annotations

import gc
import resource
import sys
from collections.abc import Callable
from pathlib import Path

_STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Return the memory this process holds now; where only the peak is known, the peak."""
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except OSError:
        return peak_bytes()
    return pages * resource.getpagesize()


def peak_bytes() -> int:
    """Return the most memory this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def processor_ns() -> int:
    """Return the processor's time that this process took, of all its threads, in nanoseconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return round((used.ru_utime + used.ru_stime) * 1e9)


class CollectorPauses:
    """Measures how long the garbage collector holds everything up."""

    __slots__ = ("_began_ns", "_monotonic_ns", "collections", "longest_ns", "total_ns")

    def __init__(self, monotonic_ns: Callable[[], int]) -> None:
        self._monotonic_ns = monotonic_ns
        self._began_ns = 0
        self.collections = 0
        self.longest_ns = 0
        """The longest pause since `take_longest` was called."""
        self.total_ns = 0

    def watch(self) -> None:
        """Begin to listen."""
        gc.callbacks.append(self._heard)

    def leave(self) -> None:
        """Stop listening."""
        if self._heard in gc.callbacks:
            gc.callbacks.remove(self._heard)

    def take_longest(self) -> int:
        """Return the longest pause since the last call, in nanoseconds."""
        longest, self.longest_ns = self.longest_ns, 0
        return longest

    def _heard(self, phase: str, _info: dict[str, int]) -> None:
        now_ns = self._monotonic_ns()
        if phase == "start":
            self._began_ns = now_ns
            return
        pause_ns = now_ns - self._began_ns
        self.collections += 1
        self.total_ns += pause_ns
        self.longest_ns = max(self.longest_ns, pause_ns)
