"""From a signal to an order, on composed rooms: armed by name, within limits of its own, off whenever nobody may mean it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import SystemClock
from engine.duties.leaving import Leaving
from engine.duties.model_sign_offs import sign_off_act
from engine.duties.model_trading import ModelTrading
from engine.duties.permission import NotAllowed
from engine.duties.proofs import ProofWanted
from engine.duties.signal_trader import SignalTrader
from engine.errors import ConfigError, EngineError
from engine.handlers import Handlers
from engine.messages.commands import (
    ArmSignals,
    ArmTrading,
    CancelAll,
    DisarmSignals,
    DisarmTrading,
    Flatten,
    SetTradingState,
    TradingState,
)
from engine.messages.events import AlertRaised
from engine.messages.senders import Sender
from engine.messages.signal_views import ModelView, SignalTrading, SignalView
from engine.model.account import AccountMode
from engine.model.order import Order, OrderStatus
from engine.rooms import Rooms
from engine.security.audit.log import AuditLog
from engine.security.operators.register import Operator
from engine.security.operators.roles import Role
from engine.settings.signals import SignalLimits, SignalSettings
from engine.signals.trading.bounds import bounds_of
from engine.signals.trading.signal_id import version_in
from tests.engine_rooms import ABC, buying, passes, quoted
from tests.serving_bench import NAME, TABLE, ServingBench, course, plays, signals_of

LIMITS = SignalLimits(quantity="5", position="10", orders_a_day=20, loss_a_day="100000", cooldown_s=0)
TRADES = replace(TABLE, limits=LIMITS)
ARM = ArmSignals(NAME, NAME)


class Desk:
    """Rooms with a champion, and what carries commands out."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.handlers = Handlers(rooms, Leaving(rooms))
        self.reason = ""
        """What came of the last signal."""
        self.told: list[str] = []
        rooms.bus.subscribe(AlertRaised, lambda event: self.told.append(event.text))
        self.look()
        plays(rooms, list(course(3, 40)))
        self.look()

    def look(self) -> None:
        """Do what is due twice a second, and once."""
        signals_of(self.rooms).follow()
        asyncio.run(signals_of(self.rooms).look())
        self.trader.look()

    @property
    def trader(self) -> SignalTrader:
        assert self.handlers.trader is not None
        return self.handlers.trader

    @property
    def model(self) -> ModelView:
        return signals_of(self.rooms).view.models[0]

    @property
    def orders(self) -> list[Order]:
        return [each for each in self.rooms.orders.orders.values() if each.request.origin == "model"]

    def signal(self, direction: int = 1) -> SignalView:
        """Return a signal as the champion could say it now."""
        view = next(each for each in signals_of(self.rooms).view.signals if each.stage == "champion")
        return replace(
            view,
            bar_end_ns=self.rooms.clock.now_ns(),
            probability=0.5 + 0.1 * direction,
            edge_bps=3.0,
            abstained="",
            price=100_000,
        )

    def hears(self, signal: SignalView) -> None:
        """Let a signal come in, and what it leads to come about."""
        quoted(self.rooms, ABC, 100_000)
        self.trader.hear(signal, self.model)
        self.reason = self.model.trading_reason
        quoted(self.rooms, ABC, 100_000)
        passes(self.rooms, 0.01)


@contextmanager
def desk_of(bench: ServingBench, table: SignalSettings = TRADES) -> Iterator[Desk]:
    with bench.rooms(table) as rooms:
        yield Desk(rooms)


@pytest.fixture
def bench(tmp_path: Path) -> ServingBench:
    made = ServingBench(tmp_path)
    made.champion()
    return made


def test_a_model_is_off_until_its_name_is_said_and_then_its_signals_become_orders(
    bench: ServingBench,
) -> None:
    with desk_of(bench) as desk:
        desk.hears(desk.signal())
        assert (desk.orders, desk.model.trading) == ([], SignalTrading.OFF)
        with pytest.raises(EngineError, match="daily stays off: that is not the model's name"):
            desk.handlers.handle(ArmSignals(NAME, "Daily"))
        desk.handlers.handle(ARM)
        assert desk.model.trading is SignalTrading.ARMED
        signal = desk.signal()
        desk.hears(signal)
        (order,) = desk.orders
        assert (order.status, order.quantity, order.filled) == (OrderStatus.FILLED, 5, 5)
        assert (order.request.strategy, version_in(order.request.correlation)) == (NAME, signal.version)
        assert desk.model.money.fills == 1
        desk.hears(desk.signal(-1))
        assert [each.side.name for each in desk.orders] == ["BUY", "SELL"]


def test_bars_that_close_lead_to_orders_by_themselves(bench: ServingBench) -> None:
    with desk_of(bench) as desk:
        desk.handlers.handle(ARM)
        plays(desk.rooms, list(course(4, 60)))
        desk.look()
        plays(desk.rooms, list(course(4, 60)))
        assert desk.orders
        assert all(version_in(each.request.correlation) == desk.model.version for each in desk.orders)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"stage": "shadow"}, "only a champion sends orders"),
        ({"abstained": "drift: x", "probability": None}, "it says nothing: drift: x"),
        ({"probability": 0.5}, "it leans neither way"),
        ({"bar_end_ns": 1}, "s old, and good for 1 s"),
        ({"edge_bps": None}, "its edge is not known yet"),
        ({"edge_bps": 0.0}, "its edge of 0.0 bps is not above 0"),
        ({"version": "0" * 16}, "was not armed"),
        ({"symbol": "NONE"}, "the market has no price on both sides"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_signal_that_may_not_become_an_order_says_why(
    bench: ServingBench, changes: dict[str, object], why: str
) -> None:
    with desk_of(bench) as desk:
        desk.handlers.handle(ARM)
        desk.hears(replace(desk.signal(), **changes))
        assert desk.orders == []
        assert why in desk.reason


@pytest.mark.parametrize(
    ("limits", "first", "second", "why"),
    [
        ({"position": "5"}, 1, 1, "it would hold more than its 5 there"),
        ({"orders_a_day": 1}, 1, -1, "it sent 1 orders today, which is its limit"),
        ({"cooldown_s": 60}, 1, -1, "it waits 60 s more"),
        ({"edge_bps_min": 5}, 1, 1, "its edge of 3.0 bps is not above 5"),
    ],
    ids=["position", "orders-a-day", "cooldown", "edge"],
)
def test_a_limit_of_its_own_holds_an_order_back(
    bench: ServingBench, limits: dict[str, object], first: int, second: int, why: str
) -> None:
    with desk_of(bench, replace(TRADES, limits=replace(LIMITS, **limits))) as desk:
        desk.handlers.handle(ARM)
        desk.hears(desk.signal(first))
        sent = len(desk.orders)
        desk.hears(desk.signal(second))
        assert len(desk.orders) == sent
        assert why in desk.reason


def test_a_loss_over_its_limit_halts_the_model_alone_and_a_resume_leaves_it_off(
    bench: ServingBench,
) -> None:
    with desk_of(bench, replace(TRADES, limits=replace(LIMITS, loss_a_day="1"))) as desk:
        desk.handlers.handle(ARM)
        desk.hears(desk.signal())
        quoted(desk.rooms, ABC, 99_900)
        desk.trader.look()
        halts = desk.rooms.halts
        assert halts.said_of(None, NAME).state is TradingState.HALTED
        assert halts.everything.state is TradingState.ACTIVE
        assert desk.model.trading.value == "halted"
        assert "its own orders lost" in desk.model.trading_reason
        desk.handlers.handle(SetTradingState(TradingState.ACTIVE, "looked", strategy=NAME))
        assert desk.model.trading is SignalTrading.OFF
        desk.hears(desk.signal())
        assert len(desk.orders) == 1


@pytest.mark.parametrize(
    "commands",
    [
        pytest.param((SetTradingState(TradingState.HALTED, "kill"), CancelAll()), id="kill"),
        pytest.param((SetTradingState(TradingState.HALTED, "halt", strategy=NAME),), id="own-halt"),
        pytest.param((DisarmTrading("by hand"),), id="account-disarmed"),
        pytest.param((DisarmSignals(NAME, "by hand"),), id="by-hand"),
    ],
)
def test_whatever_stops_trading_switches_a_model_off_and_it_stays_off(
    bench: ServingBench, commands: tuple[SetTradingState, ...]
) -> None:
    with desk_of(bench) as desk:
        desk.handlers.handle(ARM)
        for command in commands:
            desk.handlers.handle(command)
        assert desk.model.trading is not SignalTrading.ARMED
        desk.handlers.handle(SetTradingState(TradingState.ACTIVE, "again"))
        desk.handlers.handle(SetTradingState(TradingState.ACTIVE, "again", strategy=NAME))
        desk.handlers.handle(ArmTrading(desk.rooms.account.name))
        desk.look()
        desk.hears(desk.signal())
        assert (desk.orders, desk.model.trading) == ([], SignalTrading.OFF)


def test_a_halt_that_holds_before_anybody_told_of_it_lets_no_order_out(bench: ServingBench) -> None:
    with desk_of(bench) as desk:
        desk.handlers.handle(ARM)
        desk.rooms.halts.set(TradingState.HALTED, "latched from another thread")
        desk.hears(desk.signal())
        assert (desk.orders, desk.model.trading) == ([], SignalTrading.OFF)


def test_another_champion_and_a_drift_alarm_switch_it_off(bench: ServingBench) -> None:
    with desk_of(bench) as desk:
        desk.handlers.handle(ARM)
        alarmed = replace(desk.model, drift_errors="alarm", drift_reasons=("errors rose",))
        desk.trader.hear(desk.signal(), alarmed)
        assert (desk.orders, desk.model.trading_reason) == ([], "drift: errors rose")
        desk.handlers.handle(ARM)
        signal = desk.signal()
        bench.champion()
        desk.look()
        assert desk.model.trading is SignalTrading.OFF
        assert "the champion is" in desk.model.trading_reason
        desk.hears(signal)
        assert desk.orders == []


def test_a_champion_that_nobody_armed_is_not_shown_as_armed_for_a_moment(bench: ServingBench) -> None:
    with desk_of(bench) as desk:
        desk.handlers.handle(ARM)
        armed = desk.model.version
        bench.champion()
        signals_of(desk.rooms).follow()
        asyncio.run(signals_of(desk.rooms).look())
        assert (desk.model.version != armed, desk.model.trading) == (True, SignalTrading.OFF)
        assert desk.model.trading_reason == f"{armed} was armed"
        desk.handlers.handle(ARM)
        assert desk.model.trading is SignalTrading.ARMED


def test_what_a_person_closed_is_not_sold_again_by_the_model(bench: ServingBench) -> None:
    with desk_of(bench, replace(TRADES, limits=replace(LIMITS, position="5"))) as desk:
        desk.handlers.handle(ARM)
        desk.hears(desk.signal())
        desk.handlers.handle(Flatten(ABC))
        passes(desk.rooms, 0.1)
        quoted(desk.rooms, ABC, 100_000)
        passes(desk.rooms, 0.1)
        assert desk.rooms.ledger.positions[ABC].quantity == 0
        desk.hears(desk.signal(-1))
        assert desk.rooms.ledger.positions[ABC].quantity == -5
        desk.hears(desk.signal(-1))
        assert "it would hold more than its 5 there" in desk.reason


def test_a_restart_knows_what_was_sent_and_held_and_is_off(bench: ServingBench) -> None:
    with desk_of(bench) as desk:
        desk.handlers.handle(ARM)
        desk.hears(desk.signal())
        desk.hears(desk.signal())
        assert "denied: the same order was sent" in desk.reason
        passes(desk.rooms, 1)
        desk.hears(desk.signal())
        assert [each.filled for each in desk.orders] == [5, 0, 5]
    with bench.rooms(TRADES, later_s=400) as rooms:
        again = Desk(rooms)
        assert again.model.trading is SignalTrading.OFF
        again.hears(again.signal())
        assert len(again.orders) == 3
        again.handlers.handle(ARM)
        again.hears(again.signal())
        assert "it would hold more than its 10 there" in again.reason


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ({"quantity": "x"}, "quantity: expected a decimal of 0 or more, found 'x'"),
        ({"quantity": "5", "position": "1"}, "position: expected at least one order's 5, found 1"),
        ({"orders_a_day": 0}, "orders_a_day: expected 1 to 10000, found 0"),
        ({"cooldown_s": -1}, "cooldown_s: expected 0 to 86400, found -1"),
        ({"edge_bps_min": -1}, "edge_bps_min: expected 0 or more"),
    ],
    ids=["quantity", "position", "orders", "cooldown", "edge"],
)
def test_limits_that_are_none_stop_the_start_with_a_sentence(
    bench: ServingBench, limits: dict[str, object], why: str
) -> None:
    table = replace(TABLE, limits=SignalLimits(**limits))  # type: ignore[arg-type]
    with bench.rooms(table) as rooms, pytest.raises(ConfigError, match=why):
        Handlers(rooms, Leaving(rooms))


def test_a_model_without_a_size_and_one_that_there_is_not_stay_off(bench: ServingBench) -> None:
    with desk_of(bench, TABLE) as desk:
        with pytest.raises(EngineError, match=r"its limits\.quantity in config\.toml is 0"):
            desk.handlers.handle(ARM)
        with pytest.raises(EngineError, match="names a model 'weekly'"):
            desk.handlers.handle(ArmSignals("weekly", "weekly"))
        with pytest.raises(EngineError, match="names a model 'weekly'"):
            desk.handlers.handle(DisarmSignals("weekly", "x"))


def test_every_arming_is_in_the_audit_log(bench: ServingBench) -> None:
    with desk_of(bench) as desk:
        desk.handlers.handle(ARM)
        desk.handlers.handle(DisarmSignals(NAME, "enough"))
        assert desk.rooms.audit is not None
        desk.rooms.audit.close()
        acts = (bench.data / "audit.log").read_text(encoding="utf-8")
    assert acts.count('"what":"signals-arming"') == 2
    assert "off: enough" in acts


def test_a_live_account_takes_the_sign_off_of_the_risk_role_as_well(bench: ServingBench) -> None:
    log = AuditLog(bench.data / "audit.log", SystemClock())
    with bench.rooms(TRADES, mode=AccountMode.LIVE) as rooms:
        desk = Desk(rooms)
        rooms.arming.arm()
        follow = dict(rooms.services)["model sign-offs"].__self__  # type: ignore[attr-defined]
        with pytest.raises(EngineError, match="the audit log is being read"):
            desk.handlers.handle(ARM)
        follow.look()
        with pytest.raises(
            EngineError, match="nobody of the risk role signed for it: touchline models sign-off"
        ):
            desk.handlers.handle(ARM)
        version = desk.model.version
        log.write(sign_off_act(bench.registry.sign_off(NAME, version, "ann", "looked at"), "ann"))
        follow.look()
        desk.handlers.handle(ARM)
        assert (desk.model.trading, desk.model.trades_live) == (SignalTrading.ARMED, True)
        log.write(
            sign_off_act(bench.registry.withdraw_sign_off(NAME, version, "ann", "thought again"), "ann")
        )
        follow.look()
        desk.hears(desk.signal())
        assert (desk.orders, desk.model.trading) == ([], SignalTrading.OFF)
        (bench.data / "audit.log").write_bytes(b"{}\n")
        follow.look()
        with pytest.raises(EngineError, match=r"sign-offs can't be read: .*entry 1 was changed"):
            desk.handlers.handle(ARM)


def test_a_live_account_asks_who_signed_in_for_a_proof(bench: ServingBench) -> None:
    with bench.rooms(TRADES, mode=AccountMode.LIVE) as rooms:
        desk = Desk(rooms)
        rooms.sender = Sender("ann", "trader", "gateway", proven=False)
        with pytest.raises(
            ProofWanted, match="to let daily send orders to PAPER-1 takes the password of ann"
        ):
            desk.handlers.handle(ARM)
        rooms.sender = Sender("ann", "risk", "gateway", proven=True)
        with pytest.raises(NotAllowed, match="may not arm signals"):
            desk.handlers.handle(ARM)
        desk.handlers.handle(DisarmSignals(NAME, "risk may always"))


def test_an_order_that_who_signed_in_may_not_send_switches_the_model_off(bench: ServingBench) -> None:
    with desk_of(bench) as desk:
        desk.handlers.handle(ARM)
        desk.rooms.operator = Operator("ann", Role.RISK)
        desk.hears(desk.signal())
        assert (desk.orders, desk.model.trading) == ([], SignalTrading.OFF)
        assert "its order was refused: ann signed in as risk, and may not submit order" in desk.reason


def test_one_model_a_symbol_sends_orders(bench: ServingBench) -> None:
    with desk_of(bench) as desk:
        other = replace(TRADES, model="other")
        models = desk.trader._models
        models["other"] = ModelTrading(desk.rooms, other, bounds_of("other", LIMITS))
        models["other"].version = "0" * 16
        with pytest.raises(EngineError, match="other is armed on the same symbols"):
            desk.handlers.handle(ARM)


def test_a_model_adds_nothing_to_what_a_person_holds_beyond_its_limit(bench: ServingBench) -> None:
    with desk_of(bench) as desk:
        desk.handlers.handle(buying(desk.rooms, 20))
        quoted(desk.rooms, ABC, 100_000)
        passes(desk.rooms, 1.1)
        assert desk.rooms.ledger.positions[ABC].quantity == 20
        desk.handlers.handle(ARM)
        desk.hears(desk.signal())
        assert desk.orders == []
        assert "the account would hold more than its 10 there" in desk.reason
