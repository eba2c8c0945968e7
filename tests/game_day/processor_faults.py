"""Faults of the process itself: it computes without pause, or its collector holds everything up."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from threading import Event, Thread
from typing import Final

from engine.bootstrap import simulated_engine
from engine.config import MetricsSettings, Settings
from engine.pace import Pace
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage

THREADS: Final = 4
PIECE: Final = bytes(1 << 20)
"""Large enough that the interpreter is let go of while it is hashed: the engine shares the processor alone."""
OBJECTS: Final = 4_000_000


@contextmanager
def _simulated(stage: Stage, row: str) -> Iterator[None]:
    settings = Settings(metrics=MetricsSettings(enabled=False))
    with stage.running(simulated_engine(settings, stage.folders, seed=1, pace=Pace())):
        stage.is_well(row)
        yield


def busy(stage: Stage) -> None:
    """Threads compute without pause, as many as take all that there is."""
    over = Event()
    with _simulated(stage, "cpu"), ExitStack() as stack:
        stage.begins()
        for _ in range(THREADS):
            thread = Thread(target=_compute, args=(over.is_set,), daemon=True)
            thread.start()
            stack.callback(thread.join)
        stack.callback(over.set)
        stage.turns_red("cpu", "of one processor, over 10 s")
        stage.fires()
        over.set()
        stage.remedied("Follow fewer symbols: `D` on the desk")
        stage.turns_green()


def _compute(is_over: Callable[[], bool]) -> None:
    while not is_over():
        sha256(PIECE).digest()


def paused(stage: Stage) -> None:
    """The collector walks four million objects at once."""
    with _simulated(stage, "gc"):
        held: list[list[int]] = [[] for _ in range(OBJECTS)]
        stage.begins()
        gc.collect()
        stage.turns_red("gc", "the longest pause of the last minute")
        stage.fires()
        held.clear()
        stage.remedied("Once: nothing.")
        stage.turns_green()


FAULTS = (
    Fault(
        name="processor-busy",
        what="The process computes without pause",
        play=busy,
        runbook="cpu",
        quiet="what is late for it is told as latency",
        yellow="everything goes on, later",
        late="a burst is no trouble: it is measured over 10 s",
    ),
    Fault(
        name="collector-pauses",
        what="The garbage collector holds everything up",
        play=paused,
        runbook="gc",
        quiet="what is late for it is told as latency",
        yellow="nothing is lost, it was late",
    ),
)
