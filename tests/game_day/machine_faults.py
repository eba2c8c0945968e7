"""Faults of the machine: a disk that is full or slow, a loop that is blocked, a port that is taken, a log in the way."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from engine.bootstrap import simulated_engine
from engine.config import MetricsSettings, Settings
from engine.engine import Engine
from engine.messages.commands import SetTradingState, TradingState
from engine.messages.remedies import Remedy
from engine.pace import Pace
from engine.store.disk import FolderFile
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage


@contextmanager
def _simulated(stage: Stage, metrics: MetricsSettings | None = None) -> Iterator[Engine]:
    settings = Settings(metrics=metrics or MetricsSettings(enabled=False))
    with stage.running(simulated_engine(settings, stage.folders, seed=1, pace=Pace())) as engine:
        stage.is_well("journal")
        yield engine


def full_disk(stage: Stage) -> None:
    """The disk refuses what the journal writes."""
    write_at = FolderFile.write_at

    def full(file: FolderFile, offset: int, data: bytes | bytearray) -> int:
        if any(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_at(file, offset, data)

    with _simulated(stage) as engine, pytest.MonkeyPatch.context() as patch:
        stage.begins()
        patch.setattr(FolderFile, "write_at", full)
        engine.submit(SetTradingState(TradingState.HALTED, "drill"))
        stage.turns_red("journal", "No space left on device")
        stage.fires()
        patch.setattr(FolderFile, "write_at", write_at)
        stage.remedied("make some on that disk. The engine goes on by itself")
        stage.turns_green()


def blocked(stage: Stage) -> None:
    """Something holds the engine's loop for half a second, again and again."""
    with _simulated(stage) as engine:
        stage.is_well("loop_lag")
        stage.begins()
        until_s = time.monotonic() + 30

        def block() -> None:
            time.sleep(0.5)
            if stage.seen.remedy == "" and time.monotonic() < until_s:
                engine._thread.call(block)

        engine._thread.call(block)
        stage.turns_red("loop_lag", "p99")
        stage.fires()
        stage.remedied("End what else takes the processor")
        stage.turns_green()


def taken_port(stage: Stage) -> None:
    """Another program has the exporter's port when the engine starts."""
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    with closing(taken), _simulated(stage, MetricsSettings(port=port)):
        stage.begins()
        stage.turns_red("exporter", f"metrics at 127.0.0.1:{port}: ")
        stage.fires()
        taken.close()
        stage.remedy("exporter", Remedy.RECONNECT)
        stage.turns_green(says=f"127.0.0.1:{port}")


def no_log(stage: Stage) -> None:
    """There is a file where the folder of the logs has to be."""
    stage.folders.logs.parent.mkdir(parents=True, exist_ok=True)
    stage.folders.logs.write_text("in the way", encoding="utf-8")
    with _simulated(stage):
        stage.begins()
        stage.turns_red("log", "File exists")
        stage.fires()
        stage.folders.logs.unlink()
        stage.remedied("give the logs folder back to the desk's user")
        stage.turns_green()


FAULTS = (
    Fault(
        name="disk-full",
        what="The disk takes nothing more",
        play=full_disk,
        runbook="journal",
        alert="journal",
        sampled=True,
    ),
    Fault(
        name="loop-blocked",
        what="Something blocks the engine's loop",
        play=blocked,
        runbook="loop_lag",
        alert="latency",
    ),
    Fault(
        name="port-taken",
        what="Another program has the exporter's port",
        play=taken_port,
        runbook="exporter",
        alert="exporter",
    ),
    Fault(
        name="log-blocked",
        what="The log can't be written",
        play=no_log,
        runbook="log",
        alert="log",
    ),
)
