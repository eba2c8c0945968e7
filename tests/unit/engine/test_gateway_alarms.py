"""Alerts and incidents from afar: who is on call reads and answers them over the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from engine.security.audit.log import entries_in
from engine.security.operators.roles import Role
from tests.unit.engine.gateway_bench import GatewayBench, Told, served
from tests.waiting import wait_until

KEYS = (f"alarm-{number}" for number in count())
WRONG = '[rule.own]\nmetric = "touchline_equity"\nabove = 0\ncause = "own"\ntext = "equity is {value}"\n'


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayBench]:
    with served(tmp_path) as made:
        rules = made.rooms.folders.alert_rules
        rules.parent.mkdir(parents=True, exist_ok=True)
        rules.write_text(WRONG, encoding="utf-8")
        wait_until(lambda: any(each["cause"] == "own" for each in told(made)))
        yield made


def told(gateway: GatewayBench, which: str = "open") -> list[dict[str, Any]]:
    answer = gateway.ask("GET", "/v1/alarms", role=Role.VIEWER)
    assert answer.status == 200
    found: list[dict[str, Any]] = answer.body[which]
    return found


def answer(gateway: GatewayBench, number: object, act: str, body: Any = None, role: Role = Role.RISK) -> Told:
    key = {"Idempotency-Key": next(KEYS)}
    return gateway.ask("POST", f"/v1/alarms/{number}/{act}", body, role=role, name="ron", headers=key)


def test_an_alert_is_read_acknowledged_silenced_and_opened_again_by_name(gateway: GatewayBench) -> None:
    (own,) = (each for each in told(gateway) if each["cause"] == "own")
    assert own["text"].startswith("equity is 1,000,000")
    for act, body, state in (
        ("acknowledge", None, "acknowledged"),
        ("silence", {"for_s": 600}, "silenced"),
        ("reopen", None, "firing"),
    ):
        alarm = answer(gateway, own["number"], act, body).body["alarm"]
        assert (alarm["number"], alarm["state"]) == (own["number"], state)
        assert state == "firing" or alarm["by"] == "ron"
    log = gateway.rooms.folders.data / "audit.log"
    wait_until(lambda: sum(each.what == "alert" for each in entries_in(log)) == 3)
    acts = [each for each in entries_in(log) if each.what == "alert"]
    assert {(each.who, each.origin) for each in acts} == {("ron", "gateway")}


def test_a_viewer_answers_nothing_and_a_number_that_is_none_is_not_found(gateway: GatewayBench) -> None:
    (own,) = (each for each in told(gateway) if each["cause"] == "own")
    assert answer(gateway, own["number"], "acknowledge", role=Role.VIEWER).code == "forbidden"
    for number in ("9999", "-1", "1e3", "%D9%A3", "x" * 40):
        refused = answer(gateway, number, "acknowledge")
        assert (refused.status, refused.code) == (404, "not_found"), number
    assert answer(gateway, own["number"], "silence", {"for_s": 0}).code == "body_invalid"
    assert answer(gateway, own["number"], "silence", {"for_s": 1e9}).code == "body_invalid"
    assert answer(gateway, own["number"], "reopen").code == "refused"


def test_incidents_are_read(gateway: GatewayBench) -> None:
    read = gateway.ask("GET", "/v1/incidents", role=Role.VIEWER)
    assert read.status == 200
    assert isinstance(read.body["incidents"], list)
