"""Starts the real program in a pseudo-terminal and reads its screen as a person would."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = (sys.executable, "-m", "terminal")
TIMEOUT_S = 60.0
"""How long anything may take before it counts as never; the machine may be busy."""
AGAIN_S = 1.0
"""How long a key's effect may take before it is pressed again."""

_UNREAD = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$[a-z]|\x1b\[\?2026[hl]")
"""Sequences that the emulator does not know and would print."""
_HALF = re.compile(rb"\x1b(?:\[[0-9;?<>=$]*)?$")
"""A sequence whose end has not been read yet."""
_KEY = re.compile(r"\x1b\[[0-9;<]*[A-Za-z~]|\x1bO[A-Z]|.", re.DOTALL)


def environment(home: Path, **changes: str | None) -> dict[str, str]:
    """Return a colour terminal's environment whose files are all in `home`; None takes a variable out."""
    wanted: dict[str, str | None] = {
        **os.environ,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONWARNINGS": "",
        "NO_COLOR": None,
        "COLUMNS": None,
        "LINES": None,
        "TOUCHLINE_HOME": str(home),
        **changes,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _waiting(fileno: int) -> int:
    """Return how many bytes wait to be read."""
    return int.from_bytes(fcntl.ioctl(fileno, termios.FIONREAD, bytes(4)), sys.byteorder)


class _Screen(pyte.Screen):
    """Reads again only those of its rows that changed since it was last looked at."""

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__(columns, lines)
        self._rows: list[str] = []
        self._width = 0

    @property
    def display(self) -> list[str]:
        """The rows of the screen."""
        if (self._width, len(self._rows)) != (self.columns, self.lines):
            self._width, self._rows = self.columns, [""] * self.lines
            self.dirty.update(range(self.lines))
        for y in self.dirty & {*range(self.lines)}:
            row = self.buffer[y]
            self._rows[y] = "".join([row[x].data for x in range(self.columns)])
        self.dirty.clear()
        return list(self._rows)


class PtyDesk:
    """One running program, its screen and everything it wrote."""

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        *,
        size: tuple[int, int] = (160, 48),
        program: Sequence[str] = PROGRAM,
    ) -> None:
        columns, rows = size
        self.screen = _Screen(columns, rows)
        self.raw = bytearray()
        """Every byte that came."""
        self._stream = pyte.ByteStream(self.screen)
        self._rest = b""
        self._code: int | None = None
        self._is_open = True
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # pragma: no cover  # the child becomes the program
            os.chdir(ROOT)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(program[0], [*program, *arguments], dict(env))
        self.resize(columns, rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.close_window()

    @property
    def lines(self) -> list[str]:
        """The rows of the screen."""
        return self.screen.display

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    def row_with(self, *words: str) -> str:
        """Return the first row that holds all these words, or nothing."""
        return next((line for line in self.lines if all(word in line for word in words)), "")

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, as a person drags its corner."""
        self.screen.resize(rows, columns)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def press(self, keys: str) -> None:
        """Press keys, one after the other."""
        for key in _KEY.findall(keys):
            os.write(self._fd, key.encode())
            self._read(0.01)

    def paste(self, text: str) -> None:
        """Paste a text, at once and in brackets, as a terminal does."""
        os.write(self._fd, f"\x1b[200~{text}\x1b[201~".encode())
        self._read(0.01)

    def until(self, is_so: str | Callable[[], object]) -> None:
        """Follow the output until a text is on the screen, or something is so."""
        seen = self._asked(is_so)
        assert self._follow(TIMEOUT_S, seen), f"never: {is_so!r}\n{self.text}"

    def press_until(self, key: str, is_so: str | Callable[[], object]) -> None:
        """Press a key, and again no sooner than the guard against double presses allows, until it is so."""
        seen = self._asked(is_so)
        for _ in range(int(TIMEOUT_S / AGAIN_S)):
            self.press(key)
            if self._follow(AGAIN_S, seen):
                return
        raise AssertionError(f"never: {is_so!r}\n{self.text}")

    def send(self, line: str) -> None:
        """Type a line, review it and send it.

        An Enter can come to nothing and leave no trace: one right after the last key is taken for a part of a paste,
        and one before the market has the price it asks for is refused only until there is one.
        """
        self.press(f":{line}")
        self.until(f"{line}▏")

        def is_gone() -> bool:
            return f"{line}▏" not in self.text

        self.press("\r")
        self._follow(AGAIN_S, lambda: "SEND" in self.text or is_gone())
        if not is_gone():
            self.press_until("\r", is_gone)

    def idle(self, seconds: float) -> None:
        """Follow the output for a while."""
        self._follow(seconds, lambda: False)

    def close_window(self) -> None:
        """Take the terminal away from the program."""
        if self._is_open:
            self._is_open = False
            os.close(self._fd)

    def exit_code(self) -> int:
        """Wait for the end and return the program's exit code."""
        deadline = time.monotonic() + TIMEOUT_S
        while self._is_open and self._read(0.05):
            assert time.monotonic() < deadline, f"it does not end\n{self.text}"
        return self.exit_code_unread()

    def exit_code_unread(self) -> int:
        """Wait for the end, without reading what is written until then, and return the program's exit code."""
        deadline = time.monotonic() + TIMEOUT_S
        while self._code is None:
            assert time.monotonic() < deadline, "it does not end"
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            else:
                time.sleep(0.02)
        return self._code

    def mode(self) -> list[object]:
        """Return how the terminal is set, which is undone at the end by a program that ends in order."""
        return termios.tcgetattr(self._fd)

    def freeze(self) -> None:
        """Read nothing more until the program's screen stands, because nothing it writes is taken."""
        written, deadline = -1, time.monotonic() + TIMEOUT_S
        while (waiting := _waiting(self._fd)) != written or not waiting:
            assert time.monotonic() < deadline, "it does not freeze"
            written = waiting
            time.sleep(2.0)

    def _asked(self, is_so: str | Callable[[], object]) -> Callable[[], object]:
        return (lambda: is_so in self.text) if isinstance(is_so, str) else is_so

    def _follow(self, seconds: float, seen: Callable[[], object]) -> bool:
        deadline = time.monotonic() + seconds
        while not seen():
            if time.monotonic() > deadline:
                return False
            assert self._read(0.05) or seen(), f"it ended\n{self.text}"
        return True

    def _read(self, seconds: float) -> bool:
        """Take in what comes within so many seconds; tell whether the program still writes."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._fd, 65_536)
        except OSError:  # how Linux tells that the other end is closed
            return False
        if not data:
            return False
        self.raw += data
        if b"\x1b[?2026$p" in data:
            os.write(self._fd, b"\x1b[?2026;2$y")
        self._show(self._rest + data)
        return True

    def _show(self, data: bytes) -> None:
        half = _HALF.search(data)
        data, self._rest = (data[: half.start()], half[0]) if half else (data, b"")
        self._stream.feed(_UNREAD.sub(b"", data))
