"""A live account over armings, disarmings, idle hours, broken connections and restarts, in any order."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from engine.duties.leaving import Leaving
from engine.handlers import Handlers
from engine.messages.commands import (
    AmendOrder,
    ArmTrading,
    CancelAll,
    DisarmTrading,
    Flatten,
    SetTradingState,
    TradingState,
)
from engine.messages.events import OrderSubmitted
from engine.messages.reports import LinkReport
from engine.model.account import AccountMode
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.engine_rooms import ABC, NOON_NS, buying, composed, passes, quoted

NAME = "PAPER-1"
IDLE_S = 15 * 60


class ArmingMachine(RuleBasedStateMachine):
    """Keeps a book of its own of when the account may open; what the broker got is held against it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.later_s = 0.0
        self.running = ExitStack()
        self.start()

    def start(self) -> None:
        self.rooms = self.running.enter_context(
            composed(Path(self.folder.name), later_s=self.later_s, steady_is_own=True, mode=AccountMode.LIVE)
        )
        self.rooms.halts.keep = lambda: None  # the thread that writes their file outlives a desk of a test
        self.handlers = Handlers(self.rooms, Leaving(self.rooms))
        self.may_open, self.linked, self.idle_s = False, True, 0.0
        self.opened = 0
        self.rooms.bus.subscribe(OrderSubmitted, self.judge)

    def judge(self, event: OrderSubmitted) -> None:
        """Note an order on its way to the broker that could open, by plain sums over what is held and works."""
        request = event.request
        position = self.rooms.ledger.positions.get(ABC)
        held = request.side * (position.quantity if position is not None else 0)
        working = sum(o.leaves for o in self.rooms.working.of(ABC) if o.side is request.side)
        self.opened += held + working > 0 and not self.may_open

    # What a person does

    @rule()
    def type_the_name(self) -> None:
        self.handlers.handle(ArmTrading(NAME))
        if self.linked:
            self.may_open, self.idle_s = True, self.idle_s if self.may_open else 0.0

    @rule(name=st.sampled_from(["", "PAPER-2", "paper-1", f" {NAME}"]))
    def type_a_wrong_name(self, name: str) -> None:
        self.handlers.handle(ArmTrading(name))

    @rule()
    def press_f12_while_armed(self) -> None:
        self.handlers.handle(DisarmTrading("F12"))
        self.may_open = False

    @rule()
    def press_a_key(self) -> None:
        self.handlers.catch.seen()
        self.idle_s = 0.0

    @rule(
        side=st.sampled_from(Side), quantity=st.integers(1, 300), limit=st.sampled_from([None, 9_950, 10_100])
    )
    def order(self, side: Side, quantity: int, limit: int | None) -> None:
        wanted = buying(self.rooms, quantity, limit)
        self.handlers.handle(replace(wanted, request=replace(wanted.request, side=side)))

    @rule(quantity=st.integers(1, 500), limit=st.integers(9_900, 10_050))
    def change_an_order(self, quantity: int, limit: int) -> None:
        for order in list(self.rooms.working):
            grows = quantity > order.quantity
            self.handlers.handle(AmendOrder(order.client_id, quantity, limit))
            if grows and order.status is OrderStatus.PENDING_REPLACE and not self.may_open:
                position = self.rooms.ledger.positions.get(ABC)
                held = order.side * (position.quantity if position is not None else 0)
                self.opened += held + quantity - order.filled > 0

    @rule()
    def cancel_everything(self) -> None:
        self.handlers.handle(CancelAll())
        assert all(order.cancel_wanted for order in self.rooms.working)

    @rule(state=st.sampled_from(TradingState))
    def say_a_trading_state(self, state: TradingState) -> None:
        self.handlers.handle(SetTradingState(state, "a person said so"))

    @precondition(lambda self: self.linked)
    @rule()
    def flatten(self) -> None:
        self.handlers.handle(Flatten())
        passes(self.rooms, 1)
        self.idle_s += 1
        position = self.rooms.ledger.positions.get(ABC)
        assert position is None or not position.quantity, "a flatten works whether or not it is armed"

    # What happens to the desk

    @rule(seconds=st.sampled_from([0.1, 2.0, 300.0, 899.0, 900.0]))
    def time_passes(self, seconds: float) -> None:
        passes(self.rooms, seconds)
        quoted(self.rooms, ABC, 10_000)
        passes(self.rooms, 0.1)
        self.idle_s += seconds + 0.1
        self.handlers.catch.look()
        if self.idle_s >= IDLE_S:
            self.may_open = False

    @rule(connected=st.booleans())
    def the_link_changes(self, connected: bool) -> None:
        self.rooms.orders.on_report(LinkReport(connected, "said so", NOON_NS))
        self.may_open, self.linked = False, connected

    @rule()
    def the_desk_starts_again(self) -> None:
        self.later_s = (self.rooms.clock.now_ns() - NOON_NS) / 1e9 + 1
        self.running.close()
        self.start()

    # What must hold

    @invariant()
    def no_order_that_opens_leaves_an_account_that_is_not_armed(self) -> None:
        assert not self.opened

    @invariant()
    def it_is_armed_when_the_book_says_so(self) -> None:
        assert self.rooms.arming.armed is self.may_open

    def teardown(self) -> None:
        self.running.close()
        self.folder.cleanup()


ArmingMachine.TestCase.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)
TestArming = ArmingMachine.TestCase
