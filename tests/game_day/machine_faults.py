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
from tests.game_day.stage import Fault, Stage


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
        stage.fires("journal")
        patch.setattr(FolderFile, "write_at", write_at)
        stage.remedied("No room: make some on that disk.")
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
        stage.turns_red("loop_lag", "ms p99")
        stage.fires("latency")
        stage.remedied("End what else takes the processor")
        stage.turns_green()


def taken_port(stage: Stage) -> None:
    """Another program has the exporter's port when the engine starts."""
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    with closing(taken), _simulated(stage, MetricsSettings(port=port)):
        stage.begins()
        stage.turns_red("exporter", f"metrics at 127.0.0.1:{port}: ")
        stage.fires("exporter")
        taken.close()
        stage.remedy("exporter", Remedy.RECONNECT)
        stage.turns_green(says=f"127.0.0.1:{port}")


def no_log(stage: Stage) -> None:
    """There is a file where the folder of the logs has to be."""
    stage.folders.logs.parent.mkdir(parents=True, exist_ok=True)
    stage.folders.logs.write_text("in the way", encoding="utf-8")
    with _simulated(stage):
        stage.begins()
        stage.turns_red("log", "not written")
        stage.fires("log")
        stage.folders.logs.unlink()
        stage.remedied("give the logs folder back to the desk's user")
        stage.turns_green()


FAULTS = (
    Fault("disk-full", "The disk takes nothing more", full_disk, "journal"),
    Fault("loop-blocked", "Something blocks the engine's loop", blocked, "loop_lag", sampled=False),
    Fault("port-taken", "Another program has the exporter's port", taken_port, "exporter", sampled=False),
    Fault(
        "log-blocked",
        "The log can't be written",
        no_log,
        "log",
        later="it is in the way at the start, and the log is opened a moment after that",
        sampled=False,
    ),
)
