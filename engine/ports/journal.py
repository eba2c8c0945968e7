"""What the engine needs of the record of everything that happened."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Journal(Protocol):
    """Keeps commands and events in order; written before a byte leaves for a broker."""

    def append(self, record: Struct) -> None:
        """Write one record; when this returns, a killed process does not lose it."""

    def close(self) -> None:
        """Write what is left and let go."""
