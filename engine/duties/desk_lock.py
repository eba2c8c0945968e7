"""Locks a desk that nobody sits at, or that somebody left on purpose; hears who signed in prove to be there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.duties.judging import judge_soon
from engine.errors import EngineError
from engine.messages.commands import SHELL, ArmTrading, Prove, UnlockDesk, origin_of
from engine.messages.events import AlertRaised, Severity
from engine.messages.lock_views import LockView
from engine.rooms import Rooms
from engine.security.audit.entry import Act
from engine.security.operators.lockout import LockedOut
from engine.security.operators.register import Operator
from engine.security.operators.roles import Role, may
from engine.security.operators.sign_in import SignedIn

Judge = Callable[[str, str], SignedIn]
"""Says whether a password and a code are those of who signed in; takes a third of a second."""


class DeskLock:
    """Knows who may open the desk; while it is locked, only the way out is let through."""

    def __init__(
        self,
        rooms: Rooms,
        call: Callable[..., None],
        disarm: Callable[[str, str], None],
        carry_out: Callable[[Prove], None],
    ) -> None:
        """Take what puts a call on the engine's loop, what disarms the account, and what does what was proven."""
        self._rooms = rooms
        self._call = call
        self._disarm = disarm
        self._carry_out = carry_out
        self._judge: Judge | None = None
        self._seen_ns = 0
        self._is_judging = False

    def acts_for(self, who: SignedIn, judge: Judge) -> None:
        """Let a desk be locked at which somebody signed in."""
        operator = who.operator
        self._judge = judge
        self._rooms.operator = operator
        self._rooms.lock = LockView(operator.name, wants_code=operator.has_code)
        self._rooms.proven_ns = self._rooms.clock.monotonic_ns()
        if self._rooms.audit is not None:
            self._rooms.audit.who = operator.name
        if who.failures:
            self._say(Severity.WARNING, f"{who.failures} failed tries to sign in as {operator.name} before")

    def seen(self) -> None:
        """Note that somebody is at the desk."""
        self._seen_ns = self._rooms.clock.monotonic_ns()

    def look(self) -> None:
        """Lock once nobody has pressed a key for too long."""
        if self._rooms.operator is None:
            return
        idle_ns = self._rooms.settings.desk.lock_after_min * 60 * NS_PER_S
        if idle_ns and self._seen_ns and self._rooms.clock.monotonic_ns() - self._seen_ns >= idle_ns:
            self.lock(f"no key for {self._rooms.settings.desk.lock_after_min} minutes")

    def lock(self, reason: str = "by hand") -> None:
        """Lock the desk; a live account is disarmed with it, and what asked for a proof is not carried out.

        Raises:
            EngineError: nobody signed in who could open it again.
        """
        lock = self._rooms.lock
        if lock is None or self._rooms.operator is None:
            raise EngineError("nobody signed in, so nobody could open it: touchline setup makes an operator")
        if lock.locked:
            return
        self._rooms.lock = replace(
            lock, locked=True, reason=reason, refusal="", retry_after_s=0, what="", command=None
        )
        self._note("desk-lock", "open", f"locked: {reason}")
        if self._rooms.arming.needs_name:
            self._disarm("the desk was locked", "lock")

    def unlock(self, command: UnlockDesk) -> None:
        """Open the desk once a password was judged; one at a time."""
        lock = self._rooms.lock
        if lock is not None and lock.locked and not self._is_judging:
            self._look_at(command.password, command.code, self._open)

    def prove(self, command: Prove) -> None:
        """Carry out what takes a proof, once a password was judged; one at a time.

        Raises:
            EngineError: nobody signed in, or another password is being looked at.
        """
        if self._rooms.lock is None:
            raise EngineError("nobody signed in, so nothing takes a proof")
        if self._is_judging:
            raise EngineError("another password is being looked at; say it again in a moment")
        fits = partial(self._proven, command, self._rooms.halts.version)
        self._look_at(command.password, command.code, fits)

    def follow(self, operators: Sequence[Operator]) -> None:
        """Take in who the operators are now: another role holds from here on, and who is none any more is locked out."""
        was, lock = self._rooms.operator, self._rooms.lock
        if was is None or lock is None:
            return
        now = next((each for each in operators if each.name == was.name), None)
        if now is None:
            self._rooms.operator = was._replace(role=Role.VIEWER)
            if not lock.locked:
                self.lock(f"{was.name} is no operator any more; open the desk anew")
                self._say(Severity.CRITICAL, f"{was.name} is no operator any more")
            return
        self._rooms.operator = now
        self._rooms.lock = replace(lock, wants_code=now.has_code)
        if now.role is not was.role:
            self._say(
                Severity.WARNING, f"{now.name} is {now.role.value} from now on, and was {was.role.value}"
            )
            if self._rooms.arming.needs_name and not may(now.role, ArmTrading("")):
                self._disarm(f"{now.name} is {now.role.value} from now on", "role")

    def _look_at(self, password: str, code: str, fits: Callable[[], None]) -> None:
        """Have a password judged in a thread, and `fits` called on the engine's loop where it is right."""
        assert self._judge is not None
        self._is_judging = True
        judge_soon(partial(self._judge, password, code), partial(self._take, fits), self._call)

    def _take(self, fits: Callable[[], None], verdict: SignedIn | EngineError) -> None:
        lock = self._rooms.lock
        assert lock is not None
        self._is_judging = False
        if isinstance(verdict, EngineError):
            wait_s = verdict.retry_after_s if isinstance(verdict, LockedOut) else 0
            self._rooms.lock = replace(
                lock,
                tries=lock.tries + 1,
                failures=lock.failures + 1,
                refusal=str(verdict),
                retry_after_s=wait_s,
            )
            loud = Severity.CRITICAL if wait_s else Severity.WARNING
            self._say(loud, f"a try to be {lock.operator} failed: {verdict}")
            return
        self._rooms.operator = verdict.operator
        self._rooms.lock = replace(
            lock, wants_code=verdict.operator.has_code, tries=lock.tries + 1, refusal="", retry_after_s=0
        )
        fits()

    def _open(self) -> None:
        """Open the desk for who was proven to be there."""
        assert self._rooms.lock is not None
        self._rooms.lock = replace(self._rooms.lock, locked=False, reason="")
        self._rooms.proven_ns = self._rooms.clock.monotonic_ns()
        self.seen()

    def _proven(self, command: Prove, version: int) -> None:
        """Carry out what was proven, but nothing over a halt that came meanwhile; at the desk the proof counts for a while."""
        if origin_of(command.command) != SHELL:
            self._rooms.proven_ns = self._rooms.clock.monotonic_ns()
        if self._rooms.halts.version == version:
            self._carry_out(command)
        else:
            self._say(
                Severity.WARNING,
                "what is halted changed meanwhile, so nothing was done: look, and say it again",
            )

    def _note(self, what: str, before: str, after: str) -> None:
        audit = self._rooms.audit
        if audit is not None:
            account = self._rooms.account.name
            audit.note(
                Act(who=audit.who, what=what, origin="desk", subject=account, before=before, after=after)
            )

    def _say(self, severity: Severity, text: str) -> None:
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, "sign-in", text, now_ns))
