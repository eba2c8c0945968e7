"""When a market trades, as moments in order: asked on every order, so a search in a tuple."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

from engine.model.market_status import Session

_OPEN: Final = Session.OPEN
Stretch = tuple[int, int, Session]
"""From and until (ns UTC, until excluded), and the session between."""


class Schedule:
    """The sessions of one calendar over a known span; what no stretch covers is closed."""

    __slots__ = ("_sessions", "_starts")

    def __init__(self, first_ns: int, last_ns: int, stretches: Iterable[Stretch]) -> None:
        starts, sessions = [first_ns], [Session.CLOSED]
        for start_ns, end_ns, session in sorted(stretches):
            if start_ns == starts[-1]:
                sessions[-1] = session
            else:
                starts.append(start_ns)
                sessions.append(session)
            starts.append(end_ns)
            sessions.append(Session.CLOSED)
        starts.append(last_ns)
        self._starts = tuple(starts)
        self._sessions: tuple[Session | None, ...] = (None, *sessions, None)

    def session_at(self, now_ns: int) -> Session | None:
        """Return the session at a time in ns UTC; None before and after the known span."""
        return self._sessions[bisect_right(self._starts, now_ns)]

    def next_change_ns(self, now_ns: int) -> int | None:
        """Return when the next session begins, in ns UTC; None when that is not known."""
        after = bisect_right(self._starts, now_ns)
        return self._starts[after] if 0 < after < len(self._starts) - 1 else None


class AlwaysOpen(Schedule):
    """A market that never closes."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(0, 1, ())

    def session_at(self, now_ns: int) -> Session | None:  # noqa: ARG002 - it is always open
        """Return OPEN."""
        return _OPEN

    def next_change_ns(self, now_ns: int) -> int | None:  # noqa: ARG002 - it never changes
        """Return None."""
        return None
