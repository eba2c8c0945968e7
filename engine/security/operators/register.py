"""The operators: who they are, what they are there for, and the hashes of their passwords."""

from __future__ import annotations

import re
import sqlite3
from typing import Final, NamedTuple

from engine.clock import Clock
from engine.errors import EngineError
from engine.security.operators.database import OperatorFile
from engine.security.operators.passwords import COST, hashed, objection_to
from engine.security.operators.roles import Role

_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")


class OperatorRefused(EngineError):
    """There is no such operator, or what was asked for may not be."""


class Operator(NamedTuple):
    """One person who may sign in."""

    name: str
    role: Role
    has_code: bool = False
    """Whether a code is wanted besides the password."""


class Kept(NamedTuple):
    """What is known of an operator in order to judge who says to be it."""

    operator: Operator
    password: bytes
    code_step: int
    """The step of the last code that was taken."""

    def __repr__(self) -> str:
        """Tell who it is, never the hash of the password."""
        return f"Kept({self.operator.name})"


class Register:
    """Adds, changes and removes operators; one admin stays."""

    def __init__(self, file: OperatorFile, clock: Clock, cost: int = COST) -> None:
        self.file = file
        self.cost = cost
        self._clock = clock

    def all(self) -> list[Operator]:
        """Return every operator, by name; none where there is no file, which is not made."""
        if not self.file.exists():
            return []
        with self.file.changing() as found:
            return operators_in(found)

    def find(self, name: str) -> Kept | None:
        """Return what is known of an operator, or None."""
        with self.file.changing() as found:
            row = found.execute(
                "SELECT name, role, has_code, password, code_step FROM operators WHERE name = ?", (name,)
            ).fetchone()
        if row is None:
            return None
        return Kept(Operator(row[0], Role(row[1]), bool(row[2])), row[3], row[4])

    def add(self, name: str, role: Role, password: str) -> Operator:
        """Add an operator; the first one is an admin.

        Raises:
            OperatorRefused: the name or the password will not do, or there is one of that name.
        """
        if not _NAME.fullmatch(name):
            raise OperatorRefused(
                "expected a name of 2 to 32 small letters, digits, dots, dashes and underscores, a letter first"
            )
        kept = self._hashed(name, password)
        with self.file.changing() as found:
            if role is not Role.ADMIN and not _admins(found):
                raise OperatorRefused("the first operator is an admin, who says who the others are")
            try:
                found.execute(
                    "INSERT INTO operators (name, role, password, changed_ns) VALUES (?, ?, ?, ?)",
                    (name, role.value, kept, self._clock.now_ns()),
                )
            except sqlite3.IntegrityError:
                raise OperatorRefused(f"there is an operator {name} already") from None
        return Operator(name, role)

    def remove(self, name: str) -> Operator:
        """Take an operator away; return who it was.

        Raises:
            OperatorRefused: there is none of that name, or it is the last admin.
        """
        was = self._known(name)
        with self.file.changing() as found:
            found.execute("DELETE FROM operators WHERE name = ?", (name,))
            _check_admin(found, was)
        return was

    def set_role(self, name: str, role: Role) -> Operator:
        """Let an operator be there for something else; return who it was.

        Raises:
            OperatorRefused: there is none of that name, or it is the last admin.
        """
        was = self._known(name)
        self._change(was, "role", role.value)
        return was

    def set_password(self, name: str, password: str) -> None:
        """Give an operator another password.

        Raises:
            OperatorRefused: there is none of that name, or the password will not do.
        """
        self._change(self._known(name), "password", self._hashed(name, password))

    def keep_hash(self, name: str, kept: bytes) -> None:
        """Keep another hash of the same password."""
        self._change(self._known(name), "password", kept)

    def set_has_code(self, name: str, *, wanted: bool) -> None:
        """Want a code of an operator from now on, or no longer.

        Raises:
            OperatorRefused: there is none of that name.
        """
        self._change(self._known(name), "has_code", int(wanted))

    def use_step(self, name: str, step: int) -> bool:
        """Note that the code of a step was used; tell whether it is later than every one before."""
        with self.file.changing() as found:
            done = found.execute(
                "UPDATE operators SET code_step = ? WHERE name = ? AND code_step < ?", (step, name, step)
            )
            return done.rowcount == 1

    def _known(self, name: str) -> Operator:
        kept = self.find(name) if self.file.exists() else None
        if kept is None:
            raise OperatorRefused(f"there is no operator {name}")
        return kept.operator

    def _hashed(self, name: str, password: str) -> bytes:
        if objection := objection_to(password, name):
            raise OperatorRefused(f"the password is refused: {objection}; nothing was changed")
        return hashed(password, self.cost)

    def _change(self, was: Operator, column: str, value: object) -> None:
        with self.file.changing() as found:
            found.execute(_CHANGES[column], (value, self._clock.now_ns(), was.name))
            _check_admin(found, was)


_CHANGES: Final = {
    "role": "UPDATE operators SET role = ?, changed_ns = ? WHERE name = ?",
    "password": "UPDATE operators SET password = ?, changed_ns = ? WHERE name = ?",
    "has_code": "UPDATE operators SET has_code = ?, changed_ns = ? WHERE name = ?",
}


def _admins(found: sqlite3.Connection) -> int:
    (count,) = found.execute("SELECT count(*) FROM operators WHERE role = ?", (Role.ADMIN.value,)).fetchone()
    return int(count)


def _check_admin(found: sqlite3.Connection, was: Operator) -> None:
    if was.role is Role.ADMIN and not _admins(found):
        raise OperatorRefused(f"{was.name} is the last admin: make somebody else one first")


def operators_in(found: sqlite3.Connection) -> list[Operator]:
    """Return every operator of the file that is open, by name."""
    rows = found.execute("SELECT name, role, has_code FROM operators ORDER BY name").fetchall()
    return [Operator(name, Role(role), bool(has_code)) for name, role, has_code in rows]
