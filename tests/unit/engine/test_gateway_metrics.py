"""What the gateway counts is served by the exporter, under labels that nobody who asks can choose."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from websockets.sync.client import connect

from engine.observe.gateway_counts import GATEWAY_METRICS, GatewayCounts
from engine.readings.sample_maker import QUANTILES
from engine.security.operators.roles import Role
from tests.unit.engine.gateway_bench import GatewayBench, exported, served
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    with served(tmp_path_factory.mktemp("gateway")) as bench:
        yield bench


def test_requests_are_counted_by_kind_and_status_and_refusals_by_code(gateway: GatewayBench) -> None:
    before = exported(gateway)

    def more(name: str, *labels: str) -> float:
        key = (f"touchline_gateway_{name}", labels)
        return exported(gateway).get(key, 0) - before.get(key, 0)

    assert gateway.ask("GET", "/v1/account", role=Role.VIEWER).status == 200
    assert gateway.ask("GET", "/v1/nowhere/at-all", role=Role.VIEWER).status == 404
    assert gateway.ask("GET", "/v1/account").code == "token"
    told = gateway.ask("GET", "/v1/account", role=Role.VIEWER, headers={"Origin": "https://evil.example"})
    assert told.code == "origin"
    wait_until(lambda: more("refusals_total", "origin") == 1)
    assert more("requests_total", "data", "200") == 1
    assert more("requests_total", "data", "401") == 1
    assert more("requests_total", "none", "404") == more("requests_total", "none", "403") == 1
    assert more("request_seconds_count", "data") == more("request_seconds_bucket", "data", "+Inf") == 2
    assert more("refusals_total", "not_found") == more("refusals_total", "token") == 1
    assert more("limiter_decisions_total", "data", "passed") == 2


def test_nothing_that_is_asked_becomes_a_label(gateway: GatewayBench) -> None:
    before = exported(gateway).keys()
    for number in range(5):
        gateway.ask("BREW", f"/v1/{number}", headers={"Host": f"name{number}", "Origin": f"https://{number}"})
    more = {labels for name, labels in exported(gateway).keys() - before if "bucket" not in name}
    more -= {(str(quantile),) for quantile in QUANTILES}  # of what was measured for the first time meanwhile
    assert more <= {("none", "421"), ("host",), ("none",)}


def test_connections_are_told_by_kind_and_messages_of_the_stream_are_counted(gateway: GatewayBench) -> None:
    sent = "touchline_gateway_stream_messages_total"
    before = exported(gateway)[sent, ()]
    headers = {"Authorization": f"Bearer {gateway.token(Role.VIEWER)}"}
    address = f"ws://127.0.0.1:{gateway.port}/v1/stream"
    with connect(address, additional_headers=headers, proxy=None) as client:
        assert json.loads(client.recv())["type"] == "welcome"
        client.send('{"type": "ping", "id": 1}')
        assert json.loads(client.recv())["type"] == "pong"
        found = exported(gateway)
        assert found["touchline_gateway_connections", ("stream",)] == 1
        assert found[sent, ()] == before + 2
    wait_until(lambda: exported(gateway)["touchline_gateway_connections", ("stream",)] == 0)
    wait_until(lambda: exported(gateway)["touchline_gateway_requests_total", ("sockets", "101")] == 1)
    assert ("touchline_gateway_request_seconds_count", ("sockets",)) not in exported(gateway)


def test_every_metric_of_the_gateway_is_read(gateway: GatewayBench) -> None:
    assert {metric.name for metric in GATEWAY_METRICS} <= gateway.rooms.beside.keys()


def test_numbers_are_read_while_others_are_counted() -> None:
    counts, over = GatewayCounts(monotonic_ns=lambda: 0), threading.Event()

    def count() -> None:
        for number in range(20_000):
            counts.answered(f"kind{number % 97}", 200 + number % 300, 1_000)
        over.set()

    thread = threading.Thread(target=count)
    thread.start()
    while not over.is_set():
        for metric in GATEWAY_METRICS:
            list(metric.read(counts))
    thread.join()
    assert sum(number for _, number in GATEWAY_METRICS[0].read(counts)) == 20_000
