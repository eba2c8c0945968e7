"""A WebSocket that comes back: dialled through a circuit, bounded, and dropped when it says nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from engine.clock import NS_PER_S, Clock
from engine.errors import TransientError
from engine.messages.circuits import CircuitState
from engine.model.text import clean
from engine.transport.breaker import Breaker
from engine.transport.dialling import RETRY_S_MAX, SILENT_PINGS_MAX, Nap, keep_trying, until_silent
from engine.transport.words import in_words

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from engine.transport.link import Link

DIAL_S = 10.0
SILENCE_S = 10.0
FRAME_BYTES_MAX = 4 << 20
FRAMES_WAITING_MAX = 16
"""Frames read ahead; more than that waits in the network, and the sender is slowed down."""
REQUESTS_WAITING_MAX = 1000
PROVEN_S = 30.0
"""How long a connection lasts before the next one is dialled at once after it; a shorter one counts as a failed try."""


async def dial(
    url: str,
    ping_s: float = SILENCE_S,
    frame_bytes_max: int = FRAME_BYTES_MAX,
    kind: type[ClientConnection] | None = None,
) -> ClientConnection:
    """Open one connection, bounded in what it holds.

    Raises:
        OSError: nobody answers there, or not in time.
        TransientError: what answers does not speak WebSocket.
    """
    from websockets.asyncio.client import connect  # noqa: PLC0415  # only where something is dialled
    from websockets.exceptions import InvalidHandshake  # noqa: PLC0415

    try:
        return await connect(
            url,
            open_timeout=DIAL_S,
            ping_interval=ping_s,
            ping_timeout=ping_s,
            close_timeout=1.0,
            max_size=frame_bytes_max,
            max_queue=FRAMES_WAITING_MAX,
            compression=None,
            proxy=None,
            user_agent_header="touchline",
            create_connection=kind,
        )
    except InvalidHandshake as error:
        raise TransientError(clean(str(error))) from error


class StreamReader(Protocol):
    """Who reads a stream; everything is called on the loop's thread."""

    def opened(self) -> None:
        """Ask for everything: it is a new connection."""

    def take(self, frame: bytes) -> bool:
        """Take a frame; tell whether it proves that the other side still has something to say."""

    def ping(self) -> None:
        """Ask for a sign of life."""

    def lost(self, reason: str) -> None:
        """Distrust what was said until it is opened again."""


class Stream:
    """Keeps one connection open until it is cancelled."""

    def __init__(
        self,
        url: str,
        breaker: Breaker,
        clock: Clock,
        reader: StreamReader,
        *,
        silence_s: float = SILENCE_S,
        ping_s: float | None = None,
        retry_s_max: float = RETRY_S_MAX,
        frame_bytes_max: int = FRAME_BYTES_MAX,
    ) -> None:
        self.breaker = breaker
        self.is_open = False
        self.connects = 0
        """Connections that came about."""
        self.requests_dropped = 0
        """Requests that found no connection or no room."""
        self.heard_ns: int | None = None
        """When the other side last proved that it says what there is to say, on the monotonic clock."""
        self.trouble = ""
        """Why the last connection ended or did not come about."""
        self._url = url
        self._clock = clock
        self._reader = reader
        self._silence_s = silence_s
        self._ping_s = silence_s / SILENT_PINGS_MAX if ping_s is None else min(ping_s, silence_s)
        self._retry_s_max = retry_s_max
        self._frame_bytes_max = frame_bytes_max
        self._mute = False
        self._renewing = ""
        """Why the connection is given up for a new one."""
        self._nap = Nap()
        self._link: Link | None = None
        self._requests: asyncio.Queue[str] = asyncio.Queue(REQUESTS_WAITING_MAX)

    async def run(self) -> None:
        """Connect, read, and connect again."""
        await keep_trying(self._serve, retry_s_max=self._retry_s_max, nap=self._nap)

    def send(self, request: str) -> None:
        """Send soon, in order; counted and dropped when that can't be."""
        if not self.is_open or self._requests.full():
            self.requests_dropped += 1
        else:
            self._requests.put_nowait(request)

    def renew(self, reason: str) -> None:
        """Give the connection up for a new one."""
        if self._link is not None:
            self._renewing = reason
            self._link.transport.abort()

    def try_now(self, reason: str) -> None:
        """Give the connection up for a new one; where there is none, try again at once, past an open circuit.

        Raises:
            EngineError: the venue itself asked to be left alone.
        """
        if self.breaker.state is not CircuitState.CLOSED:
            self.breaker.probe()
        self.renew(reason)
        self._nap.end()

    async def _serve(self) -> None:
        """Open a connection and read it to its end.

        Raises:
            AdapterError: it did not come about, or did not last.
            OSError: likewise.
        """
        try:
            link = await self.breaker.call(self._dial)
        except (OSError, TransientError) as error:
            self.trouble = in_words(error)
            raise
        self.connects += 1
        began_ns = self._clock.monotonic_ns()
        self._requests, self.is_open, self._mute = asyncio.Queue(REQUESTS_WAITING_MAX), True, False
        self._link, self._renewing = link, ""
        try:
            self.trouble = reason = await self._follow(link)
        except Exception as fault:
            self._reader.lost(clean(str(fault)))
            raise
        finally:
            self.is_open, self._link = False, None
            link.transport.abort()
        self._reader.lost(reason)
        if self._clock.monotonic_ns() - began_ns < PROVEN_S * NS_PER_S:
            raise TransientError(reason)

    async def _dial(self) -> Link:
        from engine.transport.link import Link  # noqa: PLC0415  # only where something is dialled

        link = await dial(self._url, self._silence_s, self._frame_bytes_max, Link)
        assert isinstance(link, Link)
        return link

    async def _follow(self, link: Link) -> str:
        """Have what comes handed over until it ends; return why it did."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415

        beside = [asyncio.create_task(self._write(link)), asyncio.create_task(self._watch(link))]
        try:
            self._reader.opened()
            link.hand_to(self._take, self._frame_bytes_max)
            await link.recv()  # nothing comes here but the end
        except ConnectionClosed as closed:
            if link.fault is not None:
                raise link.fault from None
            return self._why(closed)
        finally:
            await _end(beside)

        raise AssertionError("all that comes is handed over")

    def _take(self, frame: bytes) -> None:
        if self._reader.take(frame):
            self.heard_ns = self._clock.monotonic_ns()

    def _why(self, closed: Exception) -> str:
        if self._mute:
            return f"connected, but nothing came for {self._silence_s:g} s"
        return self._renewing or clean(str(closed))

    async def _write(self, link: ClientConnection) -> None:
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415

        try:
            while True:
                await link.send(await self._requests.get())
        except ConnectionClosed:
            return  # the reading end says so

    async def _watch(self, link: ClientConnection) -> None:
        await until_silent(self._reader.ping, lambda: self.heard_ns, self._silence_s, self._ping_s)
        self._mute = True
        link.transport.abort()


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
