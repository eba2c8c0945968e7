"""A stream that comes back: bounded, asked anew, and never left without a word."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve

from engine.clock import SystemClock
from engine.messages.circuits import CircuitState, Operation
from engine.transport import stream as streams
from engine.transport.breaker import Breaker
from engine.transport.stream import Stream
from tests.waiting import until

Serve = Callable[[ServerConnection], Awaitable[None]]


class Heard:
    """Takes down what a stream says."""

    def __init__(self) -> None:
        self.stream: Stream | None = None
        self.log: list[str] = []

    def opened(self) -> None:
        self.log.append("opened")
        assert self.stream is not None
        self.stream.send("everything, please")

    def take(self, frame: bytes) -> bool:
        if frame == b"trip":
            raise ValueError("a fault of ours")
        self.log.append(frame.decode())
        return True

    def ping(self) -> None:
        pass

    def lost(self, reason: str) -> None:
        self.log.append(f"lost: {reason}")


def follow(
    answer: Serve, scenario: Callable[[Heard, Stream], Awaitable[None]], *, path: str = ""
) -> tuple[Heard, Stream]:
    async def run() -> tuple[Heard, Stream]:
        async with serve(answer, "127.0.0.1", 0, max_queue=None) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            heard = Heard()
            breaker = Breaker("here", Operation.DATA, SystemClock(), failures_max=99)
            stream = Stream(f"ws://127.0.0.1:{port}/{path}", breaker, SystemClock(), heard, retry_s_max=0.05)
            heard.stream = stream
            running = asyncio.create_task(stream.run())
            try:
                async with asyncio.timeout(30):
                    await scenario(heard, stream)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            return heard, stream

    return asyncio.run(run())


def test_everything_is_asked_for_again_on_every_connection() -> None:
    asked: list[str] = []

    async def answer(connection: ServerConnection) -> None:
        asked.append(str(await connection.recv()))
        await connection.send("good day")
        await connection.close(1001, "going away")

    async def scenario(heard: Heard, _: Stream) -> None:
        await until(lambda: heard.log.count("opened") > 2)

    heard, stream = follow(answer, scenario)
    ended = "lost: received 1001 (going away) going away; then sent 1001 (going away) going away"
    assert heard.log[:4] == ["opened", "good day", ended, "opened"]
    assert set(asked) == {"everything, please"}
    assert stream.connects > 2


def test_who_ends_the_stream_is_not_told_that_it_is_lost() -> None:
    async def answer(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async def scenario(heard: Heard, _: Stream) -> None:
        await until(lambda: heard.log)

    heard, stream = follow(answer, scenario)
    assert heard.log == ["opened"]
    assert not stream.is_open


def test_a_connection_that_is_given_up_for_a_new_one_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PROVEN_S", 0.0)

    async def answer(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async def scenario(heard: Heard, stream: Stream) -> None:
        stream.renew("nothing is open yet")
        await until(lambda: heard.log == ["opened"])
        stream.renew("it is old")
        await until(lambda: len(heard.log) == 3)

    heard, stream = follow(answer, scenario)
    assert heard.log == ["opened", "lost: it is old", "opened"]
    assert (stream.connects, stream.breaker.openings) == (2, 0)


def test_requests_that_find_no_connection_or_no_room_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "REQUESTS_WAITING_MAX", 3)

    async def answer(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async def scenario(heard: Heard, stream: Stream) -> None:
        stream.send("too early")
        assert stream.requests_dropped == 1
        await until(lambda: heard.log)
        await asyncio.sleep(0)
        for number in range(5):
            stream.send(f"request {number}")
        assert stream.requests_dropped == 3

    follow(answer, scenario)


def test_a_fault_of_the_reader_ends_the_stream_and_goes_on_to_whoever_runs_it() -> None:
    async def answer(connection: ServerConnection) -> None:
        await connection.send("trip")
        await connection.wait_closed()

    async def run() -> None:
        async with serve(answer, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            heard = Heard()
            breaker = Breaker("here", Operation.DATA, SystemClock())
            heard.stream = Stream(f"ws://127.0.0.1:{port}", breaker, SystemClock(), heard)
            with pytest.raises(ValueError, match="a fault of ours"):
                await heard.stream.run()
            assert heard.log == ["opened", "lost: a fault of ours"]

    asyncio.run(run())


def test_what_answers_without_speaking_the_protocol_counts_as_a_failure() -> None:
    async def run() -> None:
        async def hello(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example ESMTP\r\n")
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(hello, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            heard, breaker = Heard(), Breaker("here", Operation.DATA, SystemClock(), failures_max=2)
            stream = Stream(f"ws://127.0.0.1:{port}", breaker, SystemClock(), heard, retry_s_max=0.05)
            running = asyncio.create_task(stream.run())
            async with asyncio.timeout(30):
                await until(lambda: breaker.state is CircuitState.OPEN)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert stream.trouble
            assert (stream.connects, heard.log) == (0, [])

    asyncio.run(run())
