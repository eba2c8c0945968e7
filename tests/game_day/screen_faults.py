"""Faults of the desk's own screen: it hangs, and the engine goes on."""

from __future__ import annotations

import asyncio
from typing import Final

from textual.pilot import Pilot

from engine.bootstrap import simulated_engine
from engine.config import MetricsSettings, Settings
from engine.control.client import ask
from engine.control.requests import TellStatus
from engine.pace import Pace
from terminal.app import DeskApp
from tests.driving import drive
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage

ANSWER_S: Final = 5.0


def hung(stage: Stage) -> None:
    """Something holds the screen's loop, and every key and frame waits for it."""
    settings = Settings(metrics=MetricsSettings(enabled=False))
    engine = simulated_engine(settings, stage.folders, seed=1, pace=Pace())
    app = DeskApp(engine, settings.desk, stage.folders)

    async def script(_: Pilot[None]) -> None:
        stage.watch(engine)
        await asyncio.to_thread(stage.is_well, "conflation", "frames/s")
        _hold(stage)
        await asyncio.to_thread(stage.turns_green, says="frames/s")

    drive(app, script, size=(160, 48))


def _hold(stage: Stage) -> None:
    """Keep the loop that this runs on, until the fault is seen: the engine takes quotes and answers another shell."""
    stage.begins()
    stage.turns_red("conflation", "the screen asks for none")
    stage.fires()
    stage.is_well("feed", "q/s")
    assert ask(stage.folders.data, TellStatus(), ANSWER_S).status is not None
    stage.remedied("Look whether the terminal takes output: a pager, a stopped window, a slow line")


FAULTS = (
    Fault(
        name="screen-hung",
        what="The desk's screen hangs",
        play=hung,
        runbook="conflation",
        quiet="who sits there sees it stand, and nobody else needs it",
        yellow="the engine takes every quote, and another shell reaches it",
    ),
)
