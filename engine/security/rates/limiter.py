"""Decides whether a request passes."""

from __future__ import annotations

from collections import Counter
from typing import Final

from engine.errors import TransientError
from engine.ports.rates import RateStore
from engine.security.rates.limit import Decision, decided
from engine.security.rates.table import Kind, limits_of

AGAIN_S: Final = 1.0
"""When to ask again after nobody could count."""


class Limiter:
    """Counts every request by who asks and in all; what can't be counted passes only outside production."""

    def __init__(self, store: RateStore, here: RateStore, *, production: bool) -> None:
        """Take where requests are counted, and where the way out is: in this process, that nothing may be in its way."""
        self._store = store
        self._here = here
        self._production = production
        self.decisions: Counter[tuple[str, str]] = Counter()
        """What was decided, by kind: passed, refused, or uncounted."""
        self.refused = 0
        self.uncounted = 0
        """Requests that nobody could count: refused in production, let through with a warning elsewhere."""
        self.reason = ""
        """Why the last one could not be counted."""

    async def decide(self, kind: Kind, who: str, role: str) -> Decision:
        """Return whether a request passes; of a sign-in, `who` is where it comes from."""
        limits = limits_of(kind, role)
        own, everyone = limits
        try:
            store = self._here if kind is Kind.WAY_OUT else self._store
            taken = await store.take([own.counted(who), everyone.counted("")])
        except TransientError as error:
            self.reason = str(error)
            self.uncounted += 1
            self.decisions[kind.value, "uncounted"] += 1
            self.refused += self._production
            wait_s = AGAIN_S if self._production else 0.0
            return Decision(not self._production, own, 0, 0.0, wait_s, is_counted=False)
        self.refused += not taken.passes
        self.decisions[kind.value, "passed" if taken.passes else "refused"] += 1
        return decided(limits, taken.passes, taken.ahead_us)
