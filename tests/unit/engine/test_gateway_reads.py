"""What an operator may read over the gateway."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.gateway.routes import Route
from engine.gateway.table import ROUTES
from engine.security.operators.roles import Role
from tests.engine_rooms import ABC, buying, passes, quoted
from tests.unit.engine.gateway_bench import GatewayBench, Told, served
from tests.waiting import wait_until

READS = [route for route in ROUTES if route.method == "GET" and route.roles is not None]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    with served(tmp_path_factory.mktemp("gateway")) as bench:
        bench.engine.submit(buying(bench.rooms, 100))
        bench.engine.submit(buying(bench.rooms, 7, limit=9_990))
        wait_until(lambda: len(bench.rooms.orders.orders) == 2)
        bench.engine._thread.call(passes, bench.rooms, 1)
        yield bench


def read(gateway: GatewayBench, path: str, role: Role = Role.VIEWER) -> Told:
    return gateway.ask("GET", path, role=role, name=f"reader {path}"[:30])


@pytest.mark.parametrize("route", READS, ids=lambda route: route.name)
def test_nothing_is_read_without_a_token(gateway: GatewayBench, route: Route) -> None:
    told = gateway.ask("GET", route.path.replace("{client_id}", "x"))
    assert (told.status, told.code) == (401, "token")


def test_each_role_reads(gateway: GatewayBench) -> None:
    for role in Role:
        assert read(gateway, "/v1/account", role).status == 200


def test_instruments_are_told_with_their_steps(gateway: GatewayBench) -> None:
    told = read(gateway, "/v1/instruments").body["instruments"]
    assert [each["symbol"] for each in told] == ["ABC", "XYZ"]
    assert (told[0]["tick"], told[0]["lot"], told[0]["tradable"]) == ("0.01", "1", True)


def test_quotes_are_decimals_and_no_older_than_a_moment(gateway: GatewayBench) -> None:
    told = read(gateway, "/v1/quotes?symbol=XYZ").body["quotes"]
    assert [(each["symbol"], each["bid"], each["ask"], each["bid_size"]) for each in told] == [
        ("XYZ", "100.00", "100.02", "500")
    ]
    assert [each["symbol"] for each in read(gateway, "/v1/quotes").body["quotes"]] == ["ABC", "XYZ"]
    gateway.engine._thread.call(quoted, gateway.rooms, ABC, 10_005)
    wait_until(lambda: read(gateway, "/v1/quotes?symbol=ABC").body["quotes"][0]["bid"] == "100.05")


def test_what_is_not_listed_is_not_found_and_a_query_is_held_to_its_names(gateway: GatewayBench) -> None:
    told = read(gateway, "/v1/quotes?symbol=NOPE")
    assert (told.status, told.code) == (404, "not_found")
    for query in ("?sybmol=ABC", "?symbol=", "?symbol=" + "x" * 65):
        told = read(gateway, f"/v1/quotes{query}")
        assert (told.status, told.code) == (422, "body_invalid"), query
    assert read(gateway, "/v1/depth").code == "body_invalid"
    assert read(gateway, "/v1/depth?symbol=ABC&levels=0").code == "body_invalid"
    assert read(gateway, "/v1/orders/nope").code == "not_found"


def test_a_book_is_told(gateway: GatewayBench) -> None:
    told = read(gateway, "/v1/depth?symbol=ABC&levels=5").body["depth"]
    assert (told["symbol"], told["synced"]) == ("ABC", True)


def test_orders_and_what_came_of_them_are_told(gateway: GatewayBench) -> None:
    wait_until(lambda: len(read(gateway, "/v1/orders?open=true").body["orders"]) == 1)
    told = read(gateway, "/v1/orders").body
    assert told["left_out"] == 0
    filled, working = told["orders"]
    assert (filled["status"], filled["filled"], filled["average_price"]) == ("filled", "100", "100.02")
    assert [fill["quantity"] for fill in filled["fills"]] == ["100"]
    assert (working["status"], working["limit"], working["leaves"]) == ("working", "99.90", "7")
    one = read(gateway, f"/v1/orders/{working['client_id']}").body["order"]
    assert one == working
    newest = read(gateway, "/v1/orders?last=1").body
    assert ([each["number"] for each in newest["orders"]], newest["left_out"]) == ([working["number"]], 1)
    assert read(gateway, "/v1/orders?symbol=XYZ").body["orders"] == []


def test_positions_money_risk_and_what_runs_are_told(gateway: GatewayBench) -> None:
    wait_until(lambda: bool(read(gateway, "/v1/positions").body["positions"]))
    (held,) = read(gateway, "/v1/positions").body["positions"]
    assert (held["symbol"], held["quantity"]) == ("ABC", "100")
    money = read(gateway, "/v1/account").body
    assert (money["account"]["name"], money["armed"]) == ("PAPER-1", True)
    assert money["account"]["currency"] == "USD"
    assert read(gateway, "/v1/risk").body["risk"]["state"] == "active"
    limits = read(gateway, "/v1/limits").body
    assert limits["limits"]
    assert limits["source"]
    wait_until(lambda: bool(read(gateway, "/v1/components").body["components"]))
    assert {"name", "state", "value"} <= read(gateway, "/v1/components").body["components"][0].keys()
    assert isinstance(read(gateway, "/v1/alerts").body["alerts"], list)
    assert read(gateway, "/v1/signals").body == {"signals": [], "models": [], "registry": ""}
