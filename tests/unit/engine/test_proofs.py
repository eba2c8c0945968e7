"""What lets more happen than before takes the password of who signed in once more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.duties.permission import NotAllowed
from engine.duties.proofs import ProofWanted
from engine.engine import Engine
from engine.errors import EngineError
from engine.messages.commands import (
    SHELL,
    ArmTrading,
    Command,
    DisarmTrading,
    LockDesk,
    Prove,
    ReloadLimits,
    SetTradingState,
    TradingState,
)
from engine.messages.events import AlertRaised
from engine.messages.lock_views import LockView
from engine.messages.senders import CommandAnswer, Sender, Verdict
from engine.model.account import AccountMode
from engine.rooms import Rooms
from engine.security.audit.log import entries_in
from engine.security.operators.lockout import LockedOut
from engine.security.operators.register import Operator
from engine.security.operators.roles import Role
from engine.security.operators.sign_in import SignedIn, SignInRefused
from tests.engine_rooms import ABC, composed, passes
from tests.waiting import wait_until

ANN = SignedIn(Operator("ann", Role.ADMIN), 0)
HALT = SetTradingState(TradingState.HALTED, "bad fills")
REDUCE = SetTradingState(TradingState.REDUCING, "calmer")
RESUME = SetTradingState(TradingState.ACTIVE, "well")
RELEASE = "let everything trade again (bad fills)"


class Person:
    """Ann, who signed in three minutes ago, at a desk whose engine's loop does not run."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.engine = Engine(rooms)
        self.lock = self.engine._lock
        self.lock._call = lambda call, *given: call(*given)
        self.verdict: SignedIn | Exception = ANN
        self.judged = 0
        self.may_judge = threading.Event()
        self.may_judge.set()
        self.heard: list[str] = []
        rooms.bus.subscribe(AlertRaised, lambda alert: self.heard.append(alert.text))
        self.engine.acts_for(ANN, self.judge)
        passes(rooms, 180)

    def judge(self, password: str, code: str) -> SignedIn:
        assert (password, code) == ("geese", "123456")
        self.may_judge.wait(10)
        self.judged += 1
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict

    @property
    def view(self) -> LockView:
        assert self.rooms.lock is not None
        return self.rooms.lock

    def is_now(self, state: TradingState) -> bool:
        return self.rooms.halts.said.state is state

    def says(self, command: Command) -> None:
        self.engine._handlers.handle(command)

    def is_asked(self, command: Command, what: str) -> bool:
        """Say what takes a proof; tell whether the desk asks for it in these words."""
        asked = self.view.asked
        with pytest.raises(ProofWanted, match="takes the password of ann"):
            self.says(command)
        return (self.view.asked, self.view.command, self.view.what) == (asked + 1, command, what)

    def proves(self, command: Command | None = None, what: str | None = None) -> None:
        """Type the password into the dialog."""
        asks = command if command is not None else self.view.command
        assert asks is not None
        self.says(Prove("geese", "123456", asks, self.view.what if what is None else what))
        for thread in threading.enumerate():
            if thread.name == "touchline-sign-in":
                thread.join(10)

    def writes(self, limits: str) -> None:
        path = self.rooms.folders.limits
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(limits, encoding="utf-8")


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    with composed(tmp_path, steady_is_own=True, mode=AccountMode.LIVE) as rooms:
        yield Person(rooms)


def test_letting_trading_go_on_takes_a_proof_and_halting_never_does(person: Person) -> None:
    person.says(HALT)
    assert person.is_asked(RESUME, RELEASE)
    assert person.is_asked(REDUCE, "let everything be reduced again (bad fills)")
    assert person.is_now(TradingState.HALTED)
    person.proves(RESUME, RELEASE)
    assert person.is_now(TradingState.ACTIVE)
    for scope in ({"symbol": ABC}, {"strategy": "meanrev"}):
        passes(person.rooms, 180)
        person.says(SetTradingState(TradingState.HALTED, "odd", **scope))
        name = next(iter(scope.values()))
        resume = SetTradingState(TradingState.ACTIVE, "well", **scope)
        assert person.is_asked(resume, f"let {name} trade again (odd)")


def test_what_only_tightens_never_loosens_and_is_asked_for_no_proof(person: Person) -> None:
    reduce = SetTradingState(TradingState.REDUCING, "by a key", tightens=True)
    person.says(reduce)
    assert person.is_now(TradingState.REDUCING)
    person.says(HALT)
    person.says(reduce)
    assert person.is_now(TradingState.HALTED)
    assert person.heard[-1] == "everything is halted already: bad fills"


def test_a_proof_counts_for_two_minutes_and_so_do_the_sign_in_and_the_unlocking(person: Person) -> None:
    person.says(HALT)
    assert person.is_asked(RESUME, RELEASE)
    person.proves()
    for waited_s in (60, 59):
        passes(person.rooms, waited_s)
        person.says(HALT)
        person.says(RESUME)
        assert person.is_now(TradingState.ACTIVE)
    passes(person.rooms, 1)
    person.says(HALT)
    assert person.is_asked(RESUME, RELEASE)
    person.lock._open()
    person.says(RESUME)
    assert person.is_now(TradingState.ACTIVE)
    person.engine.acts_for(ANN, person.judge)
    person.says(HALT)
    person.says(RESUME)
    assert person.judged == 1


def test_a_wrong_password_does_nothing_and_says_why(person: Person) -> None:
    person.says(HALT)
    assert person.is_asked(RESUME, RELEASE)
    person.verdict = SignInRefused("the password is wrong")
    person.proves()
    assert (person.view.refusal, person.view.failures) == ("the password is wrong", 1)
    person.verdict = LockedOut(300)
    person.proves()
    assert person.view.retry_after_s == 300
    assert person.is_now(TradingState.HALTED)
    assert "a try to be ann failed: the password is wrong" in person.heard


def test_a_halt_that_came_while_the_password_was_looked_at_is_not_let_go(person: Person) -> None:
    person.says(HALT)
    assert person.is_asked(RESUME, RELEASE)
    person.may_judge.clear()
    person.says(Prove("geese", "123456", RESUME, RELEASE))
    with pytest.raises(EngineError, match="another password is being looked at"):
        person.says(Prove("geese", "123456", RESUME, RELEASE))
    person.rooms.halts.set(TradingState.HALTED, "from another shell")
    person.may_judge.set()
    wait_until(lambda: "what is halted changed meanwhile" in person.heard[-1])
    assert person.is_now(TradingState.HALTED)


def test_what_is_carried_out_is_what_was_shown_and_nothing_else(person: Person) -> None:
    person.says(HALT)
    assert person.is_asked(RESUME, RELEASE)
    person.says(SetTradingState(TradingState.HALTED, "another reason"))
    person.proves()
    assert person.is_now(TradingState.HALTED)
    assert person.view.what == "let everything trade again (another reason)"
    person.proves()
    assert person.is_now(TradingState.ACTIVE)


def test_the_role_of_now_decides_and_a_locked_desk_hears_no_proof(person: Person) -> None:
    person.says(HALT)
    assert person.is_asked(RESUME, RELEASE)
    person.verdict = SignedIn(Operator("ann", Role.TRADER), 0)
    person.proves()
    assert person.is_now(TradingState.HALTED)
    assert "ann signed in as trader, and may not let trading go on" in person.heard
    person.says(LockDesk())
    with pytest.raises(NotAllowed, match="the desk is locked"):
        person.says(Prove("geese", "123456", RESUME, RELEASE))


def test_a_live_account_takes_its_name_and_a_proof(person: Person) -> None:
    person.says(ArmTrading("PAPER-2"))
    assert (person.view.asked, person.rooms.arming.refused) == (0, 1)
    assert person.is_asked(ArmTrading("PAPER-1"), "arm PAPER-1")
    assert person.rooms.arming.view().reason
    person.proves()
    assert person.rooms.arming.armed
    passes(person.rooms, 180)
    person.says(ArmTrading("PAPER-1"))
    person.says(DisarmTrading("lunch"))
    assert person.is_asked(ArmTrading("PAPER-1"), "arm PAPER-1")


def test_looser_limits_are_held_back_until_somebody_proves_to_want_them(person: Person) -> None:
    rooms, notice = person.rooms, person.engine._handlers.limits.notice
    person.writes("[account]\norder_burst = 30\n")
    notice()
    assert rooms.limits.limits.account.order_burst == 30
    person.writes("[account]\norder_burst = 50\ngross_max_ratio = 1\n")
    notice()
    held = "the limits file loosens account.order_burst 30 → 50, and is held back"
    assert person.heard[-1] == f"{held}: typing limits asks for the password of ann and takes it"
    assert (rooms.limits.limits.account.order_burst, rooms.limits.changed_on_disk()) == (30, False)
    assert rooms.limits.source.endswith("(a looser file is held back)")
    assert person.is_asked(ReloadLimits(), "loosen account.order_burst 30 → 50")
    person.writes("[account]\norder_burst = 5000\n")
    person.proves()
    assert rooms.limits.limits.account.order_burst == 30
    assert person.view.what == "loosen account.order_burst 30 → 5000"
    person.proves()
    assert rooms.limits.limits.account.order_burst == 5000
    assert "held back" not in rooms.limits.source


def test_a_fresh_proof_takes_no_file_that_nobody_asked_for(person: Person) -> None:
    person.engine.acts_for(ANN, person.judge)
    notice = person.engine._handlers.limits.notice
    person.writes("[account]\norder_burst = 5000\n")
    notice()
    assert person.rooms.limits.limits.account.order_burst == 40
    person.writes("[account\n")
    notice()
    assert "limits unchanged: " in person.heard[-1]
    assert "held back" not in person.rooms.limits.source
    person.writes("[account]\norder_burst = 5000\n")
    person.says(ReloadLimits())
    assert person.rooms.limits.limits.account.order_burst == 5000


def test_another_shell_takes_a_proof_of_its_own_each_time(person: Person) -> None:
    shell = SetTradingState(TradingState.ACTIVE, "well", origin=SHELL)
    person.engine.acts_for(ANN, person.judge)
    person.says(HALT)
    with pytest.raises(ProofWanted):
        person.says(shell)
    assert person.view.asked == 0
    person.proves(shell, "")
    assert person.is_now(TradingState.ACTIVE)
    passes(person.rooms, 180)
    person.says(HALT)
    person.proves(shell, "")
    person.says(HALT)
    with pytest.raises(ProofWanted):
        person.says(RESUME)
    with pytest.raises(ProofWanted):
        person.says(shell)
    assert person.rooms.audit is not None
    person.rooms.audit.close()
    told = [
        (entry.who, entry.what, entry.origin, entry.after)
        for entry in entries_in(person.rooms.folders.data / "audit.log")
    ]
    assert told.count(("ann", "proof", "shell", RELEASE)) == 2


def test_an_operator_who_is_not_at_the_desk_takes_a_proof_of_its_own_and_asks_nothing_there(
    person: Person,
) -> None:
    told: list[CommandAnswer] = []
    person.engine.acts_for(ANN, person.judge)
    person.says(HALT)
    for proven in (False, True):
        sender = Sender("bob", Role.RISK.value, "gateway", proven=proven)
        person.engine._sent.carry_out(RESUME, sender, told.append)
    assert [each.verdict for each in told] == [Verdict.PROOF_WANTED, Verdict.DONE]
    assert told[0].text == "to let everything trade again (bad fills) takes the password of bob"
    assert (person.is_now(TradingState.ACTIVE), person.view.asked) == (True, 0)
    assert person.rooms.audit is not None
    person.rooms.audit.close()
    entries = entries_in(person.rooms.folders.data / "audit.log")
    assert ("bob", "proof", "gateway") in [(each.who, each.what, each.origin) for each in entries]


def test_where_nobody_signed_in_nothing_asks(tmp_path: Path) -> None:
    with composed(tmp_path, steady_is_own=True, mode=AccountMode.LIVE) as rooms:
        engine = Engine(rooms)
        handlers = engine._handlers
        handlers.handle(HALT)
        handlers.handle(RESUME)
        handlers.handle(ArmTrading("PAPER-1"))
        rooms.folders.limits.write_text("[account]\norder_burst = 5000\n", encoding="utf-8")
        handlers.limits.notice()
        assert rooms.halts.said.state is TradingState.ACTIVE
        assert rooms.arming.armed
        assert rooms.limits.limits.account.order_burst == 5000
        with pytest.raises(EngineError, match="nobody signed in, so nothing takes a proof"):
            handlers.handle(Prove("geese", "", RESUME))


def test_no_printing_tells_the_password() -> None:
    assert "geese" not in repr(Prove("geese", "123456", RESUME))
