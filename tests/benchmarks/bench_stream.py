"""What the gateway's stream costs for 200 clients who all want the same quotes, beside a bare server of the same messages.

Both send to clients in another process; the processor time of the thread that serves counts, for each message that a client
got. The stream's time has in it what the bare server is given: the frame merged, every quote written, each client's outbox.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from websockets.asyncio.server import ServerConnection, broadcast, serve

from engine.gateway.channels import Channel
from engine.gateway.market_values import quote_of
from engine.gateway.stream_messages import Subscribe, text_of
from engine.messages.views import Frame
from engine.ports.rates import Counted, Taken
from engine.thread import LoopThread
from tests.benchmarks.options import ROOT, Options, in_turn
from tests.benchmarks.row import Row
from tests.market_views import instrument, quote
from tests.unit.engine.stream_bench import StreamBench, streaming

_ROUNDS: Final = 5
_CLIENTS, _QUICK_CLIENTS = 200, 16
_FRAMES, _QUICK_FRAMES = 40, 4
_PERIOD_S: Final = 0.05
"""How long after one frame the next one comes."""
_SYMBOLS: Final = tuple(f"S{number}" for number in range(20))
_USER_CLIENTS: Final = 8
_LAST: Final = '"bid":"199.99"'
_PATIENCE_S: Final = 120.0


class Uncounted:
    """Lets every request pass: the clients all come at once."""

    async def take(self, counts: Sequence[Counted]) -> Taken:
        """Count nothing."""
        return Taken(True, tuple(0 for _ in counts))


def rows(options: Options) -> list[Row]:
    """Return the row of a message to one of many clients."""
    clients, count = (_QUICK_CLIENTS, _QUICK_FRAMES) if options.quick else (_CLIENTS, _FRAMES)
    with TemporaryDirectory() as folder, streaming(Path(folder)) as bench:
        bench.limiter._store = Uncounted()
        pair = in_turn(
            options.rounds(_ROUNDS), lambda: _ours(bench, clients, count), lambda: _theirs(clients, count)
        )
    name = f"stream, a message of {len(_SYMBOLS)} quotes to one of {clients}"
    peer = "websockets: a bare broadcast"
    return [Row(name=name, value=pair.ours, unit="us", against=peer, ratio=pair.ratio, goal="<= 2.0")]


def _ours(bench: StreamBench, clients: int, count: int) -> float:
    tokens = [bench.token(f"user {number // _USER_CLIENTS}") for number in range(clients)]
    say = msgspec.json.encode(Subscribe(Channel.QUOTES)).decode()
    with _listening(bench.url, tokens, say) as counted:
        thread = bench.server._thread
        began = _at(thread)
        for frame in _frames(count):
            thread.call(bench.feed._arrive, frame)
            time.sleep(_PERIOD_S)
        received = counted()
        return (_at(thread) - began) / received / 1_000


def _theirs(clients: int, count: int) -> float:
    thread, connections, where = LoopThread("bare"), set[ServerConnection](), Future[int]()

    async def hold(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()

    async def run() -> None:
        async with serve(hold, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            where.set_result(server.sockets[0].getsockname()[1])
            await server.serve_forever()

    thread.start(run)
    try:
        with _listening(f"ws://127.0.0.1:{where.result()}", [""] * clients, "") as counted:
            began = _at(thread)
            for text in [_text(frame) for frame in _frames(count)]:
                thread.call(broadcast, connections, text)
                time.sleep(_PERIOD_S)
            received = counted()
            return (_at(thread) - began) / received / 1_000
    finally:
        thread.stop()


def _frames(count: int) -> Iterator[Frame]:
    """Yield frames in which every quote changed."""
    listed = tuple(instrument(symbol) for symbol in _SYMBOLS)
    for number in range(count):
        last = 20_000 + number - count + 1
        quotes = tuple(quote(symbol, last) for symbol in _SYMBOLS)
        yield Frame(number, number, instruments=listed, quotes=quotes)


def _text(frame: Frame) -> str:
    """Return a frame as the message that a bare server sends."""
    values = ",".join(text_of(quote_of(view, instrument(view.symbol))) for view in frame.quotes)
    return f'{{"type":"quotes","snapshot":false,"values":[{values}]}}'


def _at(thread: LoopThread) -> int:
    """Return the processor time that a thread has used, in nanoseconds."""
    at = Future[int]()
    thread.call(lambda: at.set_result(time.thread_time_ns()))
    return at.result(_PATIENCE_S)


@contextmanager
def _listening(url: str, tokens: list[str], say: str) -> Iterator[Callable[[], int]]:
    """Run clients; what is given back waits for the last message, and returns how many there were."""
    command = [sys.executable, "-m", "tests.benchmarks.stream_clients"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines = process.stdout
        asked = {"url": url, "tokens": tokens, "say": say, "first": '"snapshot":true', "last": _LAST}
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        assert lines.readline() == "ready\n"
        yield lambda: int(lines.readline())
