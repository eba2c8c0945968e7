"""Halts, limits and arming over proofs, locks and waits, in any order: nothing is looser than before without a proof of it."""

from __future__ import annotations

import tempfile
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

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
    UnlockDesk,
)
from engine.model.account import AccountMode
from engine.security.operators.register import Operator
from engine.security.operators.roles import Role
from engine.security.operators.sign_in import SignedIn, SignInRefused
from tests.engine_rooms import composed, passes

ANN = SignedIn(Operator("ann", Role.ADMIN), 0)
RIGHT, WRONG = "seven grey geese", "nine green herons"
FRESH_S = 120
STATES = (TradingState.HALTED, TradingState.REDUCING, TradingState.ACTIVE)
"""From the strictest on."""


def judge(password: str, _code: str) -> SignedIn:
    if password != RIGHT:
        raise SignInRefused("it is not ann")
    return ANN


class ProofMachine(RuleBasedStateMachine):
    """Keeps its own count of the seconds since a proof; how much may happen is looked at before and after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.running = ExitStack()
        root = Path(self.folder.name)
        self.rooms = self.running.enter_context(composed(root, steady_is_own=True, mode=AccountMode.LIVE))
        self.rooms.halts.keep = lambda: None  # the thread that writes their file outlives a desk of a test
        self.engine = Engine(self.rooms)
        self.lock, self.limits = self.engine._lock, self.engine._handlers.limits
        self.lock._call = lambda call, *given: call(*given)
        self.engine.acts_for(ANN, judge)
        self.since_s, self.number = 0, 0

    def teardown(self) -> None:
        if self.rooms.audit is not None:
            self.rooms.audit.close()
        self.running.close()
        self.folder.cleanup()

    def seen(self) -> tuple[int, int, bool]:
        """Return how much may happen: the trading state, a limit, whether the account is armed; the more, the looser."""
        state = STATES.index(self.rooms.halts.said.state)
        return state, self.rooms.limits.limits.account.order_burst, self.rooms.arming.armed

    def is_locked(self) -> bool:
        return self.rooms.lock is not None and self.rooms.lock.locked

    def is_fresh(self) -> bool:
        return self.since_s < FRESH_S and not self.is_locked()

    def says(self, command: Command, *, may_loosen: bool) -> None:
        before = self.seen()
        with suppress(EngineError):
            self.engine._handlers.handle(command)
        for thread in threading.enumerate():
            if thread.name == "touchline-sign-in":
                thread.join(10)
        assert may_loosen or all(now <= was for now, was in zip(self.seen(), before, strict=True))

    @rule(state=st.sampled_from(STATES), origin=st.sampled_from(("desk", SHELL)))
    def say_a_state(self, state: TradingState, origin: str) -> None:
        was, self.number = self.seen()[0], self.number + 1
        command = SetTradingState(state, f"reason {self.number}", origin=origin)
        self.says(command, may_loosen=origin != SHELL and self.is_fresh())
        if STATES.index(state) <= was or (origin != SHELL and self.is_fresh()):
            assert self.rooms.halts.said.state is state

    @rule(burst=st.sampled_from((10, 40, 100)), typed=st.booleans())
    def change_limits(self, burst: int, typed: bool) -> None:
        was = self.seen()[1]
        path = self.rooms.folders.limits
        path.write_text(f"[account]\norder_burst = {burst}\n", encoding="utf-8")
        self.limits.notice()
        assert self.seen()[1] == min(was, burst)
        if typed:
            self.says(ReloadLimits(), may_loosen=self.is_fresh())

    @rule(armed=st.booleans())
    def arm_or_disarm(self, armed: bool) -> None:
        command = ArmTrading("PAPER-1") if armed else DisarmTrading("by hand")
        self.says(command, may_loosen=self.is_fresh())
        assert armed or not self.rooms.arming.armed

    @rule(password=st.sampled_from((RIGHT, WRONG)))
    def answer_the_dialog(self, password: str) -> None:
        assert self.rooms.lock is not None
        asked, what = self.rooms.lock.command, self.rooms.lock.what
        if asked is None:
            return
        proven = password == RIGHT and not self.is_locked()
        self.says(Prove(password, "", asked, what), may_loosen=proven)
        self.since_s = 0 if proven else self.since_s

    @rule(password=st.sampled_from((RIGHT, WRONG)), state=st.sampled_from(STATES))
    def prove_at_a_shell(self, password: str, state: TradingState) -> None:
        command = SetTradingState(state, "shell", origin=SHELL)
        proven = password == RIGHT and not self.is_locked()
        self.says(Prove(password, "", command), may_loosen=proven)
        assert not proven or self.rooms.halts.said.state is state

    @rule(password=st.sampled_from((RIGHT, WRONG)))
    def lock_and_unlock(self, password: str) -> None:
        self.says(LockDesk(), may_loosen=False)
        self.says(UnlockDesk(password), may_loosen=False)
        assert self.is_locked() == (password != RIGHT)
        self.since_s = 0 if password == RIGHT else self.since_s

    @rule(seconds=st.sampled_from((1, 59, 60, 61, 120)))
    def wait(self, seconds: int) -> None:
        passes(self.rooms, seconds)
        self.since_s += seconds


TestProofMachine = ProofMachine.TestCase
TestProofMachine.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
