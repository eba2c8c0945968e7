"""What the terminal takes of what is painted, and when it may be given more.

Textual hands what it paints to a thread that writes it. A terminal on a slow line takes less than the desk can
paint: then the buffers on the way fill up, and a key's effect waits behind all that is in them. So no frame is
asked for while an earlier one is on its way, and a terminal that was found full is given half of what it can take.

A terminal that stood still is another thing: text was selected, a line hung, a window was dragged. It takes
everything again afterwards, and a desk that believed it slow would show prices of then for prices of now.
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
_PIECE = 4_096
"""So many characters are timed at once while a terminal is full: standing still is one long wait among short ones."""
_STOOD_STILL_S = 0.25
"""A piece that waited for so long was not written slowly; but a second one within `_DOUBLES_S` was."""
_HELD_S = 1.0
"""No frame is held back for longer than this: what a person sees is no older, however slow the line is believed."""


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
        self._stood_still_ns = -2 * _in_ns(_DOUBLES_S)
        """When it was last found to have stood still."""
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
            now_ns = self._clock.monotonic_ns()
            ready_ns = max(self._ready_ns, now_ns) + _in_ns(count / (rate_per_s * _SHARE))
            self._ready_ns = min(ready_ns, now_ns + _in_ns(_HELD_S))

    def put(self, file: IO[str], text: str) -> None:
        """Write to the terminal; from when it was full, how long that takes tells what it can take.

        Many a terminal takes a buffer at a time: after one write that waits, others don't, and count as well.
        """
        busy = self._busy or _is_full(file)
        size = _PIECE if busy else max(1, len(text))
        for start in range(0, len(text), size):
            piece, began_ns = text[start : start + size], self._clock.monotonic_ns()
            file.write(piece)
            file.flush()
            self._left += len(piece)
            if busy:
                self._learn(len(piece), self._clock.monotonic_ns() - began_ns)
        self._busy = busy and self.handed != self._left

    def _learn(self, count: int, took_ns: int) -> None:
        if took_ns > _in_ns(_STOOD_STILL_S) and self._stood_still(took_ns):
            return
        self._waited += count
        self._waited_ns += took_ns
        if self._waited >= _ENOUGH:
            self._rate_per_s = self._waited * NS_PER_S / max(1, self._waited_ns)
            self._found_ns = self._clock.monotonic_ns()
            self._waited = self._waited_ns = 0

    def _stood_still(self, for_ns: int) -> bool:
        """Note that it stood still until now; tell whether it took everything for a long while before."""
        before_ns, self._stood_still_ns = self._stood_still_ns, self._clock.monotonic_ns()
        return self._stood_still_ns - for_ns - before_ns > _in_ns(_DOUBLES_S)

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


def _in_ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def _is_full(file: IO[str]) -> bool:
    """Tell whether a write would wait; where that can't be asked, it would not."""
    try:
        return not select.select([], [file], [], 0)[1]
    except (OSError, ValueError):
        return False
