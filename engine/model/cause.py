"""Which command is being carried out now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Cause:
    """Names the command that everything which happens in this very call comes from; belongs to the engine's thread."""

    __slots__ = ("id",)

    def __init__(self) -> None:
        self.id = ""
        """The command's correlation; empty while nobody asked for what happens."""

    @contextmanager
    def of(self, correlation: str) -> Iterator[None]:
        """Let what happens inside come from a command that was given earlier."""
        before, self.id = self.id, correlation
        try:
            yield
        finally:
            self.id = before
