"""Who is connected and waits: where there is no room for one more, one of those that wait has to go.

Of the address that has the most of them it is the one that waits longest, so that who only takes up room keeps out nobody else.
"""

from __future__ import annotations

from collections.abc import Callable


class Crowd:
    """Those that wait, by where they come from: for their greeting to end, or for a request of theirs to begin."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[object, Callable[[], object]]] = {}
        self._leaving: set[object] = set()
        self.hung_up = 0
        """How many had to go."""

    def __len__(self) -> int:
        """Return how many wait."""
        return sum(map(len, self._waiting.values()))

    @property
    def leaving(self) -> int:
        """How many were hung up on and are not gone yet."""
        return len(self._leaving)

    def wait(self, who: object, address: str, hang_up: Callable[[], object]) -> None:
        """Let one wait from now on, or since it began to; who was hung up on does not."""
        if who in self._leaving:
            return
        self._waiting.setdefault(address, {}).setdefault(who, hang_up)

    def end(self, who: object, address: str) -> None:
        """Forget one: it is gone."""
        self.leave(who, address)
        self._leaving.discard(who)

    def leave(self, who: object, address: str) -> None:
        """Let one wait no longer: it is served."""
        there = self._waiting.get(address, {})
        there.pop(who, None)
        if not there:
            self._waiting.pop(address, None)

    def make_room(self) -> bool:
        """Hang up on one that waits; tell whether there was one."""
        if not self._waiting:
            return False
        address, there = max(self._waiting.items(), key=lambda each: len(each[1]))
        who, hang_up = next(iter(there.items()))
        self.leave(who, address)
        self._leaving.add(who)
        self.hung_up += 1
        hang_up()
        return True
