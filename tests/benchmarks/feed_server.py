"""A local market data server in the style of Alpaca: quotes as fast as the client takes them.

`python -m tests.benchmarks.feed_server` prints its port. `/json/20/1000` sends 1,000 quotes as JSON text, 20 a
frame; `/msgpack/20/1000` first speaks the login that Alpaca's own client expects. The frames are made before
the first is sent and written many at a time, so that the client is what is measured.
"""

from __future__ import annotations

import asyncio
import random
import struct
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import islice

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

SYMBOLS = tuple(f"SYM{number:02}" for number in range(30))
_STEP_NS = 200
"""Faster than anyone reads, as in a burst."""
TEXT, BINARY = 0x81, 0x82
"""What a final frame of each kind begins with."""
_CHUNK = 64
"""Frames a write."""
_SHORT = 126
_MEDIUM = 65_536


async def main() -> None:
    """Serve on a free port of loopback until killed."""
    async with serve(_talk, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


async def _talk(connection: ServerConnection) -> None:
    assert connection.request is not None
    _, codec, a_frame, count = connection.request.path.split("/")
    frames = _frames(codec, int(a_frame), int(count))
    try:
        if codec == "msgpack":
            await _log_in(connection)
        await send(connection, frames)
        await connection.wait_closed()
    except ConnectionClosed:
        return


async def send(connection: ServerConnection, frames: Sequence[bytes]) -> None:
    """Write frames, many at a time."""
    for start in range(0, len(frames), _CHUNK):
        connection.transport.write(b"".join(frames[start : start + _CHUNK]))
        await connection.drain()


async def _log_in(connection: ServerConnection) -> None:
    """Answer connect, login and subscription, in msgpack."""
    await connection.send(msgspec.msgpack.encode([{"T": "success", "msg": "connected"}]))
    await connection.recv()
    await connection.send(msgspec.msgpack.encode([{"T": "success", "msg": "authenticated"}]))
    await connection.recv()
    await connection.send(msgspec.msgpack.encode([{"T": "subscription", "quotes": ["*"]}]))


def payloads(codec: str, a_frame: int, count: int) -> list[bytes]:
    """Return what the frames of so many quotes carry, as JSON or as msgpack."""
    as_text = codec == "json"
    encode = msgspec.json.encode if as_text else msgspec.msgpack.encode
    quotes = _quotes(count, stamped_as_text=as_text)
    return [encode(list(islice(quotes, a_frame))) for _ in range(count // a_frame)]


@cache
def _frames(codec: str, a_frame: int, count: int) -> Sequence[bytes]:
    opcode = TEXT if codec == "json" else BINARY
    return [framed(opcode, payload) for payload in payloads(codec, a_frame, count)]


def _quotes(count: int, *, stamped_as_text: bool) -> Iterator[dict[str, object]]:
    """Let thirty bids wander by a cent, each quote a little later than the last."""
    rng, first_ns = random.Random(1), time.time_ns()
    bids = [10_000 + 100 * number for number in range(len(SYMBOLS))]
    for number in range(count):
        place = number % len(SYMBOLS)
        bids[place] += rng.choice((-1, 0, 0, 1))
        bid, ask = bids[place] / 100, (bids[place] + rng.choice((1, 1, 2))) / 100
        seconds, rest = divmod(first_ns + number * _STEP_NS, 1_000_000_000)
        moment = datetime.fromtimestamp(seconds, UTC)
        yield {
            "T": "q",
            "S": SYMBOLS[place],
            "bx": "V",
            "bp": bid,
            "bs": rng.randint(1, 40),
            "ax": "V",
            "ap": ask,
            "as": rng.randint(1, 40),
            "c": ["R"],
            "z": "C",
            "t": f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09}Z"
            if stamped_as_text
            else moment.replace(microsecond=rest // 1_000),
        }


def framed(opcode: int, payload: bytes) -> bytes:
    """Return an unmasked final frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < _SHORT:
        return struct.pack("!BB", opcode, size) + payload
    if size < _MEDIUM:
        return struct.pack("!BBH", opcode, 126, size) + payload
    return struct.pack("!BBQ", opcode, 127, size) + payload


if __name__ == "__main__":
    asyncio.run(main())
