"""Which command is being carried out now."""

from __future__ import annotations


class Cause:
    """Names the command that everything which happens in this very call comes from; belongs to the engine's thread."""

    __slots__ = ("id",)

    def __init__(self) -> None:
        self.id = ""
        """The command's correlation; empty while nobody asked for what happens."""
