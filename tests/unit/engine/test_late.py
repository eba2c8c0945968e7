from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from engine.bootstrap import simulated_engine
from engine.config import Settings
from engine.engine import Engine
from engine.errors import ConfigError, EngineError, JournalError
from engine.face import EngineFace
from engine.folders import Folders
from engine.ids import OrderIds
from engine.late import WAITING_MAX, LateEngine
from engine.messages.commands import CancelAll, Pause, Resume
from engine.messages.events import Severity
from engine.messages.market_questions import MarketAnswer, MarketQuestion
from engine.messages.rows import ReadMetrics, RowReading
from engine.messages.views import Frame, HealthState, ViewRequest
from engine.model.account import AccountMode
from engine.pace import Pace
from tests.engine_rooms import ABC, XYZ, composed
from tests.frozen_desk import StillEngine
from tests.waiting import wait_until


def late(compose: Callable[[], EngineFace]) -> LateEngine:
    """Return an engine that is composed by `compose` when it is started."""
    return LateEngine(compose, mode=AccountMode.SIMULATED, account_name="PAPER-1", ids=OrderIds(0))


def test_what_is_asked_before_the_engine_is_there_is_done_in_order() -> None:
    real, there = StillEngine(), threading.Event()

    def compose() -> EngineFace:
        there.wait(10)
        return real

    engine = late(compose)
    engine.start()
    for command in (Pause(), Resume(), CancelAll()):
        engine.submit(command)
    assert not real.told
    there.set()
    wait_until(lambda: len(real.told) == 3)
    assert real.told == [Pause(), Resume(), CancelAll()]
    engine.stop()
    assert not real.runs


def test_what_runs_beside_begins_once_the_engine_runs_and_its_failure_is_told() -> None:
    real, ran, failures = StillEngine(), list[bool](), list[EngineError]()

    def beside(engine: EngineFace) -> None:
        assert engine is real
        ran.append(real.runs)
        raise ConfigError("gateway.listen: in use")

    engine = LateEngine(
        lambda: real, mode=AccountMode.SIMULATED, account_name="PAPER-1", ids=OrderIds(0), beside=beside
    )
    engine.start(failures.append)
    wait_until(lambda: bool(failures))
    assert (ran, str(failures[0])) == ([True], "gateway.listen: in use")
    engine.stop()
    assert not real.runs


def test_afterwards_everything_is_passed_straight_on() -> None:
    real = StillEngine()
    engine = late(lambda: real)
    engine.start()
    wait_until(lambda: real.runs)
    engine.submit(Pause())
    frames: list[Frame] = []
    engine.drain(ViewRequest(), frames.append)
    engine.note_paint(1)
    engine.note_shown(1)
    wait_until(lambda: bool(frames))
    assert real.told == [Pause()]
    engine.stop()


def test_one_who_follows_before_the_engine_is_there_is_told_once_it_is(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        engine, frames, answers = late(lambda: Engine(rooms)), list[Frame](), list[MarketAnswer]()
        follower = engine.follow()
        follower.drain(ViewRequest(everything=True), frames.append)
        follower.ask((MarketQuestion(ABC, depth_levels=3),), answers.extend)
        assert not frames
        engine.start()
        try:
            wait_until(lambda: bool(answers))
            assert {quote.symbol for quote in frames[0].quotes} == {ABC, XYZ}
            assert answers[0].depth is not None
            follower.drain(ViewRequest(), frames.append)
            wait_until(lambda: len(frames) == 2)
            assert frames[1].quotes == (), "it is the same follower"
            follower.close()
        finally:
            engine.stop()


def test_an_engine_that_cannot_begin_says_why_and_stops_at_once() -> None:
    def compose() -> EngineFace:
        raise ConfigError("limits.toml: expected a number")

    engine, errors = late(compose), list[EngineError]()
    engine.start(errors.append)
    wait_until(lambda: bool(errors))
    assert str(errors[0]) == "limits.toml: expected a number"
    engine.stop()


def test_calls_that_find_no_room_to_wait_are_counted() -> None:
    engine = late(StillEngine)
    for _ in range(WAITING_MAX + 2):
        engine.submit(Pause())
    assert engine.calls_dropped == 2
    engine.stop()


def test_a_fault_while_it_is_composed_is_told_in_a_sentence() -> None:
    def compose() -> EngineFace:
        raise ZeroDivisionError("by zero")

    engine, errors = late(compose), list[EngineError]()
    engine.start(errors.append)
    wait_until(lambda: bool(errors))
    assert str(errors[0]) == "the engine could not begin: ZeroDivisionError: by zero"
    engine.stop()


def test_a_data_folder_that_can_not_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be", encoding="utf-8")
    folders = Folders(tmp_path / "config", tmp_path / "data", tmp_path / "cache", tmp_path / "logs")
    with pytest.raises(JournalError, match="the journal needs this folder"):
        simulated_engine(Settings(), folders, seed=1, pace=Pace())


def test_an_end_that_is_asked_for_before_the_engine_is_there_comes_to_it() -> None:
    there = threading.Event()

    class Ended(StillEngine):
        """Remembers why it was to end."""

        reason = ""

        def end(self, reason: str) -> None:
            self.reason = reason

        def stop(self) -> int:
            return 2

    real = Ended()

    def compose() -> EngineFace:
        there.wait(10)
        return real

    engine = late(compose)
    engine.start()
    engine.end("told to end")
    there.set()
    assert engine.stop() == 2
    assert real.reason == "told to end"


def test_what_runs_beside_is_told_to_the_engine_once_it_is_there() -> None:
    class Beside(StillEngine):
        """Remembers what was told of what runs beside it."""

        said: ClassVar[list[object]] = []

        def add_row(self, name: str, label: str, read: Callable[[], RowReading]) -> None:
            self.said.append((name, label, read()))

        def alert(self, severity: Severity, source: str, text: str) -> None:
            self.said.append((severity, source, text))

        def add_metrics(self, read: ReadMetrics) -> None:
            self.said.append(read)

    engine, reading = late(Beside), RowReading(HealthState.OK, "well")
    engine.add_row("beside", "beside it", lambda: reading)
    engine.alert(Severity.WARNING, "beside", "not so well")
    engine.add_metrics({})
    engine.start()
    wait_until(lambda: len(Beside.said) == 3)
    engine.stop()
    assert Beside.said == [("beside", "beside it", reading), (Severity.WARNING, "beside", "not so well"), {}]
