"""Quotes over a real loopback WebSocket: the whole path against bare receive and decode, and alpaca-py."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from websockets.asyncio.client import connect

from engine.clock import SystemClock
from engine.transport.link import Link
from engine.transport.stream import FRAME_BYTES_MAX, dial
from tests.benchmarks.composed import rooms
from tests.benchmarks.feed_server import SYMBOLS
from tests.benchmarks.options import ROOT, Options, Pair, in_turn
from tests.benchmarks.quote_feed import QuoteFeed
from tests.benchmarks.row import Row
from tests.benchmarks.wire import make_decoder

_ROUNDS = 7
_COUNTS = {20: 240_000, 1: 60_000}
"""Quotes a round, by quotes a frame."""
_ALPACA_COUNT = 20_000
_QUICK_COUNT = 1_200


def rows(options: Options) -> list[Row]:
    """Return a row for each frame size against the bare client, and against alpaca-py."""
    found: list[Row] = []
    with _server() as port:
        for a_frame, name, goal in ((20, "ingest x20", ">= 0.5"), (1, "ingest x1", ">= 0.77")):
            count = _QUICK_COUNT if options.quick else _COUNTS[a_frame]
            pair = measure(port, a_frame, count, options.rounds(_ROUNDS))
            ours = 1e9 / pair.ours
            found.append(_row(name, ours, "websockets + msgspec decode", 1 / pair.ratio, goal))
            asked = min(count, _ALPACA_COUNT)
            url = f"ws://127.0.0.1:{port}/msgpack/{a_frame}/{asked}"
            theirs = options.peer("alpaca_stream.py", url, "key", "secret", "*", str(asked))
            ratio = None if theirs is None else theirs["ns"] / pair.ours
            found.append(_row(name, ours, "alpaca-py", ratio, ">= 10"))
    return found


def measure(port: int, a_frame: int, count: int, rounds: int) -> Pair:
    """Return nanoseconds of processor time a quote, ours and the bare client's."""
    return in_turn(rounds, lambda: _time_ours(port, a_frame, count), lambda: _time_bare(port, a_frame, count))


def _row(name: str, value: float, against: str, ratio: float | None, goal: str) -> Row:
    return Row(name=name, value=value, unit="quotes/s", against=against, ratio=ratio, goal=goal)


@contextmanager
def _server() -> Iterator[int]:
    """Run the feed server in a process of its own; give its port."""
    command = [sys.executable, "-m", "tests.benchmarks.feed_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def _time_bare(port: int, a_frame: int, count: int) -> float:
    decode = make_decoder().decode
    return asyncio.run(_receive(_address(port, a_frame, count), count, lambda frame: len(decode(frame))))


def _time_ours(port: int, a_frame: int, count: int) -> float:
    clock = SystemClock()
    with rooms(clock, SYMBOLS) as made:
        instruments = {symbol: state.instrument for symbol, state in made.market.states.items()}
        feed = QuoteFeed(instruments, made.market.on_quote, clock)
        taken = asyncio.run(_hand_over(_address(port, a_frame, count), count, feed.take))
        accepted = sum(state.accepted for state in made.market.states.values())
        assert accepted == count, (accepted, made.market.summary())
        return taken


def _address(port: int, a_frame: int, count: int) -> str:
    return f"ws://127.0.0.1:{port}/json/{a_frame}/{count}"


async def _hand_over(url: str, count: int, take: Callable[[bytes], int]) -> float:
    """Return nanoseconds of this process a quote, over the connection that the sources have."""
    link, counted = await dial(url, kind=Link), Counted(count, take)
    assert isinstance(link, Link)
    link.hand_to(counted.take, FRAME_BYTES_MAX)
    try:
        return await counted.done
    finally:
        link.transport.abort()


class Counted:
    """Times what is handed over, from the first frame to the last."""

    def __init__(self, count: int, take: Callable[[bytes], int]) -> None:
        self.done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._left, self._take = count, take
        self._timed = self._start_ns = 0

    def take(self, frame: bytes) -> None:
        """Take a frame."""
        self._left = left = self._left - self._take(frame)
        if not self._timed:
            self._timed, self._start_ns = left, time.process_time_ns()
        if not left:
            self.done.set_result((time.process_time_ns() - self._start_ns) / self._timed)


async def _receive(url: str, count: int, take: Callable[[bytes], int]) -> float:
    """Return nanoseconds of this process a quote, from the first frame to the last."""
    async with connect(url, compression=None, ping_interval=None, max_queue=64) as socket:
        left = count - take(await socket.recv(decode=False))
        start_ns = time.process_time_ns()
        timed = left
        while left:
            left -= take(await socket.recv(decode=False))
        return (time.process_time_ns() - start_ns) / timed
