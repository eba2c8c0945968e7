"""Signing in: a name, a password, a code where one is wanted; the same answer and the same time whoever it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from engine.clock import Clock
from engine.errors import EngineError
from engine.model.text import clean
from engine.ports.secrets import Secrets, SecretsError
from engine.security.audit.entry import Act
from engine.security.operators.lockout import LockedOut, Lockout
from engine.security.operators.passwords import cost_of, hashed, matches, nobodys
from engine.security.operators.register import Kept, Operator, Register
from engine.security.operators.totp import step_of

AT_ONCE: Final = 2
"""How many passwords are looked at in parallel: more would keep the processors from trading."""
_NAME_MAX: Final = 64


class SignInRefused(EngineError):
    """It is not who it says to be; nothing more is told."""


class SignedIn(NamedTuple):
    """Who it is."""

    operator: Operator
    failures: int
    """How many tries for this account failed in the last minutes before."""


def code_secret_name(name: str) -> str:
    """Return under which name the secret of an operator's codes is kept."""
    return f"totp-{name}"


class SignIn:
    """Judges tries, counts them, and writes each down."""

    def __init__(
        self, register: Register, secrets: Secrets, clock: Clock, write: Callable[[Act], object]
    ) -> None:
        self._register = register
        self._lockout = Lockout(register.file, clock)
        self._secrets = secrets
        self._clock = clock
        self._write = write
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def attempt_soon(self, name: str, password: str, code: str, origin: str) -> SignedIn:
        """Judge a try in a thread, so that a loop goes on.

        Raises:
            LockedOut: too many tries failed; carries how long to wait.
            SignInRefused: it is not that operator.
            SecretsError: the operators, or what keeps the secret of codes, can't be read.
        """
        async with self._slots:
            return await asyncio.to_thread(self.attempt, name, password, code, origin)

    def attempt(self, name: str, password: str, code: str, origin: str) -> SignedIn:
        """Judge a try; takes a third of a second.

        Raises:
            LockedOut: too many tries failed; carries how long to wait.
            SignInRefused: it is not that operator.
            SecretsError: the operators, or what keeps the secret of codes, can't be read.
        """
        name = clean(name, _NAME_MAX)
        try:
            self._lockout.begin(name, origin)
        except LockedOut as error:
            self._note(name, origin, "sign-in-refused", f"locked for {error.retry_after_s} s")
            raise
        kept = self._register.find(name)
        fits = matches(password, kept.password if kept is not None else nobodys(self._register.cost))
        step = self._step_of(name, kept, code)
        if kept is None or not fits or not self._code_fits(kept.operator, step):
            self._lockout.fail(origin)
            self._note(name, origin, "sign-in-failed", "")
            raise SignInRefused("the name, the password or the code is wrong")
        if cost_of(kept.password) < self._register.cost:
            self._register.keep_hash(name, hashed(password, self._register.cost))
        failures = self._lockout.succeed(name, origin)
        self._note(name, origin, "sign-in", kept.operator.role.value)
        return SignedIn(kept.operator, failures)

    def _step_of(self, name: str, kept: Kept | None, code: str) -> int | SecretsError | None:
        """Return which step of its device a code is, None where it is none, or why nobody knows.

        Where anybody has a device it is asked for in the name of everybody, whether the password fits or not: how long that takes
        tells neither a name nor a password.
        """
        if not any(each.has_code for each in self._register.all()):
            return None
        try:
            secret = self._secrets.get(code_secret_name(name))
        except SecretsError as error:
            return error
        if secret is None or kept is None:
            return None
        return step_of(secret, code, self._clock.now_ns(), kept.code_step)

    def _code_fits(self, operator: Operator, step: int | SecretsError | None) -> bool:
        if not operator.has_code:
            return True
        if isinstance(step, SecretsError):
            raise step
        return step is not None and self._register.use_step(operator.name, step)

    def _note(self, name: str, origin: str, what: str, after: str) -> None:
        self._write(Act(who=name or "nobody", what=what, origin=origin, subject=name, after=after))
