"""Hears proofs at an engine where nobody signed in: each names its operator, in whose name alone it is carried out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from engine.duties.judging import judge_soon
from engine.errors import EngineError
from engine.messages.commands import Command, Prove, origin_of
from engine.messages.events import AlertRaised, Severity
from engine.messages.lock_views import LockView
from engine.messages.senders import CommandAnswer, Sender, Verdict
from engine.rooms import Rooms
from engine.security.operators.lockout import LockedOut
from engine.security.operators.sign_in import SignedIn

NamedJudge = Callable[[str, str, str], SignedIn]
"""Says whether a name, a password and a code are those of an operator; takes a third of a second."""
CarryOut = Callable[[Command, Sender, Callable[[CommandAnswer], None]], None]


class NamedProofs:
    """Belongs to the engine's thread; until it is told who judges, nothing takes a proof."""

    def __init__(self, rooms: Rooms, call: Callable[..., None], carry_out: CarryOut) -> None:
        """Take what puts a call on the engine's loop, and what carries a command out in somebody's name."""
        self._rooms = rooms
        self._call = call
        self._carry_out = carry_out
        self._judge: NamedJudge | None = None
        self._is_judging = False

    def begin(self, judge: NamedJudge) -> None:
        """Let what loosens take the proof of an operator from here on."""
        self._judge = judge
        self._rooms.lock = LockView("", wants_code=True)

    @property
    def are_wanted(self) -> bool:
        """Whether a proof has to name its operator: there are some, and none signed in here."""
        return self._judge is not None and self._rooms.operator is None

    def prove(self, command: Prove) -> None:
        """Carry out what takes a proof once a password was judged; one at a time.

        Raises:
            EngineError: another password is being looked at.
        """
        assert self._judge is not None
        if self._is_judging:
            raise EngineError("another password is being looked at; say it again in a moment")
        self._is_judging = True
        judge = partial(self._judge, command.name, command.password, command.code)
        judge_soon(judge, partial(self._take, command, self._rooms.halts.version), self._call)

    def _take(self, command: Prove, version: int, verdict: SignedIn | EngineError) -> None:
        self._is_judging = False
        if isinstance(verdict, EngineError):
            wait_s = verdict.retry_after_s if isinstance(verdict, LockedOut) else 0
            self._tell(str(verdict), wait_s)
            loud = Severity.CRITICAL if wait_s else Severity.WARNING
            self._say(loud, f"a try to be {command.name or 'nobody'} failed: {verdict}")
            return
        if self._rooms.halts.version != version:
            self._tell("what is halted changed meanwhile, so nothing was done: look, and say it again")
            return
        operator, proven = verdict.operator, command.command
        sender = Sender(operator.name, operator.role.value, origin_of(proven), proven=True)
        self._carry_out(proven, sender, self._carried_out)

    def _carried_out(self, answer: CommandAnswer) -> None:
        self._tell("" if answer.verdict is Verdict.DONE else answer.text)

    def _tell(self, refusal: str, retry_after_s: int = 0) -> None:
        """Let who asked hear what came of it."""
        lock = self._rooms.lock
        assert lock is not None
        self._rooms.lock = replace(
            lock,
            tries=lock.tries + 1,
            failures=lock.failures + bool(refusal),
            refusal=refusal,
            retry_after_s=retry_after_s,
        )

    def _say(self, severity: Severity, text: str) -> None:
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, "sign-in", text, now_ns))
