"""What the engine needs of the record of everything that happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct


class Journal(Protocol):
    """Keeps commands and events in order; written before a byte leaves for a broker."""

    @property
    def durable(self) -> int:
        """The sequence up to which records are as safe as the durability setting demands."""

    @property
    def refusal(self) -> str:
        """Why no new order may be written now, in words; empty while all is well."""

    def append(self, record: Struct, time_ns: int) -> int:
        """Write one record and return its sequence; when this returns, a killed process does not lose it.

        Raises:
            JournalError: it could not be written whole; nothing of it is left.
        """

    def on_durable(self, sink: Callable[[int], None]) -> None:
        """Have `sink` called on the engine's thread whenever `durable` has grown."""

    def close(self) -> None:
        """Write what is left and let go."""
