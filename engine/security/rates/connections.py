"""How many WebSockets are open, by user and in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engine.errors import EngineError
from engine.security.rates.table import ADMIN_ROLE

USER_MAX: Final = 8
ADMIN_MAX: Final = 16
EVERYONE_MAX: Final = 256


class NoConnectionFree(EngineError):
    """One more would be too many."""


class Connections:
    """Counts the open ones of this process; one that ends makes room, however it ends."""

    def __init__(self, everyone_max: int = EVERYONE_MAX) -> None:
        self._everyone_max = everyone_max
        self._open: Counter[str] = Counter()
        self.refused = 0

    def __len__(self) -> int:
        """Return how many are open."""
        return self._open.total()

    @contextmanager
    def one(self, user: str, role: str) -> Iterator[None]:
        """Hold one while it is open.

        Raises:
            NoConnectionFree: the user, or all together, have as many as they may.
        """
        own_max = ADMIN_MAX if role == ADMIN_ROLE else USER_MAX
        if self._open[user] >= own_max or len(self) >= self._everyone_max:
            self.refused += 1
            raise NoConnectionFree(f"{self._open[user]} of {own_max} are open, {len(self)} in all")
        self._open[user] += 1
        try:
            yield
        finally:
            self._open[user] -= 1
            self._open += Counter()  # those of nobody are dropped
