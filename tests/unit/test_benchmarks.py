from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks.row import Row, limited, table

KEYS = {"name", "value", "unit", "against", "ratio", "goal", "met"}


def row(ratio: float | None, goal: str) -> Row:
    return Row(name="a path", value=1.0, unit="us", against="a peer", ratio=ratio, goal=goal)


@pytest.mark.parametrize(
    ("ratio", "goal", "met"),
    [
        (1.0, "<= 1", True),
        (1.01, "<= 1", False),
        (0.5, ">= 0.5", True),
        (0.49, ">= 0.5", False),
        (None, "<= 1", None),
    ],
)
def test_a_ratio_meets_its_goal_or_not_and_without_a_peer_neither(
    ratio: float | None, goal: str, *, met: bool | None
) -> None:
    assert row(ratio, goal).met is met


def test_a_figure_at_twice_its_limit_has_a_ratio_of_two_and_misses() -> None:
    doubled = limited("a path", 20.0, "us", 10.0)
    assert (doubled.ratio, doubled.met, doubled.against) == (2.0, False, "limit 10 us")


def test_the_table_puts_every_verdict_under_one_another() -> None:
    lines = table([row(0.5, "<= 1"), row(12.5, "<= 1"), row(None, "<= 1")]).splitlines()
    places = [line.index(word) for line, word in zip(lines[1:], ("met", "MISSED", "not"), strict=True)]
    assert len(set(places)) == 1


@pytest.mark.parametrize(
    "group",
    [
        "route",
        "market",
        "reopen",
        "venue_feeds",
        "venue_orders",
        "rates",
        "gateway",
        "metrics",
        "signals",
        "serving",
        "predict",
    ],
)
def test_a_quick_run_of_a_group_writes_the_documented_keys(
    group: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "build" / "bench.json"
    assert benchmarks.main(["--quick", "--only", group, "--json", str(path)]) == 0
    is_documented(path, capsys.readouterr().out)


def is_documented(path: Path, printed: str) -> None:
    """Check that a run wrote what it printed, with the keys that are promised."""
    assert re.search(r"this machine's Python adds in [1-9]\d* ns", printed)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written
    assert all(set(each) == KEYS for each in written)
    assert all(each["value"] > 0 for each in written)
    assert all(each["name"] in printed for each in written)


def test_every_group_can_be_measured() -> None:
    for group in benchmarks.GROUPS:
        assert (Path(benchmarks.__file__).parent / f"bench_{group}.py").is_file()


def test_without_the_peers_a_row_says_that_it_was_not_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bench.json"
    benchmarks.main(["--quick", "--only", "gate", "--json", str(path)])
    is_documented(path, capsys.readouterr().out)
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert len(rows) == 2
    assert all(each["ratio"] is None and each["met"] is None for each in rows)


def test_a_peer_that_fails_costs_its_group_alone_and_the_run_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bench.json"
    asked = ["--quick", "--only", "gate", "--only", "market", "--peers", "/bin/false", "--json", str(path)]
    assert benchmarks.main(asked) == 1
    told = capsys.readouterr()
    assert re.search(r"^gate is left out: \S+\.py ended with 1", told.err, re.MULTILINE)
    assert "market, quote" in told.out
    assert "risk gate" not in told.out
