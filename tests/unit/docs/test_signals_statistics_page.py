"""What the page on scores and drift promises is what its days are held against."""

from __future__ import annotations

import re

from engine.signals.statistics.drift_watch import WINDOW_ROWS
from tests.documented import ROOT
from tests.drift.__main__ import FALSE_ALARMS_MAX
from tests.drift.days import BARS, SCENARIOS

PAGE = (ROOT / "docs" / "signals-statistics.md").read_text(encoding="utf-8")


def test_the_page_promises_what_the_days_are_held_against() -> None:
    promised = re.findall(r"\| (alarm|quarantine) within (\d+) ", PAGE)
    assert promised == [(row.level.name.lower(), str(row.bars_max)) for row in SCENARIOS.values()]


def test_the_page_says_how_many_quiet_days_may_alarm() -> None:
    assert set(FALSE_ALARMS_MAX.values()) == {0.02}
    assert f"more than 2% of quiet days of {BARS:,} bars" in PAGE
    assert f"PSI of {WINDOW_ROWS} rows" in PAGE
