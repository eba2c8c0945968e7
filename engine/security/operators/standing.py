"""How signing in stands: who the operators are, who waits, and which tries failed in the last hour."""

from __future__ import annotations

from typing import NamedTuple

from engine.security.operators.database import OperatorFile
from engine.security.operators.lockout import ACCOUNT, KEPT_NS
from engine.security.operators.register import Operator, operators_in


class Failure(NamedTuple):
    """A try to sign in that failed."""

    number: int
    """Each has a higher one than those before it."""
    at_ns: int
    origin: str


class Standing(NamedTuple):
    """What the file says; it is made of nothing that is secret."""

    operators: tuple[Operator, ...] = ()
    locked: tuple[tuple[str, int], ...] = ()
    """Each account that waits, and until when, ns UTC."""
    failures: tuple[Failure, ...] = ()
    """Those of the last hour, oldest first."""

    def locked_at(self, now_ns: int) -> list[str]:
        """Return the accounts that still wait."""
        return [name for name, until_ns in self.locked if until_ns > now_ns]

    def failed_since(self, since_ns: int) -> int:
        """Count the failures after a time."""
        return sum(failure.at_ns > since_ns for failure in self.failures)


def standing_of(file: OperatorFile, now_ns: int) -> Standing:
    """Read how signing in stands; nothing is made where there is no file.

    Raises:
        SecretsError: the file is not ours alone, or can't be read.
    """
    if not file.exists():
        return Standing()
    with file.changing() as found:
        locked = found.execute(
            "SELECT substr(scope, ?), locked_until_ns FROM failures WHERE scope LIKE ? AND locked_until_ns > ?",
            (len(ACCOUNT) + 1, f"{ACCOUNT}%", now_ns),
        ).fetchall()
        failed = found.execute(
            "SELECT number, at_ns, origin FROM failed WHERE at_ns > ? ORDER BY number", (now_ns - KEPT_NS,)
        ).fetchall()
        return Standing(tuple(operators_in(found)), tuple(locked), tuple(Failure(*row) for row in failed))
