"""What the process itself uses: memory, and the pauses of the garbage collector."""

from __future__ import annotations

import gc
import resource
import sys
from collections.abc import Callable
from pathlib import Path

_STATM = Path("/proc/self/statm")
_DESCRIPTORS = Path("/dev/fd")
"""What is open, on every system that has such a folder."""


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


def cpu_seconds() -> float:
    """Return the processor time of the process so far, the system's on its behalf included, s."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def open_descriptors() -> int | None:
    """Return how many file descriptors are open; None where the system does not say."""
    try:
        return sum(1 for _ in _DESCRIPTORS.iterdir()) - 1  # the folder itself is open while it is read
    except OSError:
        return None


def open_descriptors_max() -> float:
    """Return how many may be open; infinity where there is no limit."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return float("inf") if limit == resource.RLIM_INFINITY else limit


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
