"""Halting, letting trading go on, arming and ending tokens over the gateway: each in the name of who asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from engine.messages.commands import CancelAll, TradingState
from engine.messages.lock_views import LockView
from engine.messages.senders import CommandAnswer, Sender, Verdict
from engine.security.audit.log import entries_in
from engine.security.operators.register import Operator
from engine.security.operators.roles import Role
from tests.engine_rooms import ABC
from tests.unit.engine.gateway_bench import PASSWORD, GatewayBench, Told, served
from tests.waiting import wait_until

KEYS = (f"key-{number}" for number in count())


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    with served(tmp_path_factory.mktemp("gateway")) as bench:
        yield bench


def say(gateway: GatewayBench, path: str, body: Any, role: Role, name: str) -> Told:
    return gateway.ask("POST", path, body, role=role, name=name, headers={"Idempotency-Key": next(KEYS)})


def acts(gateway: GatewayBench, what: str) -> list[tuple[str, str, str]]:
    """Return who did something of a kind, from where, and what came of it."""
    found = entries_in(gateway.rooms.folders.data / "audit.log")
    return [(each.who, each.origin, each.after) for each in found if each.what == what]


def test_a_halt_holds_and_is_let_go_by_risk_alone(gateway: GatewayBench) -> None:
    told = say(gateway, "/v1/halt", {"reason": "bad\u001b[2J fills"}, Role.TRADER, "tom")
    assert (told.status, told.body["risk"]["state"]) == (200, "halted")
    assert told.body["risk"]["state_reason"] == "bad[2J fills"
    assert gateway.rooms.halts.said.state is TradingState.HALTED
    again = {"reason": "all is well"}
    told = say(gateway, "/v1/resume", again, Role.TRADER, "tom")
    assert (told.status, told.code) == (403, "forbidden")
    told = say(gateway, "/v1/reduce-only", again, Role.TRADER, "tom")
    assert (told.status, told.code) == (403, "forbidden"), "the engine knows that this loosens"
    told = say(gateway, "/v1/resume", {**again, "password": PASSWORD}, Role.RISK, "rita")
    assert (told.status, told.body["risk"]["state"]) == (200, "active")
    wait_until(lambda: len(acts(gateway, "trading-state")) == 2)
    assert acts(gateway, "trading-state") == [
        ("tom", "gateway", "halted: bad[2J fills"),
        ("rita", "gateway", "active: all is well"),
    ]
    assert ("tom", "gateway", "let trading go on") in acts(gateway, "denied")


def test_a_wrong_password_lets_nothing_go_on(gateway: GatewayBench) -> None:
    say(gateway, "/v1/halt", {"reason": "drill", "symbol": "ABC"}, Role.RISK, "rita")
    told = say(gateway, "/v1/resume", {"reason": "x", "symbol": "ABC", "password": "no"}, Role.RISK, "rita")
    assert (told.status, told.code) == (403, "proof_wanted")
    assert gateway.rooms.halts.said_symbols[ABC].state is TradingState.HALTED


def test_a_scope_that_is_none_is_not_taken_for_everything(gateway: GatewayBench) -> None:
    for path in ("/v1/halt", "/v1/reduce-only"):
        told = say(gateway, path, {"reason": "drill", "symbol": "NVDAA"}, Role.RISK, "rita")
        assert (told.status, told.code) == (404, "not_found")
        both = {"reason": "drill", "symbol": "XYZ", "strategy": "meanrev"}
        assert say(gateway, path, both, Role.RISK, "rita").code == "body_invalid"
    told = say(gateway, "/v1/halt", {"reason": "drill", "strategy": "meanrev"}, Role.RISK, "rita")
    assert told.body["risk"]["halted_strategies"] == ["meanrev"]
    assert told.body["risk"]["state"] == "active"


def test_the_account_is_disarmed_by_those_who_take_back_and_armed_with_a_proof(gateway: GatewayBench) -> None:
    told = say(gateway, "/v1/disarm", {"reason": "lunch"}, Role.RISK, "rita")
    assert (told.status, told.body["armed"], told.body["armed_reason"]) == (200, False, "lunch")
    assert say(gateway, "/v1/arm", {"account": "PAPER-1"}, Role.TRADER, "tom").code == "body_invalid"
    wrong = {"account": "PAPER-1", "password": "no"}
    assert say(gateway, "/v1/arm", wrong, Role.TRADER, "tom").code == "proof_wanted"
    told = say(gateway, "/v1/arm", {**wrong, "password": PASSWORD}, Role.TRADER, "tom")
    assert (told.status, told.body["armed"]) == (200, True)


def test_who_sits_at_a_locked_desk_stops_no_operator_of_the_gateway(gateway: GatewayBench) -> None:
    rooms = gateway.rooms
    rooms.operator, rooms.lock = Operator("vic", Role.VIEWER), LockView("vic", locked=True)
    try:
        assert say(gateway, "/v1/halt", {"reason": "drill"}, Role.TRADER, "tom").status == 200
        body = {"reason": "over", "password": PASSWORD}
        assert say(gateway, "/v1/resume", body, Role.RISK, "rita").status == 200
    finally:
        rooms.operator = rooms.lock = None


def test_a_role_that_the_engine_does_not_know_may_say_nothing(gateway: GatewayBench) -> None:
    told: list[CommandAnswer] = []
    gateway.engine.carry_out(CancelAll(), Sender("eve", "owner", "gateway"), told.append)
    wait_until(lambda: bool(told))
    assert told[0].verdict is Verdict.NOT_ALLOWED
    assert gateway.rooms.sender is None


def test_the_tokens_of_one_operator_or_of_everyone_end_at_once(gateway: GatewayBench) -> None:
    bearer = {"Authorization": f"Bearer {gateway.token(Role.VIEWER, 'lin')}"}
    other = {"Authorization": f"Bearer {gateway.token(Role.VIEWER, 'max')}"}
    assert gateway.ask("GET", "/v1/account", headers=bearer).status == 200
    assert say(gateway, "/v1/revocations", {}, Role.ADMIN, "ann").code == "body_invalid"
    assert say(gateway, "/v1/revocations", {"operator": "lin"}, Role.ADMIN, "ann").status == 204
    assert gateway.ask("GET", "/v1/account", headers=bearer).code == "token"
    assert gateway.ask("GET", "/v1/account", headers=other).status == 200
    assert say(gateway, "/v1/revocations", {"everyone": True}, Role.ADMIN, "ann").status == 204
    assert gateway.ask("GET", "/v1/account", headers=other).code == "token"
    assert [(who, origin) for who, origin, _ in acts(gateway, "tokens-revoked")] == [
        ("ann", "gateway 127.0.0.1"),
        ("ann", "gateway 127.0.0.1"),
    ]
