"""Orders over the gateway: sent once, through the same gate, in the name of who asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from engine.gateway import commanding
from engine.gateway.routes import Route
from engine.gateway.write_table import WRITES
from engine.messages.commands import CancelOrder
from engine.model.order import OrderStatus
from engine.security.operators.roles import Role
from tests.engine_rooms import ABC, passes
from tests.journals import records_of
from tests.unit.engine.gateway_bench import GatewayBench, Told, served
from tests.waiting import wait_until

KEYS = (f"key-{number}" for number in count())
FAR = {"symbol": "ABC", "side": "buy", "quantity": "5", "limit": "99.00"}
CENTS = count(9_000)
"""No two orders are the same: the gate denies what looks like a slip of the finger."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    """Return a gateway whose market's time passes as the world's does: venues answer by timers."""
    with served(tmp_path_factory.mktemp("gateway")) as bench, time_passes(bench):
        yield bench


class time_passes:  # noqa: N801  # it reads as a sentence
    """Lets the market's time pass on the engine's thread until it is left."""

    def __init__(self, bench: GatewayBench) -> None:
        self._bench = bench
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._over.wait(0.005):
            self._bench.engine._thread.call(passes, self._bench.rooms, 0.005)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def say(
    gateway: GatewayBench,
    method: str,
    path: str,
    body: Any = None,
    *,
    role: Role = Role.ADMIN,
    name: str = "ann",
    key: str = "",
) -> Told:
    headers = {"Idempotency-Key": key or next(KEYS)}
    return gateway.ask(method, path, body, role=role, name=name, headers=headers)


def sends(gateway: GatewayBench, key: str = "", name: str = "ann", **terms: Any) -> Told:
    limit = {"limit": f"{next(CENTS) / 100:.2f}"}
    return say(gateway, "POST", "/v1/orders", {"order": {**FAR, **limit, **terms}}, key=key, name=name)


def sent(told: Told) -> dict[str, Any]:
    assert told.status == 200, told.raw
    (order,) = told.body["orders"]
    return dict(order)


def records(gateway: GatewayBench) -> int:
    return len(gateway.rooms.orders.orders)


@pytest.mark.parametrize("route", WRITES, ids=lambda route: route.name)
def test_nothing_is_changed_without_a_token_a_key_and_a_role(gateway: GatewayBench, route: Route) -> None:
    path = route.path.replace("{client_id}", "x")
    keyed = {"Idempotency-Key": next(KEYS)}
    assert gateway.ask(route.method, path, {}, headers=keyed).code == "token"
    assert gateway.ask(route.method, path, {}, role=Role.ADMIN, name=f"a{route.name}").code != "token"
    assert say(gateway, route.method, path, {}, role=Role.VIEWER, name=f"v{route.name}").code == "forbidden"
    for role in Role:
        if role not in (route.roles or frozenset()):
            assert say(gateway, route.method, path, {}, role=role, name=f"{role}{route.name}").status == 403


def test_without_a_key_nothing_is_sent(gateway: GatewayBench) -> None:
    before = records(gateway)
    told = gateway.ask("POST", "/v1/orders", {"order": FAR}, role=Role.TRADER)
    assert (told.status, told.code) == (400, "key_missing")
    assert records(gateway) == before


def test_an_order_by_its_terms_works_and_says_where_it_came_from(gateway: GatewayBench) -> None:
    told = sends(gateway, limit="99", exit_stop="95", strategy="meanrev")
    order = sent(told)
    assert (order["status"], order["origin"], order["limit"], order["quantity"]) == (
        "working",
        "gateway",
        "99.00",
        "5",
    )
    assert order["strategy"] == "meanrev"
    kept = gateway.rooms.orders.orders[order["client_id"]]
    assert kept.request.plan is not None
    assert kept.request.plan.stop == 9_500
    assert kept.request.correlation == told.headers["x-correlation-id"]
    gone = say(gateway, "DELETE", f"/v1/orders/{order['client_id']}")
    journal = gateway.rooms.folders.data / "journal"
    (asked,) = [
        each
        for each in records_of(next(journal.iterdir()))
        if isinstance(each, CancelOrder) and each.client_id == order["client_id"]
    ]
    assert asked.correlation == gone.headers["x-correlation-id"] != kept.request.correlation


def test_an_order_by_a_line_is_read_as_at_the_desk(gateway: GatewayBench) -> None:
    told = say(gateway, "POST", "/v1/orders", {"line": "b 10 XYZ @ 99.50 gtc"})
    assert told.status == 422, "the grammar is the desk's, which has no space after the @"
    order = sent(say(gateway, "POST", "/v1/orders", {"line": "b 10 XYZ 99.50 gtc"}))
    assert (order["symbol"], order["tif"], order["limit"], order["status"]) == (
        "XYZ",
        "gtc",
        "99.50",
        "working",
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"line": "flat!"}, "sends no order"),
        ({"line": "b 10"}, ""),
        ({"line": "b 10 NOPE"}, ""),
        ({}, "either a line or an order"),
        ({"line": "b 1 ABC", "order": FAR}, "either a line or an order"),
        ({"order": {**FAR, "limit": "99.001"}}, "not a multiple"),
        ({"order": {**FAR, "quantity": "-1"}}, ""),
        ({"order": {**FAR, "quantity": "NaN"}}, ""),
        ({"order": {**FAR, "quantity": "1e400"}}, ""),
        ({"order": {**FAR, "strategy": "A B"}}, ""),
        ({"order": {**FAR, "origin": "exit"}}, "unknown field"),
        ({"order": {**FAR, "exit_stop": "9", "exit_trail": "1"}}, "one stop"),
    ],
)
def test_what_is_no_order_is_told_why_and_nothing_is_sent(
    gateway: GatewayBench, body: dict[str, Any], says: str
) -> None:
    before = records(gateway)
    told = say(gateway, "POST", "/v1/orders", body, name="wrong")
    assert (told.status, told.code) == (422, "body_invalid")
    assert says in told.body["error"]["text"]
    assert records(gateway) == before


def test_an_order_that_the_gate_denies_comes_with_each_reason(gateway: GatewayBench) -> None:
    told = sends(gateway, quantity="900000000")
    assert (told.status, told.code) == (422, "order_denied")
    reasons = told.body["error"]["reasons"]
    assert {"order_size", "order_notional"} <= {each["rule"] for each in reasons}
    assert all(each["text"] for each in reasons)
    told = sends(gateway, limit=None)
    assert "prices" in {each["rule"] for each in told.body["error"]["reasons"]}


def test_the_same_key_sends_once_and_answers_the_same(gateway: GatewayBench) -> None:
    before, key = records(gateway), next(KEYS)
    first, second = (sends(gateway, key, limit="90.50") for _ in range(2))
    assert first.raw == second.raw
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert records(gateway) == before + 1
    other = sends(gateway, key, limit="90.51")
    assert (other.status, other.code) == (422, "key_conflict")
    assert sent(sends(gateway, key, name="bob"))["client_id"] != sent(first)["client_id"]


def test_many_at_once_under_one_key_send_one_order(gateway: GatewayBench) -> None:
    before, key, answers = records(gateway), next(KEYS), []
    threads = [
        threading.Thread(target=lambda: answers.append(sends(gateway, key, limit="90.60"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.raw for each in answers}) == 1
    assert records(gateway) == before + 1


def test_a_denial_is_kept_with_its_key(gateway: GatewayBench) -> None:
    key = next(KEYS)
    first, second = (sends(gateway, key, limit="90.70", quantity="900000000") for _ in range(2))
    assert first.raw == second.raw
    assert second.headers["idempotent-replayed"] == "true"


def test_an_order_is_changed_and_taken_back(gateway: GatewayBench) -> None:
    order = sent(sends(gateway))
    path = f"/v1/orders/{order['client_id']}"
    told = say(gateway, "PATCH", path, {"limit": "98.50", "quantity": "7"})
    assert (told.status, told.body["order"]["limit"], told.body["order"]["quantity"]) == (200, "98.50", "7")
    denied = say(gateway, "PATCH", path, {"quantity": "900000000"})
    assert (denied.status, denied.code) == (422, "order_denied")
    assert say(gateway, "PATCH", path, {}).code == "body_invalid"
    told = say(gateway, "DELETE", path, role=Role.RISK, name="rita")
    assert (told.status, told.body["order"]["status"]) == (200, "canceled")
    again = say(gateway, "DELETE", path)
    assert (again.status, again.code) == (409, "refused")
    assert say(gateway, "DELETE", "/v1/orders/nope").code == "not_found"


def test_everything_is_taken_back_and_closed_and_what_is_left_is_told(gateway: GatewayBench) -> None:
    sends(gateway)
    held = sent(sends(gateway, type="market", limit=None, quantity="3"))
    assert held["status"] == "filled"
    assert say(gateway, "POST", "/v1/cancel-all", {"strategy": "nobodys"}).body["working"] == 0
    told = say(gateway, "POST", "/v1/cancel-all", {"symbol": "ABC"}, role=Role.RISK, name="rita")
    assert (told.status, told.body) == (200, {"working": 0, "flattening": 0})
    assert say(gateway, "POST", "/v1/flatten", {}).code == "body_invalid"
    assert say(gateway, "POST", "/v1/flatten", {"symbol": "NOPE"}).code == "not_found"
    told = say(gateway, "POST", "/v1/flatten", {"everything": True})
    assert (told.status, told.body) == (200, {"working": 0, "flattening": 0})
    wait_until(lambda: not gateway.rooms.ledger.positions[ABC].quantity)


def test_a_venue_that_does_not_answer_is_told_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commanding, "WAIT_S", 0.1)
    with served(tmp_path / "gateway") as bench:
        order = sent(sends(bench))
        assert order["status"] == OrderStatus.PENDING_NEW


def test_after_a_restart_a_key_still_sends_no_second_order(tmp_path: Path) -> None:
    with served(tmp_path / "gateway") as bench, time_passes(bench):
        first = sent(sends(bench, "deploy-1", limit="90.80"))
    with served(tmp_path / "gateway") as bench, time_passes(bench):
        wait_until(lambda: bench.ask("GET", "/v1/orders", role=Role.VIEWER).status == 200)
        again = sent(sends(bench, "deploy-1", limit="90.80"))
        assert again["client_id"] == first["client_id"]
        assert records(bench) == 1
        other = sends(bench, "deploy-1", side="sell", limit="120")
        assert (other.status, other.code) == (422, "key_conflict")
