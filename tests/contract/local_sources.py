"""The contract of every source, with the local venues' walk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.adapter_contract.source_contract import SourceContract
from tests.venues.walk import Walk


class LocalContract(SourceContract):
    """Tests that a source inherits whose venue is one of `tests/venues`."""

    def walk(self, floor: Any, seed: int) -> Callable[[], None]:
        """Return what changes the books by one step of chance."""
        return Walk(floor, seed).step
