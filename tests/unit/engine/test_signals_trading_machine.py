"""Whatever happens in whatever order: no order of a model leaves that a person did not arm it for."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from engine.duties.leaving import Leaving
from engine.errors import EngineError
from engine.handlers import Handlers
from engine.messages.commands import (
    ArmSignals,
    ArmTrading,
    Command,
    DisarmSignals,
    DisarmTrading,
    SetTradingState,
    TradingState,
)
from engine.messages.signal_views import ModelView, SignalView
from engine.model.order import Order, OrderStatus
from engine.model.trade import Side
from engine.settings.signals import SignalLimits
from engine.signals.trading.signal_id import bar_end_ns_in, signal_id, version_in
from tests.engine_rooms import ABC, passes, quoted
from tests.serving_bench import NAME, TABLE, ServingBench, course, plays, signals_of

QUANTITY, POSITION, ORDERS = 5, 5, 3
LIMITS = SignalLimits(
    quantity=str(QUANTITY), position=str(POSITION), orders_a_day=ORDERS, loss_a_day="60", cooldown_s=2
)
PRICE = 100_000
EVERYTHING, OWN = "", NAME
GOOD: list[dict[str, Any]] = [{}, {"age_s": 0.5}]
FLAWS: list[dict[str, Any]] = [
    *GOOD,
    {"stage": "shadow"},
    {"version": "0" * 16},
    {"abstained": "out of domain: x"},
    {"probability": None},
    {"probability": 0.5},
    {"edge_bps": None},
    {"edge_bps": 0.0},
    {"age_s": 1.5},
    {"age_s": -1},
]


class Machine(RuleBasedStateMachine):
    """Holds a model of what may happen beside what does."""

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        root = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.bench = ServingBench(root)
        self.version = self.bench.champion()
        self.later_s = 0.0
        self.rooms_stack = ExitStack()
        self.start()
        self.sent: list[int] = []

    def start(self) -> None:
        """Start the desk; nothing is armed then."""
        table = replace(TABLE, limits=LIMITS)
        self.rooms = self.rooms_stack.enter_context(self.bench.rooms(table, later_s=self.later_s))
        self.handlers = Handlers(self.rooms, Leaving(self.rooms))
        signals_of(self.rooms).follow()
        signals_of(self.rooms).models[0].switch()
        plays(self.rooms, list(course(3, 25)))
        self.armed = self.account_off = False
        self.tries(SetTradingState(TradingState.ACTIVE, "a new morning"))
        self.tries(SetTradingState(TradingState.ACTIVE, "a new morning", strategy=NAME))
        quoted(self.rooms, ABC, PRICE)

    def end(self) -> None:
        """End the desk, and what it still writes."""
        if self.rooms.audit is not None:
            self.rooms.audit.close()
        self.rooms_stack.close()

    @property
    def orders(self) -> list[Order]:
        return [each for each in self.rooms.orders.orders.values() if each.request.origin == "model"]

    def tries(self, command: Command) -> bool:
        try:
            self.handlers.handle(command)
        except EngineError:
            return False
        return True

    @property
    def halted(self) -> bool:
        halts = self.rooms.halts
        return TradingState.HALTED in {halts.everything.state, halts.said_of(None, NAME).state}

    @rule(name=st.sampled_from([NAME] * 5 + ["", "Daily"]))
    def arm(self, name: str) -> None:
        may = name == NAME and not self.halted and not self.account_off and not self.armed
        came = self.tries(ArmSignals(NAME, name))
        assert not came or may
        self.armed = self.armed or came

    @rule()
    def disarm(self) -> None:
        self.tries(DisarmSignals(NAME, "by hand"))
        self.armed = False

    @rule(off=st.booleans())
    def account(self, off: bool) -> None:
        self.tries(DisarmTrading("by hand") if off else ArmTrading(""))
        self.account_off, self.armed = off, self.armed and not off

    @rule(scope=st.sampled_from([EVERYTHING, OWN]), halted=st.booleans())
    def state(self, scope: str, halted: bool) -> None:
        state = TradingState.HALTED if halted else TradingState.ACTIVE
        self.tries(SetTradingState(state, "said", strategy=scope))
        self.armed = self.armed and not halted

    @rule(bid=st.integers(PRICE - 700, PRICE + 700))
    def move(self, bid: int) -> None:
        quoted(self.rooms, ABC, bid)
        assert self.handlers.trader is not None
        self.handlers.trader.look()
        self.armed = self.armed and not self.halted

    @rule()
    def restart(self) -> None:
        self.later_s += 300
        self.end()
        self.rooms_stack = ExitStack()
        self.start()

    @rule(side=st.sampled_from([1, 1, -1]))
    def hear_well(self, side: int) -> None:
        self.hear(side, {}, "ok", "")

    @rule(side=st.sampled_from([1, -1]), flaw=st.sampled_from(FLAWS))
    def hear_flawed(self, side: int, flaw: Mapping[str, Any]) -> None:
        self.hear(side, flaw, "ok", "")

    @rule(
        side=st.sampled_from([1, -1]),
        drift=st.sampled_from(["watch", "alarm", "quarantine"]),
        failure=st.sampled_from(["", "gone"]),
    )
    def hear_unfit(self, side: int, drift: str, failure: str) -> None:
        self.hear(side, {}, drift, failure)

    @rule()
    def arm_whatever_was(self) -> None:
        for scope in (EVERYTHING, OWN):
            self.state(scope, halted=False)
        self.account(off=False)
        self.arm(NAME)
        self.wait(3)
        self.hear(1, {}, "ok", "")

    def hear(self, side: int, flaw: Mapping[str, Any], drift: str, failure: str) -> None:
        assert self.handlers.trader is not None
        before, held_before = len(self.orders), self.held
        age_s = flaw.get("age_s", 0)
        signal = SignalView(
            symbol=ABC,
            model=NAME,
            version=self.version,
            stage="champion",
            bar_end_ns=self.rooms.clock.now_ns() - int(age_s * 1e9),
            probability=0.5 + 0.2 * side,
            edge_bps=4.0,
            price=PRICE,
        )
        signal = replace(signal, **{name: value for name, value in flaw.items() if name != "age_s"})
        champion = replace(self.champion, drift_data=drift, failure=failure)
        self.handlers.trader.hear(signal, champion)
        came, said = self.orders[before:], flaw in GOOD
        fit = drift in {"ok", "watch"} and not failure
        assert not came or (self.armed and fit and not self.halted and not self.account_off)
        self.armed = self.armed and fit and not self.halted
        for order in came:
            assert len(came) == 1
            assert order.request.strategy == NAME
            if order.request.reduce_only:
                self.ends_what_is_over(order, signal, held_before)
                continue
            assert said
            assert order.quantity == QUANTITY
            assert order.request.correlation == signal_id(signal)
            assert abs(held_before + side * QUANTITY) <= max(POSITION, abs(held_before))
        quoted(self.rooms, ABC, self.rooms.market.states[ABC].bid)
        passes(self.rooms, 0.9)

    def ends_what_is_over(self, order: Order, signal: SignalView, held: int) -> None:
        """Hold an exit against what it may be: the way out, no more than is held, a horizon after the word."""
        assert signal.version == self.version
        assert 0 < order.quantity <= (held if order.side is Side.SELL else -held)
        horizon_ns = self.champion.horizon_bars * self.champion.interval_ns
        assert signal.bar_end_ns >= bar_end_ns_in(order.request.correlation) + horizon_ns > horizon_ns

    @rule(seconds=st.sampled_from([1, 3]))
    def wait(self, seconds: int) -> None:
        passes(self.rooms, seconds)
        quoted(self.rooms, ABC, self.rooms.market.states[ABC].bid)

    @property
    def champion(self) -> ModelView:
        return next(iter(signals_of(self.rooms).view.models))

    @property
    def held(self) -> int:
        position = self.rooms.ledger.positions.get(ABC)
        return position.quantity if position is not None else 0

    @invariant()
    def every_order_names_its_version(self) -> None:
        if hasattr(self, "rooms"):
            assert all(version_in(each.request.correlation) == self.version for each in self.orders)

    @invariant()
    def no_limit_is_passed(self) -> None:
        if hasattr(self, "rooms"):
            sent = [each for each in self.orders if each.status is not OrderStatus.DENIED]
            for ends in (False, True):
                assert sum(each.request.reduce_only is ends for each in sent) <= ORDERS
            times = sorted(each.request.created_ns for each in self.orders)
            assert all(after - before >= 2e9 for before, after in itertools.pairwise(times))

    @invariant()
    def it_is_shown_as_it_is(self) -> None:
        if hasattr(self, "rooms"):
            assert (self.champion.trading.value == "armed") <= self.armed

    def teardown(self) -> None:
        if hasattr(self, "rooms"):
            self.end()
            self.stack.close()


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=20,
    stateful_step_count=40,
    phases=[Phase.generate],
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
