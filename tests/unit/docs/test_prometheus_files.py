"""The rules, the alerts and the dashboard that come with the program name what is served, and do what their page says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.alerts.built_in import BUILT_IN
from engine.alerts.prometheus import alert_name, rules_file
from engine.readings.samples import METRICS
from tests.documented import ROOT, blocks, code, page, rows, section
from tests.prometheus_server import RULES, needs_prometheus

DASHBOARD = ROOT / "docs" / "grafana" / "touchline.json"
ALERTS = (RULES / "alerts.rules.yml").read_text(encoding="utf-8")
DESK = (RULES / "desk.rules.yml").read_text(encoding="utf-8")
RECORDING = (RULES / "recording.rules.yml").read_text(encoding="utf-8")
CASES = (RULES / "tests.yml").read_text(encoding="utf-8")
DESK_CASES = (RULES / "desk.tests.yml").read_text(encoding="utf-8")
NAME = re.compile(r"\b(?:instance:)?(?:touchline|process)_\w+(?::\w+)?\b")
ALERT = re.compile(r"- alert: (\w+)\n(?:.*\n)*?\s+severity: (\w+)")


def served() -> set[str]:
    """Return every name that can be asked for: what the exporter serves, and what the rules make of it."""
    return {metric.name for metric in METRICS} | set(re.findall(r"record: (\S+)", RECORDING))


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return found


def queries() -> Iterator[tuple[str, str]]:
    """Yield each query of the dashboard with its panel's title, its variables filled in."""
    for panel in panels():
        for target in panel.get("targets", ()):
            yield panel["title"], filled(target["expr"])
    for note in json.loads(DASHBOARD.read_text(encoding="utf-8"))["annotations"]["list"]:
        yield note["name"], filled(note["expr"])


def filled(expression: str) -> str:
    return expression.replace("$__rate_interval", "5m").replace("$instance", ".*")


def said(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "text",
    [RECORDING, ALERTS, DESK, CASES, DESK_CASES],
    ids=["recording", "alerts", "desk", "tests", "desk-tests"],
)
def test_every_name_in_the_rules_is_served(text: str) -> None:
    assert NAME.findall(text)
    assert set(NAME.findall(text)) <= served()


def test_every_name_on_the_dashboard_is_served() -> None:
    named = {name for _, query in queries() for name in NAME.findall(query)}
    assert named <= served()
    assert len(named) > 40


def test_every_metric_is_on_the_dashboard_or_named_as_left_out_and_why() -> None:
    shown = {name for _, query in queries() for name in NAME.findall(query)}
    recorded = dict(re.findall(r"record: (\S+)\n\s+expr: ((?:.|\n)+?)(?=\n\s*- |\n\n|$)", RECORDING))
    shown |= {name for record in shown & recorded.keys() for name in NAME.findall(recorded[record])}
    told = rows(section(page("docs/monitoring.md"), "## Not on the dashboard"))
    left_out = [code(row[0]) for row in told]
    assert all(row[1].endswith(".") for row in told)
    measured = {measure(name) for name in shown}
    assert sorted(m.name for m in METRICS if measure(m.name) not in measured) == sorted(left_out)


def measure(name: str) -> str:
    """Return what a metric measures: a latency is served as quantiles and as a histogram, each with a sum and a count."""
    return re.sub(r"(?:_duration)?_seconds(?:_bucket|_sum|_count)?$", "_seconds", name)


@needs_prometheus
def test_every_query_of_the_dashboard_can_be_read(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": query} for number, (_, query) in enumerate(queries())]
    path = tmp_path / "panels.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    assert f"{len(rules)} rules found" in said("promtool", "check", "rules", str(path))


def test_the_dashboard_begins_with_what_is_on_call_and_no_panel_lies_on_another() -> None:
    titles = [panel["title"] for panel in panels() if panel["type"] == "row"]
    assert titles == [
        "On call",
        "Orders",
        "Money",
        "Market data",
        "Latency",
        "Journal",
        "Machine",
        "Gateway",
        "Desk",
        "Other desks",
        "Models",
    ]
    cells: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        mine = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not mine & cells, panel["title"]
        assert max(x for x, _ in mine) < 24
        cells |= mine
    assert len({panel["id"] for panel in panels()}) == len(panels())


@pytest.mark.parametrize(("rules", "cases"), [(ALERTS, CASES), (DESK, DESK_CASES)], ids=["alerts", "desk"])
def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent(
    rules: str, cases: str
) -> None:
    alerts = [name for name, _ in ALERT.findall(rules)]
    found = re.findall(r"alertname: (\w+)\n\s+exp_alerts:(?: (\[\]))?", cases)
    assert sorted(found) == sorted((name, empty) for name in alerts for empty in ("", "[]"))


def test_the_page_tells_every_alert_and_why_the_desk_has_no_rule_for_some() -> None:
    alone = rows(section(page("docs/monitoring.md"), "### Of Prometheus alone"))
    assert [(code(row[0]), row[1]) for row in alone] == ALERT.findall(ALERTS)
    assert all(len(row) == 4 and row[3].endswith(".") for row in alone)
    assert not {name for name, _ in ALERT.findall(ALERTS)} & {name for name, _ in ALERT.findall(DESK)}


def test_every_built_in_rule_has_an_alert_of_its_name_bound_wait_and_severity() -> None:
    made = rules_file(BUILT_IN)
    assert made == DESK, (
        "touchline alerts prometheus docs/alerts.example.toml > docs/prometheus/desk.rules.yml makes it anew"
    )
    told = rows(section(page("docs/monitoring.md"), "### Of the desk's rules"))[: len(BUILT_IN)]
    paired = [(code(alert), code(rule), severity) for alert, rule, severity in told]
    assert paired == [(alert_name(name), name, rule.severity.value) for name, rule in BUILT_IN.items()]
    assert [(alert, severity) for alert, _, severity in paired] == ALERT.findall(DESK)


@needs_prometheus
@pytest.mark.parametrize(
    "line", [line for block in blocks(page("docs/monitoring.md"), "sh") for line in block.splitlines()]
)
def test_the_page_s_commands_find_nothing_wrong(line: str) -> None:
    told = said(*line.split())
    assert "SUCCESS" in told
    assert "FAIL" not in told


def test_counters_say_that_they_are_and_units_are_base_units() -> None:
    assert {metric.name.endswith("_total") for metric in METRICS if metric.kind == "counter"} == {True}
    assert not [m.name for m in METRICS if m.name.endswith("_total") and m.kind != "counter"]
    odd = re.compile(r"_(?:ms|us|ns|millis|micros|minutes|hours|days|percent|kb|mb|kilobytes)(?:_|$)")
    assert not [metric.name for metric in METRICS if odd.search(metric.name)]
    assert not [metric.name for metric in METRICS if not metric.help.endswith(".")]
