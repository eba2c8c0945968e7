from __future__ import annotations

import asyncio
import threading

import pytest

from engine.thread import LoopThread
from tests.waiting import wait_until


async def forever() -> None:
    await asyncio.Event().wait()


def waits(until: threading.Event) -> None:
    until.wait()


def test_calls_run_in_order_on_the_loops_own_thread() -> None:
    thread = LoopThread("test")
    thread.start(forever)
    seen: list[tuple[int, str]] = []
    for number in range(100):
        thread.call(lambda number=number: seen.append((number, threading.current_thread().name)))
    wait_until(lambda: len(seen) == 100)
    thread.stop()
    assert seen == [(number, "test") for number in range(100)]


def test_stopping_cancels_the_coroutine_and_lets_it_clean_up() -> None:
    cleaned = threading.Event()

    async def main() -> None:
        try:
            await forever()
        finally:
            cleaned.set()

    thread = LoopThread("test")
    thread.start(main)
    assert thread.is_running
    thread.stop()
    assert cleaned.is_set()
    assert not thread.is_running


def test_a_call_before_the_start_or_after_the_end_is_counted_and_dropped() -> None:
    thread = LoopThread("test")
    ran: list[int] = []
    thread.call(ran.append, 1)
    thread.start(forever)
    thread.stop()
    thread.call(ran.append, 2)
    thread.stop()
    assert ran == []
    assert thread.calls_dropped == 2


def test_a_coroutine_that_ends_at_once_does_not_hang_the_start() -> None:
    async def main() -> None:
        return

    thread = LoopThread("test")
    thread.start(main)
    wait_until(lambda: not thread.is_running)
    thread.stop()


def test_what_is_called_sees_a_running_loop() -> None:
    thread = LoopThread("test")
    thread.start(forever)
    loops: list[asyncio.AbstractEventLoop] = []
    thread.call(lambda: loops.append(asyncio.get_running_loop()))
    wait_until(lambda: bool(loops))
    thread.stop()
    assert loops[0].is_closed()


def test_a_call_that_comes_first_is_done_before_its_caller_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.thread.HEAD_START_S", 60.0)
    thread, done = LoopThread("test"), list[int]()
    thread.start(forever)
    try:
        for number in range(200):
            thread.call_first(done.append, number)
            assert done[-1] == number
    finally:
        thread.stop()


def test_who_calls_first_goes_on_where_the_loop_stands_still() -> None:
    thread, stands, done = LoopThread("test"), threading.Event(), list[str]()
    thread.start(forever)
    try:
        thread.call(lambda: waits(stands))
        thread.call_first(done.append, "late")
        assert not done
        stands.set()
        wait_until(lambda: done == ["late"])
    finally:
        stands.set()
        thread.stop()


def test_who_calls_first_on_a_loop_that_is_over_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.thread.HEAD_START_S", 60.0)
    thread = LoopThread("test")
    thread.call_first(print)
    assert thread.calls_dropped == 1
