"""What an engine that runs says of itself, asked over its socket, its exporter and its gateway; and what goes red."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace as copied
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
from msgspec.structs import replace

from engine.clock import SystemClock
from engine.config import CredentialSettings, MetricsSettings
from engine.control.status import Scope, Unwell
from engine.engine import Engine
from engine.messages.commands import TradingState
from engine.preflight.asking import asked
from engine.preflight.checks.check import ASK_CHECKOUT
from engine.preflight.facts import Facts, LiveFacts
from engine.preflight.found import WELL, Status
from engine.preflight.items import BY_ID
from engine.preflight.operation_facts import StepFacts
from engine.preflight.reading import Place, read
from engine.preflight.report import judge
from engine.serving import Serving
from engine.settings.gateway import GatewaySettings
from terminal.shell.line_reader import read_order_line
from tests.engine_rooms import composed
from tests.redis_server import free_port
from tests.tls_pair import Pair
from tests.unit.engine.gateway_bench import served_home
from tests.waiting import wait_until

Break = Callable[[LiveFacts], LiveFacts]
LAUNCH: Final = tuple(f"LAUNCH-{number}" for number in range(1, 13))


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Facts, Facts]]:
    """Run an engine with its exporter and its gateway; yield the facts before and after it was asked."""
    root = tmp_path_factory.mktemp("live")
    served_home(root)
    port, exporter, plain = free_port(), free_port(), free_port()
    pair = Pair(root)
    pair.make(now_ns=SystemClock().now_ns())
    with composed(root) as rooms:
        rooms.settings = settings = replace(
            rooms.settings,
            gateway=GatewaySettings(
                listen=f"127.0.0.1:{port}",
                certificate_file=str(pair.path),
                key_file=str(pair.key_path),
                redirect_port=plain,
            ),
            credentials=CredentialSettings(key_file=str(root / "keys.toml")),
            metrics=MetricsSettings(port=exporter),
        )
        engine = Engine(rooms)
        engine.start()
        server = Serving(settings, rooms.folders, read_order_line).gateway(engine)
        server.open()
        try:
            wait_until(lambda: engine._observation.exporter.port == exporter)
            wait_until(lambda: bool(engine._observation.samples))
            place = Place(rooms.folders, rooms.folders.settings, settings=settings)
            facts = read(place).facts
            asked(facts)  # the log has a request then
            wait_until(lambda: has_request(root / "logs" / "gateway.log"))
            yield facts, asked(facts)
        finally:
            server.close()
            engine.stop()


def has_request(log: Path) -> bool:
    return log.exists() and '"request"' in log.read_text(encoding="utf-8")


def test_an_engine_that_runs_answers_for_itself(live: tuple[Facts, Facts]) -> None:
    _, facts = live
    assert facts.live is not None
    assert facts.live.status is not None
    assert facts.live.gateway_status == 401
    assert facts.live.metrics["touchline_equity"] == 1_000_000
    assert facts.live.requests >= 1
    stands = {name: judge(BY_ID[name], facts, {}).status for name in LAUNCH}
    passes = {name for name, status in stands.items() if status is Status.PASS}
    assert {"LAUNCH-2", "LAUNCH-6", "LAUNCH-7", "LAUNCH-9", "LAUNCH-11", "LAUNCH-12"} <= passes
    assert stands["LAUNCH-5"] is not Status.UNSET
    assert stands["LAUNCH-8"] is not Status.UNSET
    assert judge(BY_ID["MET-1"], facts, {}).evidence.startswith(f"{len(facts.live.metrics)} series at 127.")
    assert judge(BY_ID["NET-6"], facts, {}).evidence == "the gateway answered X-Frame-Options: DENY"
    assert (
        facts.live.redirect
        == f"https://localhost:{facts.settings.gateway.listen.rpartition(':')[2]}/v1/positions"
    )


def test_without_an_engine_the_live_part_says_so_and_nothing_passes(
    live: tuple[Facts, Facts], tmp_path: Path
) -> None:
    before, _ = live
    assert all(judge(BY_ID[name], before, {}).status is Status.UNSET for name in LAUNCH)
    facts = asked(replace(before, folders=copied(before.folders, data=tmp_path)))
    rows = [judge(BY_ID[name], facts, {}) for name in LAUNCH]
    assert {row.status for row in rows} == {Status.FAIL}
    assert "no desk runs here" in rows[0].evidence


def sick(live: LiveFacts) -> LiveFacts:
    assert live.status is not None
    unwell = (Unwell("feed", "down", "silent", "nothing for 9 s"),)
    return replace(live, status=replace(live.status, unwell=unwell))


def measured(name: str, value: float) -> Break:
    return lambda live: replace(live, metrics={**live.metrics, name: value})


def headed(name: str, value: str) -> Break:
    return lambda live: replace(live, gateway_headers={**live.gateway_headers, name: value})


def trading(**changes: object) -> Break:
    def broken(live: LiveFacts) -> LiveFacts:
        assert live.status is not None
        stands = replace(live.status.trading, **changes)
        return replace(live, status=replace(live.status, trading=stands))

    return broken


BREAKS: Final[Mapping[str, Break]] = {
    "LAUNCH-1": sick,
    "LAUNCH-2": lambda live: replace(live, metrics_trouble="the exporter at 127.0.0.1:9464: refused"),
    "LAUNCH-3": lambda live: live,
    "LAUNCH-4": lambda live: live,
    "LAUNCH-5": lambda live: replace(live, gateway_ms=900.0),
    "LAUNCH-6": lambda live: replace(live, requests=1_000, errors=2),
    "LAUNCH-7": measured("touchline_resident_memory_bytes", 3e9),
    "LAUNCH-8": measured('touchline_health_value{component="loop_lag"}', 200.0),
    "LAUNCH-9": lambda live: replace(live, gateway_status=200),
    "LAUNCH-10": lambda live: live,
    "LAUNCH-11": lambda live: replace(live, redirect="http://desk.example/"),
    "LAUNCH-12": headed("x-frame-options", "ALLOWALL"),
    "MET-1": lambda live: replace(live, metrics={}, metrics_trouble="nothing answers"),
    "MD-3": measured('touchline_source_to_screen_seconds{quantile="0.99"}', 2.0),
    "NET-6": headed("x-frame-options", ""),
    "RES-1": lambda live: live,
    "PERF-1": lambda live: replace(live, requests=1_000, answer_p99_ms=900.0),
    "PERF-2": measured('touchline_health_value{component="loop_lag"}', 200.0),
    "PERF-3": measured("touchline_journal_unwritten_records", 3.0),
    "PERF-4": measured("touchline_resident_memory_bytes", 3e9),
    "PERF-8": measured("process_open_fds", 1e9),
    "ROLL-1": trading(latch="the file can't be written"),
    "ROLL-7": trading(everything=Scope("everything", TradingState.HALTED, "a rehearsal", 0)),
}
"""Of those that stay as they are, a person or a limit of the system decides: they are not green by themselves."""


def rehearsed(facts: Facts) -> Facts:
    """Return the facts with every step of a rollback taken just now."""
    step = StepFacts(at_ns=facts.now_ns, who="ann", said="well")
    return replace(facts, rollback=replace(facts.rollback, steps=dict.fromkeys(range(1, 12), step)))


def test_what_an_engine_says_of_itself_is_in_the_evidence_and_proves_no_load(
    live: tuple[Facts, Facts],
) -> None:
    facts = replace(live[1], figures={})  # whatever was measured in this checkout
    said = {name: judge(BY_ID[name], facts, {}) for name in ("PERF-1", "PERF-3", "PERF-4", "PERF-8")}
    assert {row.status for row in said.values()} == {Status.WAITS}
    assert re.search(
        r"load was not measured here.*of its newest \d+ answers 99 of 100 took", said["PERF-1"].evidence
    )
    assert "0 records wait for the disk, 0 could not be written" in said["PERF-3"].evidence
    assert "MiB are held" in said["PERF-4"].evidence
    assert re.search(r"\d+ of [\d,]+ files are open, \d+ threads, \d+ tasks", said["PERF-8"].evidence)
    stands = {name: judge(BY_ID[name], rehearsed(live[1]), {}).status for name in ("ROLL-1", "ROLL-7")}
    assert set(stands.values()) == {Status.PASS}


def test_a_program_without_its_checkout_says_how_it_gets_one(live: tuple[Facts, Facts]) -> None:
    alone = replace(live[1], pages={}, alert_rules={}, figures={})
    rows = {name: judge(BY_ID[name], alone, {}) for name in ("DOC-1", "ALERT-1", "PERF-2", "PERF-4")}
    assert rows["DOC-1"].remedy == rows["ALERT-1"].remedy == ASK_CHECKOUT
    assert rows["PERF-2"].remedy.startswith(
        "make bench, in the checkout on this machine, or touchline signoff PERF-2"
    )
    assert rows["PERF-4"].remedy.startswith(
        "make soak, in the checkout on this machine, or touchline signoff PERF-4"
    )


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_goes_red(live: tuple[Facts, Facts], name: str) -> None:
    facts = rehearsed(live[1]) if name.startswith("ROLL-") else live[1]
    assert facts.live is not None
    if name.startswith(("ROLL-", "PERF-")):
        assert judge(BY_ID[name], facts, {}).status is not Status.FAIL
    broken = replace(facts, live=BREAKS[name](facts.live), machine=replace(facts.machine, memory_max=""))
    row = judge(BY_ID[name], broken, {})
    assert row.status not in WELL, row.evidence
    assert row.remedy


def test_what_the_system_holds_an_engine_to_is_told(live: tuple[Facts, Facts]) -> None:
    held = replace(live[1].machine, memory_max="2147483648", cpu_max="200000 100000")
    row = judge(BY_ID["RES-1"], replace(live[1], machine=held), {})
    assert (row.status, row.evidence) == (Status.PASS, "memory 2147483648, processor 200000 100000")


def test_quotes_on_time_and_a_limit_that_is_told_pass(live: tuple[Facts, Facts]) -> None:
    assert live[1].live is not None
    quick = measured('touchline_source_to_screen_seconds{quantile="0.99"}', 0.02)(live[1].live)
    limited = headed("ratelimit-policy", '"data";q=600;w=60')(quick)
    facts = replace(live[1], live=limited)
    assert [judge(BY_ID[name], facts, {}).status for name in ("MD-3", "LAUNCH-10")] == [Status.PASS] * 2


class Stranger(BaseHTTPRequestHandler):
    """Something else where the exporter should be."""

    def do_GET(self) -> None:  # the library's own
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>\nanswer 1.2.3\nother words\n")

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def test_what_is_no_exporter_is_told_so(live: tuple[Facts, Facts]) -> None:
    before, _ = live
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            metrics = MetricsSettings(port=server.server_port)
            facts = asked(replace(before, settings=replace(before.settings, metrics=metrics)))
        finally:
            server.shutdown()
            thread.join()
    row = judge(BY_ID["MET-1"], facts, {})
    assert row.status is Status.FAIL
    assert row.evidence == f"what answers at 127.0.0.1:{metrics.port} is no exporter"
