"""The rows of what the process takes of its machine: processor, memory, the garbage collector."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from typing import Final

from engine.clock import NS_PER_MS, NS_PER_S
from engine.messages.views import HealthState
from engine.observe.health import Reading
from engine.observe.process import (
    CollectorPauses,
    cpu_seconds,
    open_descriptors,
    open_descriptors_max,
    peak_bytes,
    resident_bytes,
)
from engine.rooms import Rooms

MEGABYTE: Final = 1024 * 1024
LOOKS: Final = 60
"""Looks, a second apart, of which the longest pause of the collector is told."""
START_LOOKS: Final = 10
"""Looks of the start: what is loaded then is collected once, on purpose."""
BUSY_LOOKS: Final = 10
"""Looks over which the processor's share is measured: a burst is no trouble."""
BUSY_PERCENT: Final = 90.0
"""Above this share of one processor the engine and the screen, which take turns, wait for each other."""
PAUSE_BAD_MS: Final = 50.0
MEMORY_BAD: Final = 2 * 1024 * MEGABYTE
FILES_LOW: Final = 0.8
"""Part of the descriptors that may be open from which on it is not well."""
FILES_BAD: Final = 0.95
"""From here on the next connection may find none."""
_PERCENTS: Final = (5, 10, 25, 50, 75, 90, 100, 150, 200, 400, 800)
_PAUSES_MS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000)


class MachineRows:
    """Asks the process what it takes; in steps, since these digits never rest."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self.pauses = CollectorPauses(rooms.clock.monotonic_ns)
        """How long the garbage collector holds everything up."""
        self._resident = self._peak = 0
        self._looks = 0
        self._longest_ms: deque[float] = deque(maxlen=LOOKS)
        self._spent: deque[tuple[int, int]] = deque(maxlen=BUSY_LOOKS + 1)
        """At each look: steady time, and the processor's time that was taken until then."""

    def register(self) -> None:
        """Put the rows on the board."""
        board = self._rooms.health
        board.register("cpu", "cpu", self._cpu)
        board.register("gc", "gc", self._gc, needs=("memory",))
        board.register("memory", "memory", self._memory)
        board.register("files", "open files", self._files)

    def _cpu(self) -> Reading:
        self._spent.append((self._rooms.clock.monotonic_ns(), round(cpu_seconds() * NS_PER_S)))
        passed_ns = self._spent[-1][0] - self._spent[0][0]
        if passed_ns < NS_PER_S:
            return Reading(HealthState.OFF, "none yet")
        percent = 100 * (self._spent[-1][1] - self._spent[0][1]) / passed_ns
        playback = self._rooms.playback
        by_choice = playback is not None and not playback.speed
        state = HealthState.DEGRADED if percent > BUSY_PERCENT and not by_choice else HealthState.OK
        detail = "as fast as it can, by choice" if by_choice else "of one processor, over 10 s"
        return Reading(state, f"≤ {_step(percent, _PERCENTS)}%", detail, round(percent))

    def _gc(self) -> Reading:
        longest_ns = self.pauses.take_longest()
        self._looks += 1
        if self._looks > START_LOOKS:
            self._longest_ms.append(longest_ns / NS_PER_MS)
        if not self._longest_ms:
            return Reading(HealthState.OFF, "none yet", "the start itself does not count")
        longest_ms = max(self._longest_ms)
        state = HealthState.DEGRADED if longest_ms > PAUSE_BAD_MS else HealthState.OK
        value = f"≤ {_step(longest_ms, _PAUSES_MS)} ms" if longest_ms else "no pause"
        return Reading(state, value, "the longest pause of the last minute", longest_ms)

    def _memory(self) -> Reading:
        resident, peak = resident_bytes(), peak_bytes()
        if abs(resident - self._resident) >= MEGABYTE:  # less is the allocator's breath
            self._resident, self._peak = resident, max(peak, resident)
        value, most = f"{self._resident / MEGABYTE:,.0f} MB", f"{self._peak / MEGABYTE:,.0f} MB at most"
        if self._resident > MEMORY_BAD:
            return Reading(
                HealthState.DEGRADED, value, f"more than {MEMORY_BAD // MEGABYTE:,} MB · {most}", resident
            )
        return Reading(HealthState.OK, value, most, resident)

    def _files(self) -> Reading:
        count, most = open_descriptors(), open_descriptors_max()
        if count is None or most <= 0:
            return Reading(HealthState.OFF, "not told", "this system does not say how many files are open")
        used = count / most
        if not used:
            return Reading(HealthState.OK, "≤ 5%", "the system sets no limit", count)
        value, detail = f"≤ {_step(100 * used, _PERCENTS)}%", f"of {most:,.0f} files and connections"
        if used <= FILES_LOW:
            return Reading(HealthState.OK, value, detail, count)
        state = HealthState.DOWN if used > FILES_BAD else HealthState.DEGRADED
        return Reading(state, value, f"{count:,} are open {detail}: start again with a higher limit", count)


def _step(value: float, steps: tuple[int, ...]) -> int:
    """Return the smallest step that is not below a value; the last one for what is above all."""
    return steps[min(bisect_left(steps, value), len(steps) - 1)]
