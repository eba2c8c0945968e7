"""A descriptor kept for the day when the process has no other left: who wants to halt must still be heard."""

from __future__ import annotations

import contextlib
import os


class SpareDescriptor:
    """Holds one place in the process's table of open files, and gives it up for somebody else."""

    __slots__ = ("_descriptor",)

    def __init__(self) -> None:
        self._descriptor = -1

    def keep(self) -> None:
        """Hold a place, if there is one."""
        if self._descriptor < 0:
            with contextlib.suppress(OSError):
                self._descriptor = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def give_up(self) -> bool:
        """Let the place go; tell whether there was one."""
        held = self._descriptor >= 0
        if held:
            os.close(self._descriptor)
            self._descriptor = -1
        return held
