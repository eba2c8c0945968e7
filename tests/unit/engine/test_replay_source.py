"""A replay can be paused, stepped, jumped and paced, and drives the clock it is given."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.adapters.replay import ReplaySource
from engine.adapters.replay.columns import BATCH_ROWS
from engine.adapters.replay.merge import Block
from engine.clock import NS_PER_MS, NS_PER_S, SimulatedClock
from engine.errors import FileDataError
from engine.model.quote import Quote
from engine.ports.market_data import MarketDataSource, Playback
from tests.replay.counting_sink import CountingSink, as_quotes

START = 1_723_161_254 * NS_PER_S
COUNT = 500
LONG = 2 * BATCH_ROWS + 1
Script = Callable[[ReplaySource, CountingSink], Awaitable[None]]


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    path = tmp_path / "q.parquet"
    times = [START + n * NS_PER_MS for n in range(COUNT)]
    columns = {"ts": times, "symbol": ["EURUSD"] * COUNT, "bid": [1.1] * COUNT, "ask": [1.2] * COUNT}
    pq.write_table(pa.table(columns), path)
    return path


@pytest.fixture
def long_tape(tmp_path: Path) -> Path:
    """Return a tape of more than a block."""
    path = tmp_path / "long.parquet"
    times = [START + n for n in range(LONG)]
    columns = {"ts": times, "symbol": ["EURUSD"] * LONG, "bid": [1.1] * LONG, "ask": [1.2] * LONG}
    pq.write_table(pa.table(columns), path)
    return path


class WatchingSink(CountingSink):
    """Also notes what time the clock says at each quote."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__()
        self.clock = clock
        self.seen: list[int] = []

    def on_quote(self, quote: Quote) -> None:
        super().on_quote(quote)
        self.seen.append(self.clock.now_ns())


def _run(source: ReplaySource, sink: CountingSink, script: Script | None = None) -> None:
    async def main() -> None:
        running = asyncio.create_task(source.run(sink))
        if script is not None:
            await script(source, sink)
        await running

    asyncio.run(asyncio.wait_for(main(), 30))


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # the replay tells nobody, it is watched
        await asyncio.sleep(0.001)


def test_a_replay_is_a_source_and_a_playback(tape: Path) -> None:
    source = ReplaySource([tape], SimulatedClock(0))
    as_source: MarketDataSource = source
    as_playback: Playback = source
    assert as_source.name == "replay"
    assert (as_playback.paused, as_playback.speed, as_playback.finished) == (False, 1.0, False)
    assert as_playback.span_ns == (START, START + (COUNT - 1) * NS_PER_MS)


def test_the_clock_stands_at_each_event_when_it_is_delivered(tape: Path) -> None:
    clock = SimulatedClock(START + 10**18)
    sink = WatchingSink(clock)
    source = ReplaySource([tape], clock, speed=0)
    _run(source, sink)
    assert sink.seen == [q.receive_ns for q in as_quotes(sink.events)]
    assert (len(sink.seen), source.events, source.finished) == (COUNT, COUNT, True)
    assert source.span_ns == (START, START + (COUNT - 1) * NS_PER_MS)
    assert source.progress == (COUNT, 0, 1.0)


def test_preparing_sets_the_clock_to_the_first_event(tape: Path) -> None:
    clock = SimulatedClock(0)
    source = ReplaySource([tape], clock)
    source.prepare()
    assert clock.now_ns() == START
    assert source.span_ns == (START, START + (COUNT - 1) * NS_PER_MS)


@pytest.mark.parametrize(("speed", "events_per_s"), [(10.0, None), (1.0, 5000.0), (0.0, 5000.0)])
def test_a_paced_replay_loses_nothing(tape: Path, speed: float, events_per_s: float | None) -> None:
    sink = CountingSink()
    _run(ReplaySource([tape], SimulatedClock(0), speed=speed, events_per_s=events_per_s), sink)
    assert sink.counts["quote"] == COUNT


def test_a_paused_replay_delivers_one_event_a_step(tape: Path) -> None:
    async def script(source: ReplaySource, sink: CountingSink) -> None:
        for steps in range(1, 4):
            source.step()
            await _until(lambda steps=steps: sink.counts["quote"] >= steps)  # type: ignore[misc]
            await asyncio.sleep(0.005)
            assert sink.counts["quote"] == steps
        assert source.paused
        source.resume()

    source = ReplaySource([tape], SimulatedClock(0), speed=0)
    source.pause()
    sink = CountingSink()
    _run(source, sink, script)
    assert sink.counts["quote"] == COUNT


def test_a_jump_forward_delivers_all_between_and_stays_paused(tape: Path) -> None:
    clock = SimulatedClock(0)

    async def script(source: ReplaySource, sink: CountingSink) -> None:
        target = START + 99 * NS_PER_MS + 5
        source.jump(target)
        await _until(lambda: clock.now_ns() == target)
        assert sink.counts["quote"] == 100
        source.resume()

    source = ReplaySource([tape], clock, speed=0)
    source.pause()
    sink = CountingSink()
    _run(source, sink, script)
    assert sink.counts["quote"] == COUNT


def test_a_jump_back_restarts_and_delivers_up_to_there(tape: Path) -> None:
    clock = SimulatedClock(0)
    restarts: list[int] = []

    async def script(source: ReplaySource, sink: CountingSink) -> None:
        await _until(lambda: source.finished)
        source.pause()
        target = START + 9 * NS_PER_MS
        source.jump(target)
        await _until(lambda: bool(restarts) and clock.now_ns() == target)
        assert sink.counts["quote"] == COUNT + 10
        source.jump(START - 1)
        await _until(lambda: len(restarts) == 2)
        await asyncio.sleep(0.005)
        assert sink.counts["quote"] == COUNT + 10
        raise asyncio.CancelledError

    source = ReplaySource([tape], clock, speed=0, stay_at_end=True)
    source.on_restart = lambda: restarts.append(clock.now_ns())
    sink = CountingSink()
    with pytest.raises(asyncio.CancelledError):
        _run(source, sink, script)
    assert restarts == [START, START]


@pytest.mark.parametrize(
    ("skips_ms", "landing_ms"),
    [((60, 60, 60), 380), ((-60, 60), 200), ((-60, -60, -60, 60), 80), ((-900, 5), 5)],
)
def test_skips_that_come_quickly_add_up(tape: Path, skips_ms: tuple[int, ...], landing_ms: int) -> None:
    clock = SimulatedClock(0)

    async def script(source: ReplaySource, sink: CountingSink) -> None:
        source.jump(START + 200 * NS_PER_MS)
        await _until(lambda: sink.counts["quote"] == 201)
        await asyncio.sleep(0.005)
        for skip_ms in skips_ms:
            source.jump(source.target_ns + skip_ms * NS_PER_MS)
        landing_ns = START + landing_ms * NS_PER_MS
        await _until(lambda: clock.now_ns() == source.target_ns == landing_ns)
        assert as_quotes(sink.events)[-1].receive_ns == landing_ns
        await asyncio.sleep(0.005)
        assert clock.now_ns() == source.target_ns == landing_ns
        raise asyncio.CancelledError

    source = ReplaySource([tape], clock, speed=0)
    source.pause()
    with pytest.raises(asyncio.CancelledError):
        _run(source, CountingSink(), script)


def test_a_skip_beyond_the_end_is_owed_nothing(tape: Path) -> None:
    clock = SimulatedClock(0)

    async def script(source: ReplaySource, sink: CountingSink) -> None:
        for _ in range(3):
            source.jump(source.target_ns + NS_PER_S)
        await _until(lambda: source.finished)
        source.jump(source.target_ns + NS_PER_S)
        source.jump(source.target_ns - 99 * NS_PER_MS)
        await _until(lambda: as_quotes(sink.events)[-1].receive_ns == START + 400 * NS_PER_MS)
        raise asyncio.CancelledError

    source = ReplaySource([tape], clock, speed=1e-6, stay_at_end=True)
    source.pause()
    with pytest.raises(asyncio.CancelledError):
        _run(source, CountingSink(), script)


def test_a_start_time_is_reached_at_once(tape: Path) -> None:
    async def script(source: ReplaySource, sink: CountingSink) -> None:
        await _until(lambda: sink.counts["quote"] >= 300)
        source.set_speed(0)

    source = ReplaySource([tape], SimulatedClock(0), speed=1e-6, start_ns=START + 299 * NS_PER_MS)
    sink = CountingSink()
    _run(source, sink, script)
    assert sink.counts["quote"] == COUNT


def test_timers_run_between_events_at_their_own_time(tape: Path) -> None:
    clock = SimulatedClock(0)
    sink = WatchingSink(clock)
    fired: list[tuple[int, int]] = []
    source = ReplaySource([tape], clock, speed=0)
    source.prepare()
    due = START + 10 * NS_PER_MS + 5
    clock.call_at(due, lambda: fired.append((clock.now_ns(), sink.counts["quote"])))
    _run(source, sink)
    assert fired == [(due, 11)]


def test_the_loop_stays_responsive_at_full_speed(tape: Path) -> None:
    turns = 0

    async def script(source: ReplaySource, sink: CountingSink) -> None:
        nonlocal turns
        await _until(lambda: sink.counts["quote"] > 0)
        while not source.finished:
            turns += 1
            await asyncio.sleep(0)

    class SlowSink(CountingSink):
        def on_quote(self, quote: Quote) -> None:
            super().on_quote(quote)
            sum(range(5000))

    _run(ReplaySource([tape], SimulatedClock(0), speed=0), SlowSink(), script)
    assert turns >= 5


class SlowTape:
    """Hands a tape's blocks on, and waits before each of them but the first until the loop has turned."""

    def __init__(self, source: ReplaySource) -> None:
        self.turned = threading.Event()
        tape = source.prepare()
        tape.blocks = self._slowly(tape.blocks)

    def _slowly(self, blocks: Iterator[Block]) -> Iterator[Block]:
        yield next(blocks)
        assert self.turned.wait(10), "the loop stood still while a block was read"
        yield from blocks


def test_the_loop_turns_while_a_block_is_read(long_tape: Path) -> None:
    source, sink = ReplaySource([long_tape], SimulatedClock(0), speed=0), CountingSink()
    slow = SlowTape(source)

    async def script(_source: ReplaySource, sink: CountingSink) -> None:
        await _until(lambda: len(sink.events) == BATCH_ROWS)
        slow.turned.set()

    _run(source, sink, script)
    assert len(sink.events) == LONG


def test_a_jump_back_while_a_block_is_read_begins_with_the_first_event(long_tape: Path) -> None:
    source = ReplaySource([long_tape], SimulatedClock(0), speed=0)
    sink = WatchingSink(source._clock)
    slow = SlowTape(source)

    async def script(source: ReplaySource, sink: CountingSink) -> None:
        await _until(lambda: len(sink.events) == BATCH_ROWS)
        sink.events.clear()
        source.jump(0)
        assert source.target_ns == START
        slow.turned.set()

    _run(source, sink, script)
    assert [quote.receive_ns for quote in as_quotes(sink.events)] == [START + n for n in range(LONG)]


def test_a_file_that_can_not_be_opened_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileDataError, match="found nothing"):
        _run(ReplaySource([tmp_path / "none.parquet"], SimulatedClock(0)), CountingSink())


def test_a_replay_can_be_cancelled(tape: Path) -> None:
    async def main() -> None:
        running = asyncio.create_task(ReplaySource([tape], SimulatedClock(0), speed=1e-6).run(CountingSink()))
        await asyncio.sleep(0.05)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(main())
