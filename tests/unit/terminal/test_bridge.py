from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Thread

import pytest

from engine.messages.commands import Pause
from engine.messages.views import Frame, OrderPreview, ViewRequest
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from terminal import bridge as bridge_module
from terminal.bridge import PATIENCE_S, QUIET_FRAMES, Bridge
from tests.frozen_desk import SYMBOLS, StillEngine


@dataclass
class SlowEngine(StillEngine):
    """Delivers a frame only when it is told to."""

    owed: list[Callable[[Frame], None]] = field(default_factory=list)
    asked: list[ViewRequest] = field(default_factory=list)

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        self.asked.append(request)
        self.owed.append(deliver)

    def patience_s(self) -> float:
        """Return how long the frame asked for last may wait."""
        return self.asked[-1].patience_s


def test_one_frame_is_asked_for_at_a_time_and_skipped_ticks_are_counted() -> None:
    async def run() -> None:
        frames: list[Frame] = []
        engine = SlowEngine()
        bridge = Bridge(engine, frames.append)
        bridge.open(print)
        for _ in range(3):
            bridge.tick()
        assert len(engine.owed) == 1
        assert bridge.frames_skipped == 2
        await asyncio.to_thread(engine.owed.pop(), engine.frame)
        await asyncio.sleep(0)
        assert frames == [engine.frame]
        bridge.tick()
        assert len(engine.owed) == 1
        bridge.close()
        assert not engine.runs

    asyncio.run(run())


def test_an_engine_that_owes_a_frame_for_too_long_is_told_of_once_and_so_is_its_return(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bridge_module, "SILENT_S", 0.0)

    async def run() -> None:
        engine, told = SlowEngine(), list[bool]()
        bridge = Bridge(engine, lambda _frame: None)
        bridge.on_silence = told.append
        bridge.open(print)
        bridge.tick()
        bridge.judge_silence()  # the first frame may take its time
        await asyncio.to_thread(engine.owed.pop(), engine.frame)
        await asyncio.sleep(0)
        assert told == []
        bridge.tick()
        for _ in range(4):
            bridge.judge_silence()
        assert told == [True]
        await asyncio.to_thread(engine.owed.pop(), engine.frame)
        await asyncio.sleep(0)
        assert told == [True, False]
        bridge.close()

    asyncio.run(run())


def test_no_frame_is_asked_for_while_the_terminal_is_behind() -> None:
    async def run() -> None:
        engine = SlowEngine()
        bridge = Bridge(engine, lambda _frame: None)
        behind = True
        bridge.pace_by(lambda: behind)
        bridge.open(print)
        bridge.tick()
        assert not engine.owed
        assert bridge.frames_skipped == 1
        behind = False
        bridge.tick()
        assert len(engine.owed) == 1
        bridge.close()

    asyncio.run(run())


def test_a_frame_is_taken_in_the_screens_own_context_whatever_thread_brings_it() -> None:
    app: ContextVar[str] = ContextVar("app", default="none")
    seen: list[str] = []

    async def run() -> None:
        app.set("desk")
        engine = SlowEngine()
        bridge = Bridge(engine, lambda _frame: seen.append(app.get()))
        bridge.open(print)
        bridge.tick()
        thread = Thread(target=engine.owed.pop(), args=(engine.frame,))
        thread.start()
        thread.join()
        await asyncio.sleep(0)

    asyncio.run(run())
    assert seen == ["desk"]


def test_while_nothing_happens_the_engine_may_keep_a_frame_back_until_a_key_comes() -> None:
    async def run() -> None:
        engine = SlowEngine()
        bridge = Bridge(engine, lambda _frame: None)
        bridge.open(print)
        bridge.keep_asking(3_600)
        for number in range(QUIET_FRAMES):
            assert engine.patience_s() == 0
            await answer(engine, Frame(number, number))
            bridge._beat()
        assert engine.patience_s() == PATIENCE_S
        asked = len(engine.asked)
        bridge.tick()
        assert len(engine.asked) == asked, "one is waited for"
        bridge.key_pressed(1)
        bridge._beat()
        assert engine.patience_s() == 0, "it takes the place of the one that was kept back"
        bridge.close()

    asyncio.run(run())


def test_no_turn_is_taken_while_a_frame_is_kept_back() -> None:
    async def run() -> None:
        engine = SlowEngine()
        bridge = Bridge(engine, lambda _frame: None)
        bridge.open(print)
        bridge.keep_asking(3_600)
        for number in range(QUIET_FRAMES):
            await answer(engine, Frame(number, number))
            bridge._beat()
        assert not waits(bridge)
        await answer(engine, Frame(99, 99))
        assert waits(bridge), "the next one is asked for at the steady pace"
        bridge.close()

    asyncio.run(run())


def test_a_frame_that_comes_while_the_engine_ends_begins_no_other_turn() -> None:
    async def run() -> None:
        engine = SlowEngine()
        bridge = Bridge(engine, lambda _frame: None)
        bridge.open(print)
        bridge.keep_asking(3_600)
        bridge.close()
        bridge._next = None
        await answer(engine, Frame(1, 1))
        assert not waits(bridge)

    asyncio.run(run())


def test_what_the_screen_looks_at_is_asked_for_at_once_though_a_frame_is_kept_back() -> None:
    async def run() -> None:
        engine = SlowEngine()
        bridge = Bridge(engine, lambda _frame: None)
        bridge.open(print)
        for number in range(QUIET_FRAMES):
            bridge.tick()
            await answer(engine, Frame(number, number))
        bridge.tick()
        assert engine.patience_s() == PATIENCE_S
        bridge.hurry()
        assert engine.patience_s() == 0
        bridge.close()

    asyncio.run(run())


def waits(bridge: Bridge) -> bool:
    """Return whether it will take a turn."""
    return bridge._next is not None


async def answer(engine: SlowEngine, frame: Frame) -> None:
    """Deliver the frame that is owed, and let the screen have it."""
    engine.owed.pop()(frame)
    await asyncio.sleep(0)


@dataclass
class TimedEngine(StillEngine):
    """Remembers what was shown."""

    shown: list[int] = field(default_factory=list)

    def note_shown(self, source_ns: int) -> None:
        self.shown.append(source_ns)


def test_what_is_shown_is_timed_from_the_oldest_that_was_not_drawn_yet() -> None:
    engine = TimedEngine()
    bridge = Bridge(engine, lambda _frame: None)
    bridge.shown()
    bridge.to_show(Frame(9, 1, source_ns=0))
    bridge.shown()
    for source_ns in (5, 7, 0):
        bridge.to_show(Frame(9, 1, source_ns=source_ns))
    bridge.shown()
    bridge.shown()
    bridge.to_show(Frame(9, 1, source_ns=8))
    bridge.shown()
    assert engine.shown == [5, 8]


def test_a_frame_that_comes_after_the_end_is_dropped() -> None:
    frames: list[Frame] = []
    engine = SlowEngine()
    bridge = Bridge(engine, frames.append)

    async def run() -> None:
        bridge.open(print)
        bridge.tick()

    asyncio.run(run())
    engine.owed.pop()(engine.frame)
    assert frames == []


def test_commands_and_previews_go_through() -> None:
    async def run() -> None:
        engine = StillEngine()
        bridge = Bridge(engine, lambda _frame: None)
        bridge.open(print)
        bridge.send(Pause())
        request = OrderRequest(
            client_id="id",
            number=1,
            account="PAPER-1",
            symbol=Symbol(SYMBOLS[0]),
            side=Side.BUY,
            quantity=1,
            type=OrderType.MARKET,
        )
        previews: list[OrderPreview] = []
        bridge.preview(request, previews.append)
        await asyncio.sleep(0)
        assert engine.told == [Pause()]
        assert [preview.request for preview in previews] == [request]

    asyncio.run(run())
