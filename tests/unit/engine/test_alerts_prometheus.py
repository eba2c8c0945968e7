"""A rule becomes an alert of Prometheus that means the same, whatever a file of rules says."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.alerts.prometheus import alert_name, expression, rules_file
from engine.alerts.rule import Rule, Unit
from engine.messages.events import Severity
from terminal.__main__ import main
from tests.prometheus_server import needs_prometheus

UNITS: Sequence[Unit] = ("", "percent", "seconds", "bytes")
labels = st.sampled_from(("venue", "kind", "source"))
wheres = st.dictionaries(labels, st.text(max_size=12), max_size=2)
numbers = st.floats(allow_nan=False, allow_infinity=False)
rules = st.builds(
    Rule,
    metric=st.just("touchline_equity"),
    where=wheres,
    above=numbers,
    for_s=st.floats(0, 86_400),
    clear_for_s=st.integers(0, 86_400).map(float),
    grows_over_s=st.integers(0, 600).map(float),
    of=st.sampled_from(("", "touchline_gross_exposure")),
    by=st.none() | st.lists(labels, max_size=2, unique=True).map(tuple),
    severity=st.sampled_from(Severity),
    text=st.text(max_size=40) | st.just("{venue} is {{at}} {value} {{ .Bad"),
    unit=st.sampled_from(UNITS),
)


def of(**said: object) -> str:
    return expression(Rule(metric="m", **said))  # type: ignore[arg-type]  # each setting is a line of the table


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (of(above=5), "m > 5"),
        (of(below=-0.5), "m < -0.5"),
        (of(equals=2, where={"a": "x", "b": "y|z.1"}), r'm{a="x", b=~"y|z\\.1"} == 2'),
        (of(above=0, by=()), "sum by (job, instance) (m) > 0"),
        (of(above=0, grows_over_s=60), "m - min_over_time((m)[60s:5s]) > 0"),
        (
            of(above=1, of="n"),
            "(m) / on (job, instance) group_left () ((sum by (job, instance) (n)) != 0) > 1",
        ),
    ],
    ids=["above", "below", "where", "added-up", "growth", "share"],
)
def test_each_setting_has_its_place_in_the_expression(made: str, expected: str) -> None:
    assert made == expected


def test_a_rule_that_is_off_is_no_alert_and_names_follow_the_rules() -> None:
    off = Rule(metric="m", above=1, enabled=False)
    assert "alert:" not in rules_file({"mine": off})
    assert [alert_name(name) for name in ("feed_stale", "my own-rule")] == [
        "TouchlineFeedStale",
        "TouchlineMyOwnRule",
    ]


@needs_prometheus
@settings(max_examples=8, phases=(Phase.generate,), suppress_health_check=(HealthCheck.too_slow,))
@given(made=st.lists(rules, min_size=8, max_size=8))
def test_prometheus_reads_every_rule_that_a_file_can_have(
    tmp_path_factory: pytest.TempPathFactory, made: list[Rule]
) -> None:
    path = tmp_path_factory.mktemp("rules") / "desk.rules.yml"
    path.write_text(rules_file({f"rule_{n}": rule for n, rule in enumerate(made)}), encoding="utf-8")
    done = subprocess.run(
        [shutil.which("promtool") or "promtool", "check", "rules", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "8 rules found" in done.stdout, done.stderr


def test_the_command_prints_a_file_s_rules_and_says_what_is_wrong_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "alerts.toml"
    file.write_text("[rule.feed_stale]\nabove = 9\n[rule.disk]\nenabled = false\n", encoding="utf-8")
    assert main(["alerts", "prometheus", str(file)]) == 0
    told = capsys.readouterr().out
    assert "touchline_feed_age_seconds > 9" in told
    assert "TouchlineDisk\n" not in told
    file.write_text("[rule.feed_stale]\nabove = 9\nbelow = 1\n", encoding="utf-8")
    assert main(["alerts", "prometheus", str(file)]) == 1
    assert "expected one of above, below and equals, found 2" in capsys.readouterr().err
