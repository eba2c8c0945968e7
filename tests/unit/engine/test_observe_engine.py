"""One engine for all: what it shows, what it exports and what it logs, on the simulated market."""

from __future__ import annotations

import json
import math
import re
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine.bootstrap import simulated_engine
from engine.clock import SystemClock
from engine.config import MetricsSettings, Settings
from engine.engine import Engine
from engine.folders import Folders
from engine.messages.commands import Pause, Resume, SetSpeed, SetTradingState, SubmitOrder, TradingState
from engine.messages.views import Frame, HealthState, HealthView, ViewRequest
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from engine.observe.logs import NAME
from engine.observe.venues import VENUE_METRICS
from engine.pace import Pace
from engine.readings.sample_maker import STATES
from engine.readings.samples import METRICS
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
NVDA = Symbol("NVDA")
LATER = {"touchline_backup_age_seconds", "touchline_certificate_left_seconds"}
"""Served once there is a backup, a certificate."""
Exported = dict[tuple[str, frozenset[tuple[str, str]]], float]


def make_folders(root: Path) -> Folders:
    return Folders(root / "config", root / "data", root / "cache", root / "logs")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return make_folders(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def engine(folders: Folders) -> Iterator[Engine]:
    made = simulated_engine(Settings(metrics=MetricsSettings(port=0)), folders, seed=1, pace=Pace(speed=1.0))
    made.start()
    try:
        wait_until(lambda: made._observation.exporter.port > 0)
        trade(made)
        yield made
    finally:
        made.stop()


def send(engine: Engine, units: int) -> str:
    client_id, number = engine.ids.next()
    request = OrderRequest(
        client_id=client_id,
        number=number,
        account=engine.account_name,
        symbol=NVDA,
        side=Side.BUY,
        quantity=units,
        type=OrderType.MARKET,
        correlation=f"key-{number}",
    )
    engine.submit(SubmitOrder(request), SystemClock().monotonic_ns())
    return client_id


def trade(engine: Engine) -> None:
    """Have everything happen once that is counted: a fill, a denial, a refusal, a paint."""
    lot = engine._rooms.market.states[NVDA].instrument.lot_units
    orders = engine._rooms.orders.orders
    bought = send(engine, lot)
    wait_until(lambda: bought in orders and not orders[bought].is_open)
    send(engine, lot * 10**9)
    engine.note_paint(5_000_000)
    engine._thread.call(engine._rooms.market.on_malformed, "test", "bad_row", "a row")
    engine.submit(SetTradingState(TradingState.REDUCING, "lunch"))
    wait_until(lambda: exported(engine).get(("touchline_fills_total", frozenset()), 0) >= 1)
    wait_until(lambda: any(name == "touchline_quotes_refused_total" for name, _ in exported(engine)))


def scrape(engine: Engine) -> str:
    port = engine._observation.exporter.port
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def exported(engine: Engine) -> Exported:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(scrape(engine))
        for sample in family.samples
    }


def drained(engine: Engine) -> Frame:
    frames: Queue[Frame] = Queue()
    engine.drain(ViewRequest(focus=NVDA, everything=True), frames.put)
    return frames.get(timeout=10)


def board_and_export(engine: Engine) -> tuple[tuple[HealthView, ...], Exported]:
    """Return the rows of one look and the scrape made right after it."""
    rows: tuple[HealthView, ...] | None = None
    while rows is None:
        rows = drained(engine).health
        threading.Event().wait(0.02)
    return rows, exported(engine)


def health(export: Exported, metric: str, row: HealthView) -> float:
    return export[metric, frozenset({("component", row.name)})]


def agrees(rows: tuple[HealthView, ...], export: Exported) -> bool:
    return all(
        health(export, "touchline_health_value", row) == row.history[-1]
        and health(export, "touchline_health_state", row) == STATES.index(row.state)
        for row in rows
    )


def test_the_screen_and_the_exporter_say_the_same(engine: Engine) -> None:
    attempts = (board_and_export(engine) for _ in range(8))
    rows, export = next(pair for pair in attempts if agrees(*pair))
    by_name = {row.name: row for row in rows}
    assert {dict(labels)["component"] for name, labels in export if name == "touchline_health_state"} == set(
        by_name
    )
    assert by_name["feed"].history[-1] > 0
    assert by_name["memory"].history[-1] == export["touchline_resident_memory_bytes", frozenset()]
    p99 = export["touchline_loop_lag_seconds", frozenset({("quantile", "0.99")})]
    assert math.isclose(by_name["loop_lag"].history[-1], p99 * 1000)


def test_every_row_speaks(engine: Engine) -> None:
    wait_until(lambda: engine._rooms.health.reading("log").state is HealthState.OK)
    readings = engine._rooms.health.readings()
    assert set(readings) == {
        "feed",
        "conflation",
        "quote_age",
        "key_to_paint",
        "key_to_wire",
        "order_to_ack",
        "loop_lag",
        "source_to_screen",
        "journal",
        "broker",
        "queues",
        "orders",
        "desks",
        "trust",
        "books",
        "cpu",
        "gc",
        "memory",
        "files",
        "disk",
        "vault",
        "backup",
        "exporter",
        "log",
        "alerts",
        "sign_in",
        "projection",
    }
    assert readings["exporter"].value == f"127.0.0.1:{engine._observation.exporter.port}"
    assert readings["key_to_paint"].value == "5.0 ms p50"
    assert "1 denied" in readings["orders"].detail
    assert readings["feed"].value.endswith(" q/s")
    assert not [name for name, reading in readings.items() if reading.value == "starting"]


def test_orders_fills_and_positions_are_exported(engine: Engine) -> None:
    export, account = exported(engine), drained(engine).account

    def value(name: str, **labels: str) -> float:
        return export[name, frozenset(labels.items())]

    instrument = engine._rooms.market.states[NVDA].instrument
    assert value("touchline_position", symbol="NVDA") == instrument.lot_units / instrument.size_scale
    assert value("touchline_orders_total", status="filled") == 1
    assert value("touchline_orders_total", status="denied") == 1
    assert value("touchline_order_denials_total", rule="order_size") == 1
    assert value("touchline_quotes_refused_total", reason="bad_row", source="test") == 1
    assert value("touchline_key_to_wire_seconds_count") == 2
    assert value("touchline_order_to_ack_seconds_count") <= 1
    assert value("touchline_events_total", kind="quote") > 0
    assert account is not None
    assert abs(value("touchline_equity") - account.equity_micros / 1e6) < 1000


def ages(engine: Engine) -> list[float]:
    return [number for (name, _), number in exported(engine).items() if name == "touchline_feed_age_seconds"]


def test_a_market_that_is_held_is_of_no_age_and_one_that_is_hurried_times_nothing(engine: Engine) -> None:
    wait_until(lambda: len(ages(engine)) == 1)
    engine.submit(Pause())
    wait_until(lambda: not ages(engine))
    engine.submit(Resume())
    wait_until(lambda: len(ages(engine)) == 1)
    wait_until(lambda: drained(engine).source_ns > 0)
    engine.submit(SetSpeed(2))
    drained(engine)
    assert [drained(engine).source_ns for _ in range(5)] == [0] * 5
    engine.submit(SetSpeed(1))


def test_every_metric_is_documented_and_every_documented_one_is_served(engine: Engine) -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    row = re.compile(r"^\| `((?:touchline|process)_\w+)` \| (\w+) \| ([`\w, ]*) \| (.+) \|$", re.MULTILINE)
    documented = {
        name: (kind, tuple(re.findall(r"`(\w+)`", labels)), meaning)
        for name, kind, labels, meaning in row.findall(text)
    }
    parts = {"summary": ("_sum", "_count"), "histogram": ("_sum", "_count")}
    assert documented == {
        metric.name.removesuffix("_bucket"): (metric.kind, metric.labels, metric.help)
        for metric in METRICS
        if not metric.name.endswith(parts.get(metric.kind, ("/",)))
    }
    served = {name for name, _ in exported(engine)}
    venues = {metric.name for metric in VENUE_METRICS}  # served where there is one
    beside = (
        *("touchline_gateway_", "touchline_redis_", "touchline_desks", "touchline_shared_"),
        *("touchline_signal_", "touchline_spans_"),
    )
    shared = {metric.name for metric in METRICS if metric.name.startswith(beside)}
    seldom = {"touchline_order_to_ack_seconds", "touchline_source_to_screen_seconds", *LATER}
    assert {metric.name for metric in METRICS} - served <= {*seldom, *venues, *shared}
    assert served <= {metric.name for metric in METRICS}


def test_every_row_s_unit_is_documented(engine: Engine) -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    table = text[text.index("| component | unit") : text.index("## The log")]
    assert set(re.findall(r"`(\w+)`", table)) == set(engine._rooms.health.readings())


def test_the_log_tells_the_order_s_story(engine: Engine, folders: Folders) -> None:
    path = folders.logs / NAME
    wait_until(lambda: path.exists() and "trading state" in path.read_text())
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    first = next(line for line in lines if line["event"] == "order submitted")
    story = [line["event"] for line in lines if line.get("client_id") == first["client_id"]]
    assert story[:3] == ["command", "order submitted", "order sent"]
    assert "order filled" in story
    assert {line["correlation"] for line in lines if line.get("client_id") == first["client_id"]} == {"key-1"}
    assert lines[0]["event"] == "engine started"
    assert engine.mode.value == lines[0]["mode"]


def test_a_second_engine_finds_the_port_taken_and_says_so(engine: Engine, tmp_path: Path) -> None:
    port = engine._observation.exporter.port
    settings = Settings(metrics=MetricsSettings(port=port))
    second = simulated_engine(settings, make_folders(tmp_path), seed=2, pace=Pace(speed=1.0))
    second.start()
    try:
        wait_until(lambda: second._rooms.health.reading("exporter").state is HealthState.DOWN)
        assert str(port) in second._rooms.health.reading("exporter").detail
        assert drained(second).quotes
    finally:
        second.stop()
    assert exported(engine)


def test_an_engine_that_is_stopped_at_once_leaves_nothing_behind(tmp_path: Path) -> None:
    made = simulated_engine(
        Settings(metrics=MetricsSettings(port=0)), make_folders(tmp_path), seed=3, pace=Pace(speed=1.0)
    )
    made.start()
    made.stop()
    assert made._observation.exporter.port == 0
    assert not made._thread.is_running
