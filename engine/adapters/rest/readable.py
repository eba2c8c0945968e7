"""What can be read of what a venue told; the rest is counted, and makes an answer incomplete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from engine.errors import DataError, RejectedError

Told = TypeVar("Told")
Read = TypeVar("Read")


class Readable:
    """Counts what could not be read."""

    def __init__(self) -> None:
        self.faults = 0
        self.fault = ""
        """The last of them, in words."""

    async def of(self, told: Iterable[Told], read: Callable[[Told], Awaitable[Read]]) -> list[Read]:
        """Return what can be read."""
        kept = []
        for each in told:
            try:
                kept.append(await read(each))
            except (DataError, RejectedError) as error:
                self.faults += 1
                self.fault = str(error)
        return kept
