"""Places kept in the process's table of open files: who wants to halt must be heard when there is no other left."""

from __future__ import annotations

import contextlib
import os
import socket

KEPT = 4
"""Places: another thread can have one in the moment in which it is free."""


class KeptPlaces:
    """Gives up a place for a connection, and takes the connection's when it ends, which nobody else can have between."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: list[int] = []

    def keep(self) -> None:
        """Hold as many places as are wanted, if there are so many."""
        with contextlib.suppress(OSError):
            while len(self._held) < KEPT:
                self._held.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))

    def give_up(self) -> bool:
        """Let a place go; tell whether there was one beside the first, from which the others are made again."""
        if len(self._held) < 2:
            return False
        os.close(self._held.pop())
        return True

    def close(self, connection: socket.socket) -> None:
        """Close a connection; its place is kept where one is wanted."""
        if self._held and len(self._held) < KEPT:
            place = connection.detach()
            os.dup2(self._held[0], place, inheritable=False)
            self._held.append(place)
        else:
            connection.close()
            self.keep()

    def end(self) -> None:
        """Let all of them go."""
        while self._held:
            os.close(self._held.pop())
