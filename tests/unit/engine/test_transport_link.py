"""What a server sends is handed over whole and in order, however its bytes come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from engine.transport import link as links
from engine.transport.link import Link

BYTES_MAX = 100_000
TURNS = 100
"""More than any of these takes."""


class Wire(asyncio.Transport):
    """The other end of a connection, as bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.reads = True
        self.closes = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

    def is_closing(self) -> bool:
        return self.closes

    def abort(self) -> None:
        self.closes = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Whatever is written fits."""

    def write_eof(self) -> None:
        """Nobody reads what is written after it."""

    def can_write_eof(self) -> bool:
        return True


class Bench:
    """A connection that was asked for, and what its server answers."""

    def __init__(self) -> None:
        client = ClientProtocol(parse_uri("ws://there/"), max_size=BYTES_MAX)
        self.link, self.wire = Link(client), Wire()
        self.link.connection_made(self.wire)
        client.send_request(client.connect())
        server = ServerProtocol()
        server.receive_data(b"".join(client.data_to_send()))
        (request,) = server.events_received()
        server.send_response(server.accept(request))  # type: ignore[arg-type]  # the first event is the request
        self.greeting = b"".join(server.data_to_send())
        self.taken: list[bytes] = []

    def deliver(self, data: bytes) -> None:
        self.link.data_received(data)

    async def rest(self) -> None:
        """Let the loop come to what waits for its turn."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        assert self.wire.reads or self.wire.closes


def frame(opcode: Opcode, payload: bytes, *, fin: bool = True) -> bytes:
    return Frame(opcode, payload, fin).serialize(mask=False)


def in_pieces(payload: bytes, cuts: Sequence[int], ping: bool) -> bytes:
    """Write a message as several frames, with a ping between where one is wanted."""
    places = [0, *sorted(cut % (len(payload) + 1) for cut in cuts), len(payload)]
    pieces = [payload[start:end] for start, end in pairwise(places)]
    written = bytearray()
    for number, piece in enumerate(pieces):
        opcode = Opcode.CONT if number else Opcode.BINARY
        written += frame(opcode, piece, fin=number == len(pieces) - 1)
        written += frame(Opcode.PING, b"there?") if ping else b""
    return bytes(written)


MESSAGES = st.lists(
    st.tuples(st.sampled_from((0, 1, 125, 126, 300, 65_535, 65_536)), st.lists(st.integers(0, 70_000), max_size=2), st.booleans()),
    max_size=5,
)  # fmt: skip


@settings(max_examples=50)
@given(MESSAGES, st.lists(st.integers(0, 300_000), max_size=8), st.integers(0, 2))
def test_messages_are_the_same_wherever_their_bytes_are_cut(
    messages: list[tuple[int, list[int], bool]], cuts: list[int], late: int
) -> None:
    payloads = [bytes([number]) * size for number, (size, _, _) in enumerate(messages)]

    async def run() -> Bench:
        bench = Bench()
        stream = bench.greeting + b"".join(
            in_pieces(payload, pieces, ping)
            for payload, (_, pieces, ping) in zip(payloads, messages, strict=True)
        )
        places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
        for number, (start, end) in enumerate(pairwise(places)):
            if number == late:
                bench.link.hand_to(bench.taken.append, BYTES_MAX)
            bench.deliver(stream[start:end])
        if len(places) - 1 <= late:
            bench.link.hand_to(bench.taken.append, BYTES_MAX)
        await bench.rest()
        return bench

    bench = asyncio.run(run())
    assert bench.taken == payloads
    assert bench.link.fault is None


def opened(bench: Bench) -> Bench:
    bench.deliver(bench.greeting)
    bench.link.hand_to(bench.taken.append, BYTES_MAX)
    return bench


def test_nothing_is_read_before_it_is_known_who_takes_it() -> None:
    async def run() -> None:
        bench = Bench()
        bench.deliver(bench.greeting + frame(Opcode.TEXT, b"early"))
        assert (bench.wire.reads, bench.taken) == (False, [])
        bench.link.hand_to(bench.taken.append, BYTES_MAX)
        assert (bench.wire.reads, bench.taken) == (True, [b"early"])

    asyncio.run(run())


def test_a_burst_lets_the_loop_do_something_else_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "TURN_BYTES", 1000)

    async def run() -> list[str]:
        bench, log = Bench(), []
        bench.deliver(bench.greeting)
        bench.link.hand_to(lambda message: log.append(message.decode()), BYTES_MAX)
        bench.deliver(b"".join(frame(Opcode.TEXT, b"x" * 250) for number in range(16)))
        bench.link.loop.call_soon(log.append, "a command")
        assert not bench.wire.reads
        await bench.rest()
        return [each[:9] for each in log]

    log = asyncio.run(run())
    assert len(log) == 17
    assert log.index("a command") < 16


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(Opcode.BINARY, bytes(BYTES_MAX + 1)), 1009),
        (frame(Opcode.BINARY, bytes(BYTES_MAX + 1))[:14], 1009),
        (Frame(Opcode.TEXT, b"masked").serialize(mask=True), 1002),
        (b"\xc1\x02ab", 1002),
        (frame(Opcode.CONT, b"of nothing"), 1002),
        (frame(Opcode.TEXT, b"one", fin=False) + frame(Opcode.TEXT, b"another"), 1002),
    ],
    ids=["too large", "too large by its head", "masked", "a bit of no meaning", "a stray end", "two begun"],
)
def test_what_the_protocol_forbids_ends_the_connection(sent: bytes, code: int) -> None:
    async def run() -> Bench:
        bench = opened(Bench())
        bench.deliver(frame(Opcode.TEXT, b"good") + sent + frame(Opcode.TEXT, b"never"))
        return bench

    bench = asyncio.run(run())
    assert bench.taken == [b"good"]
    told = bench.link.protocol.close_sent
    assert told is not None
    assert told.code == code


def test_a_fault_of_who_takes_it_is_the_end_and_is_kept() -> None:
    fault = ValueError("a fault of ours")

    def take(_: bytes) -> None:
        raise fault

    async def run() -> Bench:
        bench = Bench()
        bench.deliver(bench.greeting)
        bench.link.hand_to(take, BYTES_MAX)
        bench.deliver(frame(Opcode.TEXT, b"one") + frame(Opcode.TEXT, b"two"))
        return bench

    bench = asyncio.run(run())
    assert bench.wire.closes
    assert bench.link.fault is fault
