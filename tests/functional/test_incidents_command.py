"""What was not well, asked from a shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, SystemClock
from engine.folders import standard_folders
from engine.messages.health_views import HealthState
from engine.observe.health import Reading
from engine.observe.timeline import Timeline
from terminal.__main__ import BAD_INPUT, main
from terminal.shell.incident_commands import since

NOW_NS = 1_764_244_800 * NS_PER_S
"""2025-11-27, 12:00 UTC."""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    return standard_folders().data


def happened(data: Path, account: str = "sim") -> None:
    """Let a component be down for two minutes an hour ago, and another since a minute ago."""
    now_ns, at = SystemClock().now_ns(), [0]
    at[0] = now_ns - 3_600 * NS_PER_S
    line = Timeline()
    line.begin(account, lambda: at[0], data)
    line.recall(())
    line.note("feed", "feed", HealthState.OK, Reading(HealthState.DOWN, "silent", "nothing for 10 s"))
    at[0] += 120 * NS_PER_S
    line.note("feed", "feed", HealthState.DOWN, Reading(HealthState.OK, "9 q/s"))
    at[0] = now_ns - 60 * NS_PER_S
    line.note("gc", "gc", HealthState.OK, Reading(HealthState.DEGRADED, "≤ 100 ms"))
    line.look()


def test_they_are_printed_newest_first_chosen_by_time_component_and_account(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: str) -> list[str]:
        assert main(["incidents", *arguments]) == 0
        return capsys.readouterr().out.splitlines()

    assert said() == ["Nothing was wrong, as far as is kept."]
    happened(data)
    collector, feed = said()
    assert collector.split()[1:6] == ["goes", "on", "sim", "degraded", "gc"]
    assert feed.split()[1:5] == ["2m", "sim", "down", "feed"]
    assert feed.endswith("silent · nothing for 10 s")
    assert said("--component", "feed") == [feed]
    assert said("--since", "30m") == [collector]
    assert said("--mode", "paper") == ["Nothing was wrong, as far as is kept."]
    happened(data, "paper")
    assert len(said()) == 4
    assert len(said("--mode", "paper")) == 2
    (first, *_) = told = json.loads("\n".join(said("--json", "--mode", "sim")))
    assert [row["component"] for row in told] == ["gc", "feed"]
    assert (first["ended"], first["worst"], first["said"]) == (None, "degraded", "≤ 100 ms")


def test_a_time_that_means_none_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not data.exists()
    assert main(["incidents", "--since", "yesterday\x1b[2J"]) == BAD_INPUT
    told = capsys.readouterr().err
    assert "expected 30m, 12h, 7d or a time such as 2026-11-24T14:30" in told
    assert "\x1b" not in told


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", -90), ("30m", -1_800), ("12h", -43_200), ("7d", -604_800)],
)
def test_so_long_ago_is_counted_back(text: str, seconds: int) -> None:
    assert since(text, NOW_NS) == NOW_NS + seconds * NS_PER_S


@pytest.mark.parametrize("text", ["2025-11-27T12:00", "2025-11-27T12:00:00Z", "2025-11-27T13:00+01:00"])
def test_a_time_is_utc_unless_it_says_otherwise(text: str) -> None:
    assert since(text, 0) == NOW_NS
