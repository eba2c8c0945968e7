"""Faults in an engine that runs: the right row turns red, one alert tells of it, and it is green after its remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.alerts.built_in import BUILT_IN
from tests.game_day import page, runbook
from tests.game_day.fault import Fault
from tests.game_day.faults import FAULTS
from tests.game_day.stage import Seen, Stage
from tests.redis_server import needs_redis


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=fault.name, marks=[needs_redis] if fault.is_shared else [])
        for fault in FAULTS
        if fault.sampled
    ],
)
def test_a_fault_is_red_told_once_and_green_after_its_remedy(fault: Fault, tmp_path: Path) -> None:
    stage = Stage(tmp_path, fault)
    fault.play(stage)
    assert stage.seen.row
    assert stage.seen.said
    assert stage.seen.remedy


def test_the_page_has_every_fault_and_its_runbook() -> None:
    told = page.faults_on(page.PAGE.read_text(encoding="utf-8"))
    assert told == [(fault.what, fault.runbook) for fault in FAULTS]
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_has_a_runbook_that_says_what_to_do_and_an_alert_or_a_reason(fault: Fault) -> None:
    assert runbook.done_about(fault.runbook)
    assert bool(fault.alert) is not bool(fault.quiet)
    causes = [cause_pattern(rule.cause, rule.where) for rule in BUILT_IN.values()]
    for cause in filter(None, (fault.alert, *fault.also)):
        assert any(re.fullmatch(pattern, cause) for pattern in causes), cause


def cause_pattern(cause: str, where: Mapping[str, str]) -> str:
    """Return what the causes of a rule look like, with what its labels may be."""
    return re.sub(r"\{(\w+)\}", lambda label: f"({where.get(label[1], '.+')})", cause)


@pytest.mark.parametrize(
    ("seen_s", "alert_s", "late", "told"),
    [
        (4.9, 5.0, "", ""),
        (5.1, 4.0, "", "its row 5.1 s"),
        (1.0, 6.0, "", "its alert 6.0 s"),
        (9.0, 9.0, "it is asked seldom", ""),
    ],
    ids=["in-time", "late-row", "late-alert", "late-for-a-reason"],
)
def test_what_takes_more_than_five_seconds_fails_the_day(
    seen_s: float, alert_s: float, late: str, told: str
) -> None:
    fault = replace(FAULTS[0], late=late)
    assert page.breaches(fault, Seen(seen_s=seen_s, alert_s=alert_s)) == told


def test_a_remedy_that_the_runbook_does_not_say_is_none(tmp_path: Path) -> None:
    stage = Stage(tmp_path, FAULTS[0])
    with pytest.raises(AssertionError, match="does not say to: hope"):
        stage.remedied("hope")


def test_a_run_puts_its_table_in_place_of_the_one_before() -> None:
    fault = FAULTS[0]
    seen = Seen("venue", "failing · /tmp/day/x: full", 1.2, "venue kraken", 2.0, "`probe` on its row", 0.1)
    text = f"before\n{page.BEGIN}old\n{page.END}after\n"
    made = page.put(text, page.table({fault: seen}))
    assert made == page.put(made, page.table({fault: seen}))
    assert page.faults_on(made) == [(fault.what, fault.runbook)]
    assert "| failing · …: full | 2 s | venue kraken, 2 s | `probe` on its row | 1 s |  |" in made
    assert (made[:7], made[-6:]) == ("before\n", "after\n")
