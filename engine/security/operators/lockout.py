"""Who may try to sign in now: after five failures an account, or a place that it is tried from, waits five minutes.

A try is counted before its password is looked at, in one transaction: however many come at once, five are looked at. What is counted is in
the file, so a restart forgets nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from engine.clock import NS_PER_S, Clock
from engine.errors import EngineError
from engine.security.operators.database import OperatorFile

FAILURES_MAX: Final = 5
LOCKED_NS: Final = 300 * NS_PER_S
ACCOUNT: Final = "account "
"""What the scope of an account begins with."""
KEPT_NS: Final = 3_600 * NS_PER_S
"""How long a failure is kept to be told of."""


class LockedOut(EngineError):
    """Too many failures; carries how long to wait."""

    def __init__(self, retry_after_s: int) -> None:
        minutes, seconds = divmod(retry_after_s, 60)
        super().__init__(f"too many failed sign-ins; try again in {minutes}:{seconds:02}")
        self.retry_after_s = retry_after_s


class Lockout:
    """Counts tries by scope: an account, or an origin."""

    def __init__(self, file: OperatorFile, clock: Clock) -> None:
        self._file = file
        self._clock = clock

    def begin(self, name: str, origin: str) -> None:
        """Count a try as a failure until it is proven to be none.

        Raises:
            LockedOut: the account or the origin waits; nothing is counted then.
        """
        now_ns, scopes = self._clock.now_ns(), _scopes(name, origin)
        with self._file.changing() as found:
            _forget(found, now_ns)
            left_ns = _left_ns(found, scopes, now_ns)
            for scope in scopes if left_ns <= 0 else ():
                _count(found, scope, now_ns)
        if left_ns > 0:
            raise LockedOut(-(-left_ns // NS_PER_S))

    def fail(self, origin: str) -> None:
        """Keep a try that failed for an hour, to be told of."""
        now_ns = self._clock.now_ns()
        with self._file.changing() as found:
            found.execute("DELETE FROM failed WHERE at_ns <= ?", (now_ns - KEPT_NS,))
            found.execute("INSERT INTO failed (at_ns, origin) VALUES (?, ?)", (now_ns, origin))

    def succeed(self, name: str, origin: str) -> int:
        """Take a try back that was none; an account begins anew. Return how many failures it had."""
        account, place = _scopes(name, origin)
        with self._file.changing() as found:
            row = found.execute("SELECT count FROM failures WHERE scope = ?", (account,)).fetchone()
            found.execute("DELETE FROM failures WHERE scope = ?", (account,))
            found.execute(
                "UPDATE failures SET count = count - 1, locked_until_ns = 0 WHERE scope = ?", (place,)
            )
            found.execute("DELETE FROM failures WHERE count <= 0")
        return int(row[0]) - 1 if row is not None else 0

    def locked_s(self, name: str) -> int:
        """Return for how many seconds an account still waits, 0 if it does not."""
        now_ns = self._clock.now_ns()
        with self._file.changing() as found:
            _forget(found, now_ns)
            return max(0, -(-_left_ns(found, (f"{ACCOUNT}{name}",), now_ns) // NS_PER_S))

    def release(self, name: str) -> None:
        """Let an account try again at once."""
        with self._file.changing() as found:
            found.execute("DELETE FROM failures WHERE scope = ?", (f"{ACCOUNT}{name}",))


def _scopes(name: str, origin: str) -> tuple[str, str]:
    return f"{ACCOUNT}{name}", f"origin {origin}"


def _forget(found: sqlite3.Connection, now_ns: int) -> None:
    """Forget what is too long ago, so that guessed names do not fill the file; a clock that was set back waits no longer."""
    found.execute(
        "UPDATE failures SET last_ns = ?1, locked_until_ns = min(locked_until_ns, ?2) WHERE last_ns > ?1",
        (now_ns, now_ns + LOCKED_NS),
    )
    found.execute(
        "DELETE FROM failures WHERE last_ns <= ? AND locked_until_ns <= ?", (now_ns - LOCKED_NS, now_ns)
    )


def _left_ns(found: sqlite3.Connection, scopes: Iterable[str], now_ns: int) -> int:
    ask = "SELECT locked_until_ns FROM failures WHERE scope = ?"
    rows = [found.execute(ask, (scope,)).fetchone() for scope in scopes]
    return max((int(row[0]) - now_ns for row in rows if row is not None), default=0)


def _count(found: sqlite3.Connection, scope: str, now_ns: int) -> None:
    found.execute(
        "INSERT INTO failures (scope, count, last_ns) VALUES (?, 1, ?) "
        "ON CONFLICT (scope) DO UPDATE SET count = count + 1, last_ns = excluded.last_ns",
        (scope, now_ns),
    )
    found.execute(
        "UPDATE failures SET locked_until_ns = ? WHERE scope = ? AND count >= ?",
        (now_ns + LOCKED_NS, scope, FAILURES_MAX),
    )
