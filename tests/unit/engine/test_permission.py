"""Every command is held against the role of who signed in, in the engine, wherever it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.duties.leaving import Leaving
from engine.duties.permission import NotAllowed
from engine.engine import Engine
from engine.handlers import Handlers
from engine.messages.commands import (
    ArmTrading,
    CancelAll,
    Command,
    DisarmTrading,
    Flatten,
    ReadListings,
    SetTradingState,
    Stay,
    TradingState,
)
from engine.messages.events import AlertRaised
from engine.rooms import Rooms
from engine.security.audit.log import entries_in
from engine.security.operators.register import Operator
from engine.security.operators.roles import MAY, Role
from engine.security.operators.sign_in import SignedIn
from tests.engine_rooms import ABC, buying, composed, passes, quoted

HALT = SetTradingState(TradingState.HALTED, "odd", None)
REDUCE = SetTradingState(TradingState.REDUCING, "calmer", None)
RESUME = SetTradingState(TradingState.ACTIVE, "well", None)


class Person:
    """Says commands at a desk, as somebody who signed in."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self._handlers = Handlers(rooms, Leaving(rooms))

    def signs_in(self, role: Role) -> None:
        self.rooms.operator = Operator("ann", role)
        self.rooms.proven_ns = self.rooms.clock.monotonic_ns()

    def may(self, command: Command) -> bool:
        try:
            self._handlers.handle(command)
        except NotAllowed:
            return False
        return True


def from_shell(state: TradingState) -> SetTradingState:
    return SetTradingState(state, "shell", None, origin="shell")


def test_a_role_ends_where_the_table_says_and_nothing_is_done_beyond(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        quoted(rooms, ABC, 10_000)
        person = Person(rooms)
        assert person.may(HALT)
        assert person.may(RESUME)
        person.signs_in(Role.VIEWER)
        order = buying(rooms, 5)
        for command in (
            order,
            HALT,
            CancelAll(None),
            Flatten(None),
            ArmTrading("PAPER-1"),
            DisarmTrading("x"),
        ):
            assert not person.may(command)
        passes(rooms, 0.1)
        assert not rooms.orders.orders
        assert rooms.halts.said.state is TradingState.ACTIVE
        assert person.may(Stay())
        person.signs_in(Role.RISK)
        assert not person.may(order)
        person.signs_in(Role.TRADER)
        assert person.may(order)
        passes(rooms, 0.1)
        assert len(rooms.orders.orders) == 1


def test_who_trades_may_halt_and_only_risk_lets_trading_go_on(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        person = Person(rooms)
        person.signs_in(Role.TRADER)
        assert person.may(REDUCE)
        assert person.may(HALT)
        assert not person.may(REDUCE)
        assert not person.may(RESUME)
        assert rooms.halts.said.state is TradingState.HALTED
        person.signs_in(Role.RISK)
        assert person.may(REDUCE)
        assert person.may(RESUME)
        person.signs_in(Role.TRADER)
        for scope in (
            {"symbol": ABC},
            {"symbol": None, "strategy": "meanrev"},
            {"symbol": None, "firm": True},
        ):
            assert person.may(SetTradingState(TradingState.HALTED, "odd", **scope))
            assert not person.may(SetTradingState(TradingState.ACTIVE, "well", **scope))


def test_the_way_out_from_another_shell_is_open_whoever_signed_in(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        person = Person(rooms)
        person.signs_in(Role.VIEWER)
        for command in (from_shell(TradingState.HALTED), CancelAll(None, "shell"), Flatten(None, "shell")):
            assert person.may(command)
        assert not person.may(from_shell(TradingState.ACTIVE))
        assert not person.may(from_shell(TradingState.REDUCING))
        assert rooms.halts.said.state is TradingState.HALTED


def test_who_signed_in_is_in_the_audit_log_with_what_was_denied(tmp_path: Path) -> None:
    alerts: list[AlertRaised] = []
    with composed(tmp_path) as rooms:
        rooms.bus.subscribe(AlertRaised, alerts.append)
        engine = Engine(rooms)
        ann = SignedIn(Operator("ann", Role.VIEWER), 3)
        engine.acts_for(ann, lambda password, code: ann)  # noqa: ARG005  # nobody locks it
        assert "3 failed tries to sign in as ann" in alerts[0].text
        engine.start()
        engine.submit(HALT)
        engine.stop()
    (entry,) = entries_in(rooms.folders.data / "audit.log")
    assert (entry.who, entry.what, entry.origin) == ("ann", "denied", "desk")
    assert entry.after == "set trading state"
    assert any("ann signed in as viewer, and may not set trading state" in alert.text for alert in alerts)


@pytest.mark.parametrize("kind", [ReadListings, Stay])
def test_everybody_may_look_on(kind: type[Command]) -> None:
    assert MAY[kind] == set(Role)
