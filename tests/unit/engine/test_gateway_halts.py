"""What tightens over the gateway holds at once, whatever the engine's loop is doing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from engine.gateway import commanding
from engine.messages.commands import CancelAll, SetTradingState, TradingState
from engine.messages.senders import CommandAnswer, Sender, Verdict
from engine.model.order import OrderStatus
from engine.risk.halt import Halt
from engine.security.audit.log import entries_in
from engine.security.operators.roles import Role
from tests.engine_rooms import ABC, buying
from tests.unit.engine.gateway_bench import PASSWORD, GatewayBench, Told, served
from tests.waiting import wait_until

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
KEYS = (f"halt-{number}" for number in count())


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    with served(tmp_path_factory.mktemp("gateway")) as bench:
        assert bench.ask("GET", "/v1/account", role=Role.VIEWER).status == 200
        yield bench


@pytest.fixture
def gateway(opened: GatewayBench, monkeypatch: pytest.MonkeyPatch) -> Iterator[GatewayBench]:
    """Return a gateway that waits for nothing long, at a desk where nothing is halted afterwards."""
    monkeypatch.setattr(commanding, "RECORDED_S", 0.05)
    yield opened
    for command in (
        SetTradingState(ACTIVE, "over"),
        SetTradingState(ACTIVE, "over", ABC),
        SetTradingState(ACTIVE, "over", firm=True),
    ):
        opened.engine.submit(command)
    wait_until(lambda: opened.rooms.halts.all_active)


def say(gateway: GatewayBench, path: str, role: Role, name: str, **more: str) -> Told:
    body = {"reason": "fire", **more}
    return gateway.ask("POST", path, body, role=role, name=name, headers={"Idempotency-Key": next(KEYS)})


def states_noted(gateway: GatewayBench) -> list[tuple[str, str, str]]:
    found = entries_in(gateway.rooms.folders.data / "audit.log")
    return [(each.who, each.origin, each.after) for each in found if each.what == "trading-state"]


def test_a_halt_holds_while_the_engine_loop_is_held_and_an_order_that_waits_there_does_not_leave(
    gateway: GatewayBench,
) -> None:
    order = buying(gateway.rooms, 10, 9_900)
    with gateway.busy_loop():
        gateway.engine.submit(order)
        told = say(gateway, "/v1/halt", Role.TRADER, "tom")
        assert gateway.rooms.halts.said.state is HALTED
    assert (told.status, told.body) == (
        202,
        {
            "state": "halted",
            "text": "in force from now on; the engine does not answer, so it is not in the journal yet",
        },
    )
    wait_until(lambda: order.request.client_id in gateway.rooms.orders.orders)
    assert gateway.rooms.orders.orders[order.request.client_id].status is OrderStatus.DENIED
    wait_until(lambda: states_noted(gateway)[-1:] == [("tom", "gateway", "halted: fire")])


def test_one_symbol_is_halted_at_once_and_one_that_is_none_waits_for_the_engine_to_say_so(
    gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.gateway.feed.PATIENCE_S", 0.05)
    with gateway.busy_loop():
        assert say(gateway, "/v1/halt", Role.RISK, "rita", symbol="ABC").status == 202
        assert gateway.rooms.halts.said_symbols[ABC].state is HALTED
        told = say(gateway, "/v1/halt", Role.RISK, "rita", symbol="NVDAA")
        assert (told.status, told.code) == (503, "unavailable")
    assert gateway.rooms.halts.said.state is ACTIVE


def test_a_halt_of_every_desk_holds_here_while_the_engine_loop_is_held(gateway: GatewayBench) -> None:
    with gateway.busy_loop():
        told = say(gateway, "/v1/firm/halt", Role.TRADER, "tom")
        assert (told.status, told.body["state"]) == (202, "halted")
        assert gateway.rooms.halts.firm.state is HALTED
    wait_until(
        lambda: (
            ("tom at this desk", "firm", "halted: by tom at this desk: fire (every desk)")
            in states_noted(gateway)
        )
    )
    told = gateway.ask("GET", "/v1/risk", role=Role.VIEWER)
    risk = told.body["risk"]
    assert (risk["state"], risk["firm_state"]) == ("halted", "halted")
    assert risk["firm_reason"] == "by tom at this desk: fire (every desk)"


def test_every_desk_goes_on_by_risk_alone_and_with_a_password(gateway: GatewayBench) -> None:
    assert say(gateway, "/v1/firm/halt", Role.TRADER, "tom").body["risk"]["firm_state"] == "halted"
    assert say(gateway, "/v1/firm/resume", Role.TRADER, "tom").code == "forbidden"
    assert say(gateway, "/v1/firm/reduce-only", Role.TRADER, "tom").code == "forbidden"
    assert say(gateway, "/v1/firm/resume", Role.RISK, "rita").code == "proof_wanted"
    assert say(gateway, "/v1/firm/resume", Role.RISK, "rita", password="no").code == "proof_wanted"
    assert say(gateway, "/v1/resume", Role.RISK, "rita", password=PASSWORD).body["risk"]["state"] == "halted"
    assert gateway.rooms.halts.firm.state is HALTED
    told = say(gateway, "/v1/firm/resume", Role.RISK, "rita", password=PASSWORD)
    assert (told.status, told.body["risk"]["firm_state"]) == (200, "active")


def test_what_loosens_waits_for_its_proof_however_busy_the_loop_is(gateway: GatewayBench) -> None:
    say(gateway, "/v1/halt", Role.TRADER, "tom")
    answers: list[CommandAnswer] = []
    for state in (REDUCING, ACTIVE):
        with gateway.busy_loop():
            command = SetTradingState(state, "over", origin="gateway")
            assert not gateway.engine.carry_out(command, Sender("rita", "risk", "gateway"), answers.append)
        wait_until(lambda: bool(answers))
        assert answers.pop().verdict is Verdict.PROOF_WANTED
        assert gateway.rooms.halts.said.state is HALTED


@pytest.mark.parametrize("role", ["viewer", "owner"])
def test_nothing_is_latched_for_a_role_that_may_not_halt(gateway: GatewayBench, role: str) -> None:
    answers: list[CommandAnswer] = []
    sender = Sender("vic", role, "gateway")
    with gateway.busy_loop():
        for command in (SetTradingState(HALTED, "x"), SetTradingState(HALTED, "x", firm=True), CancelAll()):
            assert not gateway.engine.carry_out(command, sender, answers.append)
        assert gateway.rooms.halts.all_active
    wait_until(lambda: len(answers) == 3)
    assert {answer.verdict for answer in answers} == {Verdict.NOT_ALLOWED}
    assert gateway.rooms.halts.said == Halt(
        ACTIVE, gateway.rooms.halts.said.reason, gateway.rooms.halts.said.since_ns
    )
