"""Faults of what the program takes of its machine: files that may not be opened, memory."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from engine.bootstrap import simulated_engine
from engine.config import MetricsSettings, Settings
from engine.observe.process import open_descriptors
from engine.pace import Pace
from engine.readings import machine_rows
from engine.readings.machine_rows import MEMORY_BAD
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage

SPARE, OPENED = 2, 200
"""Descriptors that are left, and those that the fault takes: few come and go beside them."""


@contextmanager
def _simulated(stage: Stage, row: str) -> Iterator[None]:
    settings = Settings(metrics=MetricsSettings(enabled=False))
    with stage.running(simulated_engine(settings, stage.folders, seed=1, pace=Pace())):
        stage.is_well(row)
        stage.is_well("log")
        yield


def out_of_files(stage: Stage) -> None:
    """Nearly as many files are open as may be."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with _simulated(stage, "files"), ExitStack() as opened:
        stage.begins()
        for _ in range(OPENED):
            opened.enter_context(Path(os.devnull).open("rb"))
        count = open_descriptors()
        assert count is not None
        resource.setrlimit(resource.RLIMIT_NOFILE, (count + SPARE, before[1]))
        try:
            stage.turns_red("files", "start again with a higher limit")
            stage.fires()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        stage.remedied("start again with a higher limit")
        stage.turns_green()


def out_of_memory(stage: Stage) -> None:
    """The program holds more than two gigabytes."""
    with _simulated(stage, "memory"), pytest.MonkeyPatch.context() as patch:
        stage.begins()
        patch.setattr(machine_rows, "resident_bytes", lambda: MEMORY_BAD * 3 // 2)
        stage.turns_red("memory", "more than 2,048 MB")
        stage.fires()
        patch.undo()
        stage.remedied("leave with `^Q` and start again at a quiet time")
        stage.turns_green()


FAULTS = (
    Fault(
        name="files-used-up",
        what="Nearly all files that may be open are",
        play=out_of_files,
        runbook="files",
        alert="files",
        also=("projection",),
    ),
    Fault(
        name="memory-grows",
        what="The program holds 3 GB",
        play=out_of_memory,
        runbook="memory",
        alert="memory",
        yellow="all goes on until the system ends the program",
    ),
)
