"""Faults in an engine that runs: the right row turns red, one alert tells of it, and it is green after its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documented import ROOT
from tests.game_day import page
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
    for fault in FAULTS:
        assert (ROOT / "docs" / "runbooks" / f"{fault.runbook}.md").is_file()


def test_a_run_puts_its_table_in_place_of_the_one_before() -> None:
    fault = FAULTS[0]
    seen = Seen("venue", "failing · /tmp/day/x: full", 1.2, "venue kraken", 2.0, "`probe` on its row", 0.1)
    text = f"before\n{page.BEGIN}old\n{page.END}after\n"
    made = page.put(text, page.table({fault: seen}))
    assert made == page.put(made, page.table({fault: seen}))
    assert page.faults_on(made) == [(fault.what, fault.runbook)]
    assert "| failing · …: full | 2 s | venue kraken, 2 s | `probe` on its row | 1 s |  |" in made
    assert (made[:7], made[-6:]) == ("before\n", "after\n")
