"""Alerts and incidents from afar: who is on call reads and answers them over the gateway."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

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
    found: list[dict[str, Any]] = read(gateway, "/v1/alarms")[which]
    return found


def read(gateway: GatewayBench, path: str) -> dict[str, Any]:
    """Read as who waits for something does, as often as it goes."""
    while (answer := gateway.ask("GET", path, role=Role.VIEWER)).status == 429:
        time.sleep(float(answer.headers["retry-after"]))
    assert answer.status == 200
    body: dict[str, Any] = answer.body
    return body


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


def test_one_alert_is_read_with_what_became_of_it(gateway: GatewayBench) -> None:
    (own,) = (each for each in told(gateway) if each["cause"] == "own")
    answer(gateway, own["number"], "acknowledge")
    with asking(gateway, Role.VIEWER) as client:
        read = client.get(f"/v1/alarms/{own['number']}")
        assert read.status_code == 200
        steps = read.json()["alarm"]["steps"]
        assert [(step["turn"], step["by"]) for step in steps] == [("fired", ""), ("acknowledged", "ron")]
        assert 0 < steps[0]["at_ns"] <= steps[1]["at_ns"]
        for number in ("9999", "-1", "1e3", "%D9%A3"):
            refused = client.get(f"/v1/alarms/{number}")
            assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found"), number
    assert gateway.ask("GET", f"/v1/alarms/{own['number']}").code == "token"


def test_the_stream_tells_an_alert_and_every_step_of_it(gateway: GatewayBench) -> None:
    (own,) = (each for each in told(gateway) if each["cause"] == "own")
    headers = {"Authorization": f"Bearer {gateway.token(Role.VIEWER)}"}
    with connect(f"ws://127.0.0.1:{gateway.port}/v1/stream", additional_headers=headers) as stream:
        stream.send('{"type": "subscribe", "channel": "alarms"}')
        first = next(each for each in heard(stream) if each["type"] == "alarms")
        assert first["snapshot"]
        assert own["number"] in {each["number"] for each in first["values"]}
        answer(gateway, own["number"], "silence", {"for_s": 600})
        rules = gateway.rooms.folders.alert_rules
        rules.write_text(f"{WRONG}enabled = false\n", encoding="utf-8")
        states = list[str]()
        for message in heard(stream):
            assert message["snapshot"] is False
            states += [each["state"] for each in message["values"] if each["number"] == own["number"]]
            if states[-1:] == ["resolved"]:
                break
        assert states == ["silenced", "resolved"]


def test_incidents_are_read_from_when_something_was_wrong_until_it_was_well(gateway: GatewayBench) -> None:
    rules = gateway.rooms.folders.alert_rules
    rules.write_text("[rule.own]\nabove = 'much'\n", encoding="utf-8")
    wait_until(lambda: any(not each["ended_ns"] for each in incidents(gateway)))
    (begun,) = incidents(gateway)
    assert begun["worst"] == "degraded"
    assert "rule.own" in begun["said"]
    with asking(gateway, Role.VIEWER) as client:
        told_of = client.get("/v1/components/alerts").json()
        assert (told_of["component"]["name"], told_of["component"]["state"]) == ("alerts", "degraded")
        assert told_of["incidents"] == [begun]
        assert client.get("/v1/components/nothing").status_code == 404
    rules.write_text(WRONG, encoding="utf-8")
    wait_until(lambda: all(each["ended_ns"] for each in incidents(gateway)))
    (over,) = incidents(gateway)
    assert (over["began_ns"], over["cut"]) == (begun["began_ns"], False)
    assert over["ended_ns"] > over["began_ns"]


def incidents(gateway: GatewayBench, component: str = "alerts") -> list[dict[str, Any]]:
    return [each for each in read(gateway, "/v1/incidents")["incidents"] if each["component"] == component]


def asking(gateway: GatewayBench, role: Role) -> httpx.Client:
    headers = {"Authorization": f"Bearer {gateway.token(role)}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{gateway.port}", headers=headers, timeout=20)


def heard(stream: ClientConnection) -> Iterator[dict[str, Any]]:
    """Yield what the stream tells."""
    while True:
        yield json.loads(stream.recv(timeout=20))
