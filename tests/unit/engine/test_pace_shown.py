"""The pace that the desk shows is measured from the first event on, not from the start of the program."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine import bootstrap
from engine.clock import NS_PER_MS, NS_PER_S
from engine.config import JournalSettings, MetricsSettings, Settings
from engine.folders import Folders
from engine.frames.frame_builder import FrameBuilder
from engine.messages.playback_views import PlaybackView
from engine.messages.views import ViewRequest
from engine.pace import Pace
from engine.rooms import Rooms
from tests.waiting import until

START_NS = 1_723_161_600 * NS_PER_S
TICKS = 600
BEGINS_NS = 1_800 * NS_PER_MS
"""When the market begins, on a steady clock that began with the program."""


def recorded(root: Path) -> Rooms:
    """Return the rooms of a recording with a quote every tenth of a second."""
    tape = root / "quotes.parquet"
    times = [START_NS + tick * 100 * NS_PER_MS for tick in range(TICKS)]
    columns = {"ts": times, "symbol": ["ABC"] * TICKS, "bid": [99.0] * TICKS, "ask": [101.0] * TICKS}
    pq.write_table(pa.table(columns), tape)
    folders = Folders(config=root, data=root, cache=root, logs=root)
    settings = Settings(metrics=MetricsSettings(port=0), journal=JournalSettings(durability="process"))
    return bootstrap._replay_rooms(settings, folders, [tape], Pace(), None, stay_at_end=True)


def test_what_passed_before_the_first_event_is_no_market_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, steady_ns = recorded(tmp_path), 0
    monkeypatch.setattr(rooms.clock, "monotonic_ns", lambda: steady_ns)
    frames = FrameBuilder(rooms)

    def shown() -> PlaybackView:
        view = frames.build(ViewRequest(everything=True)).playback
        assert view is not None
        return view

    async def plays_until(market_ms: int) -> None:
        nonlocal steady_ns
        steady_ns = BEGINS_NS + market_ms * NS_PER_MS
        await until(lambda: rooms.clock.now_ns() >= START_NS + market_ms * NS_PER_MS)

    async def play() -> None:
        nonlocal steady_ns
        steady_ns = BEGINS_NS
        assert shown().events == 0
        running = asyncio.create_task(rooms.source.run(rooms.market))
        await until(lambda: shown().events)
        await plays_until(300)
        assert shown().achieved == 0, "a pace is known after two seconds of market, not of program"
        await plays_until(2_200)
        assert shown().achieved == 1.0
        running.cancel()

    try:
        asyncio.run(play())
    finally:
        rooms.journal.close()
