"""One HTTP/1.1 connection: a request is written at once, and its answer taken as its bytes come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from typing import NamedTuple, cast

import h11

from engine.errors import RejectedError

ANSWER_BYTES_MAX = 8 << 20
Headers = Iterable[tuple[str, str]]


class Received(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes


class HttpConnection(asyncio.Protocol):
    """Carries one request at a time; whatever comes unasked, and whatever is no answer, ends it."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._answer: asyncio.Future[Received] | None = None
        """What is asked for and has not come."""

    @property
    def is_ready(self) -> bool:
        """Whether a request can be sent on it."""
        is_open = self._transport is not None and not self._transport.is_closing()
        return is_open and self._http.our_state is h11.IDLE

    def send(self, method: str, target: str, headers: Headers, body: bytes) -> Awaitable[Received]:
        """Write a request on a connection that is ready; return its answer, which is still to come.

        Awaiting it raises OSError where the connection ended before, h11.RemoteProtocolError where what came is no
        answer, RejectedError where it is longer than any answer that was asked for.

        Raises:
            h11.LocalProtocolError: it is none that HTTP knows; not a byte left.
        """
        assert self._transport is not None, "only what is connected is ready"
        http = self._http
        data = http.send(h11.Request(method=method, target=target, headers=list(headers)))
        data += http.send(h11.Data(data=body)) if body else b""
        data += http.send(h11.EndOfMessage())
        self._head = None
        self._body.clear()
        self._answer = answer = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return answer

    def end(self) -> None:
        """Let go of it at once, whatever is underway."""
        if self._transport is not None:
            self._transport.abort()

    # What the loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be connected."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self._answer is None:
            self.end()
            return
        try:
            self._http.receive_data(data)
            self._read()
        except (h11.RemoteProtocolError, RejectedError) as error:
            self._fail(error)

    def eof_received(self) -> None:
        """Take that nothing more comes: the end of an answer that tells no length."""
        self.data_received(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what was asked for."""
        self._fail(exc or ConnectionResetError("the connection ended before the answer"))

    def _read(self) -> None:
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Response):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > ANSWER_BYTES_MAX:
                    raise RejectedError(f"the answer is longer than {ANSWER_BYTES_MAX:,} bytes")
            elif isinstance(event, h11.EndOfMessage):
                self._complete()
                return
            elif not isinstance(event, h11.InformationalResponse):
                return  # the rest has not come

    def _complete(self) -> None:
        """Hand the answer over, and be ready again if the other side keeps the connection and said no more."""
        assert self._head is not None, "an answer begins with its head"
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self._head.headers}
        received = Received(self._head.status_code, headers, bytes(self._body))
        answer, self._answer = self._answer, None
        if self._http.their_state is h11.DONE and self._http.trailing_data == (b"", False):
            self._http.start_next_cycle()
        else:
            self.end()
        if answer is not None and not answer.done():
            answer.set_result(received)

    def _fail(self, error: Exception) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)
        self.end()
