"""Connections that requests go over: an answer belongs to what was asked, and what is doubtful is not used again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import SystemClock
from engine.errors import NotSentError, TransientError
from engine.messages.circuits import Operation
from engine.transport.breaker import Breaker
from engine.transport.connection import ANSWER_BYTES_MAX, HttpConnection, Received
from engine.transport.once import Answer, HttpOnce
from engine.transport.pool import CONNECTIONS_MAX

DONE = b"HTTP/1.1 200 OK\r\nX-Count: 3\r\nContent-Length: 4\r\n\r\ndone"
OTHER = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
CLOSE = b""
"""In the place of an answer: the connection ends."""


class Told:
    """A server that answers as it is told, and keeps what it was asked."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []
        self.connections = self.most = self._open = 0
        self.late = b""
        """What is said once, after an answer."""
        self.said = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            while True:
                self.asked.append(await reader.readuntil(b"\r\n\r\n"))
                answer = self.answers.pop(0) if self.answers else DONE
                writer.write(answer)
                if self.late:
                    await asyncio.sleep(0.01)  # its answer is taken meanwhile
                    writer.write(self.late)
                    self.late = b""
                    self.said.set()
                if answer is CLOSE or (b"Content-Length" not in answer and b"chunked" not in answer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._open -= 1
            writer.close()


def talk(told: Told, scenario: Callable[[HttpOnce], Awaitable[Any]], path: str = "", key: str = "k") -> Any:
    async def run() -> Any:
        server = await asyncio.start_server(told.serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
        breaker = Breaker("alpaca", Operation.SUBMIT, SystemClock(), failures_max=100)
        sender = HttpOnce(url, breaker, total_s=2.0, headers={"X-Key": key})
        try:
            return await scenario(sender)
        finally:
            await sender.close()
            server.close()

    return asyncio.run(run())


async def twice(sender: HttpOnce) -> list[Answer]:
    first = await sender.send("DELETE", "/one")
    await asyncio.sleep(0.02)  # what the server does after its answer has come
    return [first, await sender.send("DELETE", "/two")]


def test_a_connection_is_used_again() -> None:
    told = Told()
    assert talk(told, twice) == [Answer(200, b"done")] * 2
    assert told.connections == 1


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ndone",
        b"HTTP/1.1 200 OK\r\n\r\ndone",
        DONE + OTHER,
    ],
    ids=["it says so", "its end is the end of the answer", "more came than was asked for"],
)
def test_a_connection_that_can_not_be_used_again_is_not(first: bytes) -> None:
    told = Told(first)
    assert talk(told, twice) == [Answer(200, b"done")] * 2
    assert told.connections == 2


def test_what_comes_unasked_is_not_taken_for_the_next_answer() -> None:
    told = Told()

    told.late = OTHER

    async def scenario(sender: HttpOnce) -> Answer:
        await sender.send("DELETE", "/one")
        await told.said.wait()
        await asyncio.sleep(0.01)
        return await sender.send("DELETE", "/two")

    assert talk(told, scenario) == Answer(200, b"done")
    assert told.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ndo\r\n2\r\nne\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + DONE,
    ],
    ids=["in pieces", "after a hint"],
)
def test_an_answer_may_come_in_any_form_of_http(answer: bytes) -> None:
    told = Told(answer)
    assert talk(told, twice) == [Answer(200, b"done")] * 2
    assert told.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        CLOSE,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (ANSWER_BYTES_MAX + 1)
        + bytes(ANSWER_BYTES_MAX + 1),
    ],
    ids=["none", "no HTTP", "no length", "too long"],
)
def test_what_is_no_answer_leaves_what_was_sent_unknown(answer: bytes) -> None:
    told = Told(answer)

    async def scenario(sender: HttpOnce) -> Answer:
        with pytest.raises(TransientError) as raised:
            await sender.send("POST", "/one", b"{}")
        assert raised.type is TransientError
        return await sender.send("DELETE", "/two")

    assert talk(told, scenario) == Answer(200, b"done")
    assert [asked.split(b" ")[1] for asked in told.asked] == [b"/one", b"/two"]


def test_what_waited_too_long_is_no_answer_to_the_next() -> None:
    told = Told(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")

    async def scenario(sender: HttpOnce) -> Answer:
        sender._total_s = 0.05
        with pytest.raises(TransientError):
            await sender.send("POST", "/one", b"{}")
        sender._total_s = 2.0
        return await sender.send("DELETE", "/two")

    assert talk(told, scenario) == Answer(200, b"done")
    assert told.connections == 2


def test_a_key_that_is_no_header_does_not_leave() -> None:
    told = Told()

    async def scenario(sender: HttpOnce) -> None:
        with pytest.raises(NotSentError):
            await sender.send("POST", "/one", b"{}")

    talk(told, scenario, key="two\r\nlines")
    assert told.asked == []


def test_what_is_beyond_the_bound_waits_for_a_connection() -> None:
    told = Told()

    async def scenario(sender: HttpOnce) -> list[Answer]:
        return await asyncio.gather(*(sender.send("DELETE", "/each") for _ in range(3 * CONNECTIONS_MAX)))

    assert talk(told, scenario) == [Answer(200, b"done")] * 3 * CONNECTIONS_MAX
    assert told.most <= CONNECTIONS_MAX


def test_a_request_names_the_host_what_it_has_and_the_whole_path() -> None:
    told = Told()

    async def scenario(sender: HttpOnce) -> None:
        await sender.send("POST", "/orders", parameters={"a": "b c"})

    talk(told, scenario, path="/v1/")
    head, *headers = told.asked[0].decode().split("\r\n")
    assert head == "POST /v1/orders?a=b+c HTTP/1.1"
    assert {"X-Key: k", "Content-Length: 0", "User-Agent: touchline"} < set(headers)
    assert any(each.startswith("Host: 127.0.0.1:") for each in headers)


class Wire(asyncio.Transport):
    """Takes what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    def write(self, data: Any) -> None: ...

    def is_closing(self) -> bool:
        return self.closed

    def abort(self) -> None:
        self.closed = True


@given(st.lists(st.integers(0, len(DONE)), max_size=6))
def test_an_answer_is_the_same_in_whatever_pieces_its_bytes_come(cuts: list[int]) -> None:
    async def run() -> Received:
        connection = HttpConnection()
        connection.connection_made(Wire())
        answer = connection.send("GET", "/", [("Host", "here")], b"")
        for start, end in pairwise(sorted({0, *cuts, len(DONE)})):
            connection.data_received(DONE[start:end])
        assert connection.is_ready
        return await answer

    received = asyncio.run(run())
    assert received == Received(200, {"x-count": "3", "content-length": "4"}, b"done")
