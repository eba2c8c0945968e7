"""Client order ids: made once, kept for the order's whole life."""

from __future__ import annotations

import itertools
import re

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_EXIT = re.compile(r"(.+)-([st])([0-9]+)")
_OTHER = {"s": "t", "t": "s"}


def base36(number: int) -> str:
    """Write a whole number in base 36."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def exit_id(entry_id: str, leg: str, attempt: int) -> str:
    """Return the client id of an attempt at an exit of an entry, by the leg's word: it follows from the entry's."""
    return f"{entry_id}-{leg[0]}{attempt}"


def partner_id(client_id: str) -> str:
    """Return the id of the exit that goes out together with one, if they are a pair; empty for no exit's id."""
    found = _EXIT.fullmatch(client_id)
    return f"{found[1]}-{_OTHER[found[2]]}{found[3]}" if found else ""


class OrderIds:
    """Makes ids that never repeat: the start time in milliseconds, then a count.

    The count alone is the order's short number on the desk (`#12`).
    """

    def __init__(self, start_ns: int) -> None:
        self.run = base36(start_ns // 1_000_000)
        """Sets this run's ids apart from those of every other."""
        self._count = itertools.count(1)
        self._commands = itertools.count(1)

    def go_on_from(self, number: int) -> None:
        """Count on from the highest short number of earlier runs."""
        self._count = itertools.count(max(number + 1, next(self._count)))

    def next(self) -> tuple[str, int]:
        """Return the next client order id and its short number."""
        number = next(self._count)
        return f"{self.run}-{number}", number

    def command(self) -> str:
        """Return what a command is found by that is about no new order; may be called from any thread."""
        return f"{self.run}-k{next(self._commands)}"
