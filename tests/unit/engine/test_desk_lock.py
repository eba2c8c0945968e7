"""When a desk is locked, what is let through meanwhile, and who opens it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from engine.duties.permission import NotAllowed
from engine.engine import Engine
from engine.errors import EngineError
from engine.messages.commands import (
    ArmTrading,
    CancelAll,
    DisarmTrading,
    Flatten,
    LockDesk,
    SetTradingState,
    TradingState,
    UnlockDesk,
)
from engine.messages.events import AlertRaised, Severity
from engine.model.account import AccountMode
from engine.rooms import Rooms
from engine.security.operators.lockout import LockedOut
from engine.security.operators.register import Operator
from engine.security.operators.roles import Role
from engine.security.operators.sign_in import SignedIn
from tests.engine_rooms import ABC, buying, composed, passes
from tests.waiting import wait_until

MINUTE_S = 60.0
ANN = SignedIn(Operator("ann", Role.ADMIN), 0)


class Person:
    """Ann at a desk whose engine's loop does not run: what is put on it is done at once."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.engine = Engine(rooms)
        self.handlers = self.engine._handlers
        self.lock = self.engine._lock
        self.verdict: SignedIn | Exception = ANN
        self.judged: list[tuple[str, str]] = []
        self.may_judge = Event()
        self.may_judge.set()
        self.heard: list[AlertRaised] = []
        rooms.bus.subscribe(AlertRaised, self.heard.append)
        self.lock._call = lambda call, *given: call(*given)

    def signs_in(self) -> None:
        self.engine.acts_for(ANN, self.judge)

    def judge(self, password: str, code: str) -> SignedIn:
        self.may_judge.wait(10)
        self.judged.append((password, code))
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict

    def is_locked(self) -> bool:
        return self.rooms.lock is not None and self.rooms.lock.locked

    def waits(self, minutes: float) -> None:
        passes(self.rooms, minutes * MINUTE_S)
        self.lock.look()

    def tries(self, verdict: SignedIn | Exception) -> None:
        """Say a password of which this is the verdict."""
        self.verdict, before, heard = verdict, len(self.judged), len(self.heard)
        tried = self.rooms.lock.tries if self.rooms.lock is not None else 0
        self.handlers.handle(UnlockDesk("geese", "123456"))
        wait_until(lambda: self.rooms.lock is not None and self.rooms.lock.tries > tried)
        if isinstance(verdict, Exception):  # it is judged in a thread of its own, which says so last
            wait_until(lambda: len(self.heard) > heard)
        assert self.judged[before:] == [("geese", "123456")]


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    with composed(tmp_path, steady_is_own=True, mode=AccountMode.LIVE) as rooms:
        yield Person(rooms)


def test_idleness_locks_a_desk_that_somebody_signed_in_at_and_no_other(person: Person) -> None:
    person.lock.seen()
    person.waits(60)
    assert not person.is_locked()
    person.signs_in()
    person.lock.seen()
    person.waits(14)
    person.lock.seen()
    person.waits(14)
    assert not person.is_locked()
    person.waits(1)
    assert person.is_locked()
    assert person.rooms.lock is not None
    assert person.rooms.lock.reason == "no key for 15 minutes"


def test_nobody_can_lock_what_nobody_could_open(person: Person) -> None:
    with pytest.raises(EngineError, match="nobody signed in, so nobody could open it"):
        person.handlers.handle(LockDesk())


def test_a_locked_desk_lets_out_and_nothing_else_and_a_live_account_is_disarmed(person: Person) -> None:
    person.signs_in()
    person.rooms.arming.arm()
    person.handlers.handle(LockDesk())
    assert person.is_locked()
    assert person.rooms.arming.view().reason == "the desk was locked"
    halted = SetTradingState(TradingState.HALTED, "odd", None)
    for command in (halted, CancelAll(), Flatten(ABC), DisarmTrading("x"), LockDesk()):
        person.handlers.handle(command)
    resume = SetTradingState(TradingState.ACTIVE, "well", None, origin="shell")
    for denied in (buying(person.rooms, 5), ArmTrading("PAPER-1"), resume):
        with pytest.raises(NotAllowed, match="the desk is locked"):
            person.handlers.handle(denied)
    assert person.rooms.halts.said.state is TradingState.HALTED


def test_it_opens_for_who_signed_in_with_the_role_of_now(person: Person) -> None:
    person.signs_in()
    person.handlers.handle(LockDesk())
    person.tries(EngineError("the password is wrong"))
    lock = person.rooms.lock
    assert lock is not None
    assert (lock.locked, lock.failures, lock.refusal) == (True, 1, "the password is wrong")
    person.tries(LockedOut(300))
    assert person.rooms.lock is not None
    assert person.rooms.lock.retry_after_s == 300
    told = [Severity.WARNING, Severity.CRITICAL]
    assert [alert.severity for alert in person.heard[-2:]] == told
    person.tries(ValueError("geese"))
    assert "geese" not in person.rooms.lock.refusal
    person.tries(SignedIn(Operator("ann", Role.VIEWER), 0))
    assert not person.is_locked()
    assert person.rooms.lock.failures == 3
    with pytest.raises(NotAllowed, match="ann signed in as viewer"):
        person.handlers.handle(buying(person.rooms, 5))
    person.handlers.handle(UnlockDesk("geese"))
    assert len(person.judged) == 4


def test_one_password_is_judged_at_a_time(person: Person) -> None:
    person.signs_in()
    person.handlers.handle(LockDesk())
    person.may_judge.clear()
    for _ in range(5):
        person.handlers.handle(UnlockDesk("geese"))
    person.may_judge.set()
    wait_until(lambda: not person.is_locked())
    assert len(person.judged) == 1
