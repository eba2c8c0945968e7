"""A replay is moved by commands: steps add up, and orders keep it from going back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine import bootstrap
from engine.clock import NS_PER_S
from engine.config import JournalSettings, MetricsSettings, Settings
from engine.duties.leaving import Leaving
from engine.errors import EngineError
from engine.folders import Folders
from engine.handlers import Handlers
from engine.messages.commands import Command, Jump, Skip
from engine.pace import Pace
from engine.rooms import Rooms
from tests.engine_rooms import buying

START_NS = 1_723_161_600 * NS_PER_S
SECONDS = 600


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    tape = tmp_path / "quotes.parquet"
    times = [START_NS + second * NS_PER_S for second in range(SECONDS)]
    columns = {"ts": times, "symbol": ["ABC"] * SECONDS, "bid": [99.0] * SECONDS, "ask": [101.0] * SECONDS}
    pq.write_table(pa.table(columns), tape)
    folders = Folders(config=tmp_path, data=tmp_path, cache=tmp_path, logs=tmp_path)
    settings = Settings(metrics=MetricsSettings(port=0), journal=JournalSettings(durability="process"))
    made = bootstrap._replay_rooms(settings, folders, [tape], Pace(), None, stay_at_end=True)
    assert made.playback is not None
    made.playback.pause()
    yield made
    made.journal.close()


def _played(rooms: Rooms, *commands: Command) -> int:
    """Return how many seconds into the tape the market is after these commands."""
    handlers = Handlers(rooms, Leaving(rooms))

    async def play() -> None:
        running = asyncio.create_task(rooms.source.run(rooms.market))
        await _settled(rooms)
        for command in commands:
            handlers.handle(command)
        await _settled(rooms)
        running.cancel()

    asyncio.run(play())
    return (rooms.clock.now_ns() - START_NS) // NS_PER_S


async def _settled(rooms: Rooms) -> None:
    """Wait until the market has nothing more to do by itself."""
    assert rooms.playback is not None
    before = -1
    while rooms.playback.events != before or rooms.playback.target_ns != rooms.clock.now_ns():
        before = rooms.playback.events
        await asyncio.sleep(0.02)


def test_three_steps_on_land_three_steps_later(rooms: Rooms) -> None:
    assert _played(rooms, *[Skip(60 * NS_PER_S)] * 3) == 180


def test_a_step_back_and_a_step_on_cancel_out(rooms: Rooms) -> None:
    back, on = Skip(-60 * NS_PER_S), Skip(60 * NS_PER_S)
    assert _played(rooms, Jump(START_NS + 300 * NS_PER_S), back, on, on, back) == 300


def test_a_replay_with_orders_goes_on(rooms: Rooms) -> None:
    _listed(rooms)
    assert _played(rooms, buying(rooms, 10, 9_000), Skip(60 * NS_PER_S)) == 60


def test_a_replay_with_orders_does_not_go_back(rooms: Rooms) -> None:
    _listed(rooms)
    with pytest.raises(EngineError, match="does not go back once there are orders"):
        _played(rooms, buying(rooms, 10, 9_000), Skip(-60 * NS_PER_S))
    assert rooms.clock.now_ns() == START_NS


def _listed(rooms: Rooms) -> None:
    """Let the first event in, so that orders have a market."""
    assert rooms.playback is not None
    rooms.playback.jump(START_NS)
