"""What the terminal takes of what is painted, and when it may be given more.

Textual hands what it paints to a thread that writes it. A terminal on a slow line takes less than the desk can
paint: then the buffers on the way fill up, and a key's effect waits behind all that is in them. So no frame is
asked for while an earlier one is on its way, and a terminal that was found full is given half of what it can take.
"""

from __future__ import annotations

import math
import select
from typing import IO

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.driver import Driver

from engine.clock import NS_PER_S, Clock

_SHARE = 0.5
"""How much of what a slow terminal takes is painted: the rest of the time empties the buffers on the way."""
_DOUBLES_S = 30.0
"""After so long without finding the terminal full, it is believed to take twice as much."""
_ENOUGH = 16_384
"""Over so many characters it is found out what a full terminal takes: it takes them by the buffer, not one by one."""
_FAST_PER_S = 4_000_000.0
"""A terminal that takes so many characters a second is not held back."""


class Output:
    """Counts what was painted and what has left; written on two threads, each its own numbers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.handed = 0
        """How many characters were painted."""
        self._left = 0
        self._rate_per_s = _FAST_PER_S
        """What the terminal takes, as last found."""
        self._found_ns = 0
        self._waited, self._waited_ns = 0, 0
        """Characters that a full terminal took since, and how long it took for them."""
        self._busy = False
        """Whether it was found full, and was given something to take ever since."""
        self._ready_ns = 0
        """When a slow terminal may be given more."""

    @property
    def is_behind(self) -> bool:
        """Whether something painted is on its way still, or probably in a buffer."""
        return self.handed != self._left or self._clock.monotonic_ns() < self._ready_ns

    def hand(self, count: int) -> None:
        """Note that so many characters were painted."""
        self.handed += count
        rate_per_s = self._believed_per_s()
        if rate_per_s < _FAST_PER_S:
            begun_ns = max(self._ready_ns, self._clock.monotonic_ns())
            self._ready_ns = begun_ns + round(count * NS_PER_S / (rate_per_s * _SHARE))

    def put(self, file: IO[str], text: str) -> None:
        """Write to the terminal; from when it was full, how long that takes tells what it can take.

        Many a terminal takes a buffer at a time: after one write that waits, others don't, and count as well.
        """
        busy, began_ns = self._busy or _is_full(file), self._clock.monotonic_ns()
        file.write(text)
        file.flush()
        self._left += len(text)
        if busy:
            self._learn(len(text), self._clock.monotonic_ns() - began_ns)
        self._busy = busy and self.handed != self._left

    def _learn(self, count: int, took_ns: int) -> None:
        self._waited += count
        self._waited_ns += took_ns
        if self._waited >= _ENOUGH:
            self._rate_per_s = self._waited * NS_PER_S / max(1, self._waited_ns)
            self._found_ns = self._clock.monotonic_ns()
            self._waited = self._waited_ns = 0

    def _believed_per_s(self) -> float:
        if self._rate_per_s >= _FAST_PER_S:
            return _FAST_PER_S
        since_s: float = (self._clock.monotonic_ns() - self._found_ns) / NS_PER_S
        return self._rate_per_s * math.exp2(min(since_s / _DOUBLES_S, 64.0))


class _Counted:
    """A terminal's file that counts what is written; it holds nothing back to be flushed."""

    def __init__(self, file: IO[str], output: Output) -> None:
        self._file = file
        self._output = output

    def write(self, text: str) -> None:
        self._output.put(self._file, text)

    def flush(self) -> None:
        self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()


def counted(driver: type[Driver], output: Output) -> type[Driver]:
    """Return a driver that counts what it writes to a terminal; one that writes to none counts nothing.

    It relies on the file that a driver keeps privately, so Textual is pinned and a test checks the reliance.
    """

    class CountedDriver(driver):  # type: ignore[misc, valid-type]
        """Writes to the terminal as its base does."""

        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)
            self._update: list[str] = []
            """What was written of an update that has not ended."""
            terminal: IO[str] | None = getattr(self, "_file", None)
            self._counts = terminal is not None
            if terminal is not None:
                self._file = _Counted(terminal, output)

        def write(self, data: str) -> None:
            """Write, and count it first; an update is one write, since each has to wake a thread."""
            if self._update or data == SYNC_START:
                self._update.append(data)
                if data != SYNC_END:
                    return
                data = "".join(self._update)
                self._update.clear()
            if self._counts:
                output.hand(len(data))
            super().write(data)

    return CountedDriver


def _is_full(file: IO[str]) -> bool:
    """Tell whether a write would wait; where that can't be asked, it would not."""
    try:
        return not select.select([], [file], [], 0)[1]
    except (OSError, ValueError):
        return False
