"""Keys on their way from the thread that reads them to the screen: while there are any, panes need not be drawn."""

from __future__ import annotations

from textual.driver import Driver
from textual.events import Key
from textual.message import Message

_ROUNDS_MAX = 32
"""A key is with the screen after a few rounds of its loop; one that has not come by then was lost on the way."""


class Arrivals:
    """Counts keys on two threads, each its own number."""

    def __init__(self) -> None:
        self._read = 0
        self._taken = 0
        self._asked = 0
        """How often it was asked since a key was taken."""

    def read(self) -> None:
        """Note that a key came; called on the thread that reads."""
        self._read += 1

    def taken(self) -> None:
        """Note that the screen has obeyed a key, wherever it came from."""
        self._taken = min(self._taken + 1, self._read)
        self._asked = 0

    def key_waits(self) -> bool:
        """Whether a key is on its way; asked once a round of the screen's loop."""
        if self._taken == self._read:
            return False
        self._asked += 1
        if self._asked > _ROUNDS_MAX:
            self._taken, self._asked = self._read, 0
            return False
        return True


def announced(driver: type[Driver], arrivals: Arrivals) -> type[Driver]:
    """Return a driver that says of every key it reads that it comes."""

    class AnnouncingDriver(driver):  # type: ignore[misc, valid-type]
        """Reads the terminal as its base does."""

        def process_message(self, message: Message) -> None:
            """Say so, then hand it on."""
            if isinstance(message, Key):
                arrivals.read()
            super().process_message(message)

    return AnnouncingDriver
