"""A terminal that may be gone: what is written to it then is lost, and nothing fails for that."""

from __future__ import annotations

import os
import select
import termios
from contextlib import suppress
from typing import Any, TextIO

from textual.driver import Driver

_RESTORE = (
    "\x1b[<u\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?2048l\x1b[?1004l\x1b[?2004l\x1b[?2026l"
    "\x1b[0m\x1b[?7h\x1b[?1049l\x1b[?25h"
)
"""Takes back what Textual's driver sets: keys, mouse, sizes, focus, pastes; then colours, wrap, screen, cursor."""


_STREAMS = (0, 1, 2)
"""What the program reads and writes, whatever Textual puts before it."""


class Terminal:
    """The terminal that the program was started in, as it was then."""

    def __init__(self, fileno: int) -> None:
        self.fileno = fileno
        self._attributes = termios.tcgetattr(fileno) if os.isatty(fileno) else None

    def let_go_if_gone(self) -> None:
        """Let nothing more be read from a terminal that is gone, and what is written to it be lost."""
        gone = [fileno for fileno in _STREAMS if _is_gone(fileno)]
        if gone:
            nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
            for fileno in gone:
                os.dup2(nothing, fileno)

    def restore(self) -> None:
        """Give the terminal back as it was, without waiting for it."""
        if self._attributes is not None:
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self._attributes)
        with suppress(OSError):  # opened anew, not to block: what is shared with the shell stays as it is
            descriptor = os.open("/dev/tty", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            os.write(descriptor, _RESTORE.encode())
            os.close(descriptor)


def _is_gone(fileno: int) -> bool:
    poll = select.poll()
    poll.register(fileno, 0)  # only what is wrong with it
    return any(events & select.POLLHUP for _, events in poll.poll(0))


class _Outliving:
    """A terminal's file that takes what it is given although nobody reads it any more."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()


def outliving(driver: type[Driver]) -> type[Driver]:
    """Return a driver whose thread that writes goes on when the terminal is gone, so that nothing waits for it."""

    class OutlivingDriver(driver):  # type: ignore[misc, valid-type]
        """Writes to the terminal as its base does, for as long as there is one.

        A terminal that is closed says "go on" (SIGCONT) after its hang-up, and anybody may say it: its base would
        begin to read and write anew beside the threads that do, and no end would stop those. So it goes on only
        where it stopped.
        """

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.__dict__["_file"] = _Outliving(self.__dict__["_file"])

        def _sigcont_application(self, *arguments: Any) -> None:
            if self._must_signal_resume and os.isatty(self.fileno):
                super()._sigcont_application(*arguments)

    return OutlivingDriver
