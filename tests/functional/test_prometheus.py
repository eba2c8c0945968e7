"""A real Prometheus beside a running engine: it is told what the screen shows and what the gateway answers."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import NamedTuple

from msgspec.structs import replace

from engine.alerts.built_in import BUILT_IN
from engine.alerts.prometheus import alert_name
from engine.config import CredentialSettings, MetricsSettings
from engine.engine import Engine
from engine.messages.commands import SetTradingState, TradingState
from engine.messages.events import Severity
from engine.messages.views import AccountView, Frame, RiskView, ViewRequest
from engine.readings.sample_maker import STATES
from engine.rooms import Rooms
from engine.security.operators.roles import Role
from engine.serving import Serving
from engine.settings.gateway import GatewaySettings
from terminal.shell.line_reader import read_order_line
from tests.engine_rooms import ABC, buying, composed, passes
from tests.gallery.evaluation import Span, evaluated
from tests.gallery.panels import panels
from tests.prometheus_server import PrometheusServer, needs_prometheus
from tests.unit.engine.gateway_bench import GatewayBench, served_home
from tests.waiting import wait_until

STEADY = ("broker", "feed", "journal", "orders", "queues")
"""Rows whose state is the same from one look to the next."""


@contextmanager
def observed(root: Path) -> Iterator[GatewayBench]:
    """Run an engine with an exporter and a gateway, its market fed by hand, ten shares bought."""
    keys = served_home(root)
    with composed(root) as rooms:
        old_backup(rooms)
        rooms.settings = replace(
            rooms.settings,
            metrics=MetricsSettings(port=0),
            gateway=GatewaySettings(listen="127.0.0.1:0"),
            credentials=CredentialSettings(key_file=str(root / "keys.toml")),
        )
        engine = Engine(rooms)
        engine.start()
        try:
            server = Serving(rooms.settings, rooms.folders, read_order_line).gateway(engine)
            server.open()
            try:
                bench = GatewayBench(rooms, engine, server, keys)
                until(bench, lambda: rooms.orders.reconciler.settled)
                engine.submit(buying(rooms, 10))
                until(bench, lambda: ABC in rooms.ledger.positions)
                wait_until(lambda: bool(exporter_port(engine)))
                yield bench
            finally:
                server.close()
        finally:
            engine.stop()


def old_backup(rooms: Rooms) -> None:
    """Leave a backup that was finished long ago, which a rule is about."""
    backups = rooms.folders.data / "backups" / Path(rooms.journal.disk.where).name
    backups.mkdir(parents=True)
    (backups / "long-ago.manifest").touch()
    os.utime(backups / "long-ago.manifest", (0, 0))


def until(bench: GatewayBench, is_so: Callable[[], bool]) -> None:
    """Let the market's time pass until it is so; it stands afterwards."""

    def look() -> bool:
        bench.engine._thread.call(passes, bench.rooms, 0.02)
        return is_so()

    wait_until(look)


def exporter_port(engine: Engine) -> int:
    return engine._observation.exporter.port


def shown(engine: Engine) -> Frame:
    frames: Queue[Frame] = Queue()
    engine.drain(ViewRequest(focus=ABC, everything=True), frames.put)
    return frames.get(timeout=10)


class Numbers(NamedTuple):
    """What everyone has to say alike."""

    equity: float
    day_pnl: float
    gross: float
    position: float
    limits: dict[str, float]
    states: dict[str, int]
    alarms: set[tuple[str, str]]
    """What is wrong by the rules: its cause, and how severe it is."""
    alarms_counted: dict[str, int]
    """By severity."""


RULES = {alert_name(name): rule for name, rule in BUILT_IN.items()}
RANK = list(Severity)


def told_together(fired: Iterable[dict[str, str]]) -> set[tuple[str, str]]:
    """Return what fires as the desk groups it: by cause, as severe as the most severe of it."""
    worst = dict[str, Severity]()
    for labels in fired:
        if labels["alertname"] not in RULES:
            continue  # of Prometheus alone
        cause = RULES[labels["alertname"]].cause.format(**labels)
        worst[cause] = max(worst.get(cause, Severity.INFO), Severity(labels["severity"]), key=RANK.index)
    return {(cause, severity.value) for cause, severity in worst.items()}


def on_screen(frame: Frame) -> Numbers:
    account, risk, positions = frame.account, frame.risk, frame.positions
    assert frame.alarms is not None
    assert isinstance(account, AccountView)
    assert isinstance(risk, RiskView)
    assert positions is not None
    return Numbers(
        account.equity_micros / 1e6,
        account.day_pnl_micros / 1e6,
        account.gross_micros / 1e6,
        sum(view.quantity for view in positions if view.symbol == ABC),
        {view.rule: view.fraction for view in risk.limits},
        {row.name: STATES.index(row.state) for row in frame.health or () if row.name in STEADY},
        {(alarm.cause, alarm.severity.value) for alarm in frame.alarms.open},
        dict(Counter(alarm.severity.value for alarm in frame.alarms.open)),
    )


def at_the_gateway(bench: GatewayBench) -> Numbers:
    def ask(path: str, part: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = bench.ask("GET", path, role=Role.VIEWER).body[part]
        return found

    account = bench.ask("GET", "/v1/account", role=Role.VIEWER).body["account"]
    alarms = ask("/v1/alarms", "open")
    limits = bench.ask("GET", "/v1/risk", role=Role.VIEWER).body["risk"]["limits"]
    names = [state.value for state in STATES]
    return Numbers(
        float(account["equity"]),
        float(account["day_pnl"]),
        float(account["gross"]),
        sum(float(each["quantity"]) for each in ask("/v1/positions", "positions")),
        {each["rule"]: each["used"] / each["limit"] if each["limit"] else 0.0 for each in limits},
        {
            e["name"]: names.index(e["state"])
            for e in ask("/v1/components", "components")
            if e["name"] in STEADY
        },
        {(each["cause"], each["severity"]) for each in alarms},
        dict(Counter(each["severity"] for each in alarms)),
    )


def in_prometheus(server: PrometheusServer) -> Numbers:
    def one(name: str, **labels: str) -> float:
        return server.query(name).get(frozenset(labels.items()), float("nan"))

    def each(name: str, label: str) -> dict[str, float]:
        return {dict(labels)[label]: value for labels, value in server.query(name).items()}

    states = each("touchline_health_state", "component")
    return Numbers(
        one("touchline_equity"),
        one("touchline_day_pnl"),
        one("touchline_gross_exposure"),
        one("touchline_position", symbol=ABC),
        each("touchline_limit_used_ratio", "rule"),
        {name: int(value) for name, value in states.items() if name in STEADY},
        told_together(map(dict, server.query('ALERTS{alertstate="firing"}'))),
        {
            severity: int(value)
            for severity, value in each("sum by (severity) (touchline_alerts > 0)", "severity").items()
        },
    )


def is_clean(page: bytes) -> None:
    """Have Prometheus's own linter read what is served."""
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=page, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@needs_prometheus
def test_the_screen_the_gateway_and_prometheus_say_the_same_and_the_rules_see_a_halt(tmp_path: Path) -> None:
    with observed(tmp_path) as bench, PrometheusServer(tmp_path / "p", exporter_port(bench.engine)) as server:
        engine = bench.engine
        screen = on_screen(shown(engine))
        assert screen.position == 10
        assert screen.limits["gross_exposure"] > 0
        wait_until(lambda: "backup" in dict(on_screen(shown(engine)).alarms))
        told: list[Numbers] = []

        def they_agree() -> bool:
            told[:] = [on_screen(shown(engine)), in_prometheus(server)]
            return told[0] == told[1] and set(told[0].states) == set(STEADY)

        wait_until(they_agree)
        assert at_the_gateway(bench) == told[0]
        engine.submit(SetTradingState(TradingState.HALTED, "lunch"))
        fired = frozenset(
            {
                ("alertname", "TouchlineTradingHalted"),
                ("alertstate", "firing"),
                ("severity", "warning"),
                ("state", "halted"),
            }
        )
        wait_until(lambda: fired in server.query("ALERTS"))
        assert server.query("instance:touchline_symbols_doubtful:ratio") == {frozenset(): 0.0}
        fates = {dict(labels)["fate"] for labels in server.query("touchline_log_lines_total")}
        assert fates == {"written", "dropped", "left_out"}
        with urllib.request.urlopen(f"http://127.0.0.1:{exporter_port(engine)}/metrics", timeout=10) as page:
            is_clean(page.read())


@needs_prometheus
def test_every_query_of_the_dashboard_is_answered_about_a_running_engine(tmp_path: Path) -> None:
    with observed(tmp_path) as bench, PrometheusServer(tmp_path / "p", exporter_port(bench.engine)) as server:
        wait_until(lambda: bool(server.query("touchline_position != 0")))
        now_s = time.time()
        found = {
            each.panel.title: each.series for each in evaluated(server, panels(), Span(now_s - 5, now_s + 1))
        }
        assert [series.name for series in found["Positions"]] == [str(ABC)]
        assert {series.name for series in found["Trust"]} >= {"good", "stale"}
