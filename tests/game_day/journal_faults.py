"""Faults of the journal's files: a disk that is slow to sync."""

from __future__ import annotations

import time
from itertools import cycle
from typing import Final

import pytest

from engine.bootstrap import simulated_engine
from engine.config import MetricsSettings, Settings
from engine.messages.commands import SetTradingState, TradingState
from engine.pace import Pace
from engine.store.disk import FolderFile
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.game_day.venue_faults import again_and_again

SLOW_S: Final = 0.5


def slow(stage: Stage) -> None:
    """The disk takes half a second for every sync, while records come all the time."""
    settings = Settings(metrics=MetricsSettings(enabled=False))
    states = cycle((TradingState.HALTED, TradingState.ACTIVE))
    sync = FolderFile.sync

    def slowly(file: FolderFile) -> None:
        time.sleep(SLOW_S)
        sync(file)

    with stage.running(simulated_engine(settings, stage.folders, seed=1, pace=Pace())) as engine:
        stage.is_well("journal")
        busy = again_and_again(lambda: engine.submit(SetTradingState(next(states), "drill")))
        with busy, pytest.MonkeyPatch.context() as patch:
            stage.is_well("journal", "sync ≤")
            stage.begins()
            patch.setattr(FolderFile, "sync", slowly)
            stage.turns_red("journal", "the disk is slow")
            stage.fires()
            patch.undo()
            stage.remedied("Slow: end what else writes to that disk")
            stage.turns_green()


FAULTS = (
    Fault(
        name="disk-slow",
        what="The disk takes half a second for every sync",
        play=slow,
        runbook="journal",
        alert="journal",
    ),
)
