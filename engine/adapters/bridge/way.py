"""The way to the gateway: opened, greeted, watched, lost, and opened again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec import MsgspecError

from engine.adapters.bridge import protocol as p
from engine.adapters.bridge.address import Address
from engine.adapters.bridge.counters import BridgeCounters
from engine.adapters.bridge.link import Link
from engine.clock import Clock
from engine.errors import AdapterError, RejectedError, TransientError
from engine.model.text import clean
from engine.transport.dialling import SILENT_PINGS_MAX, keep_trying, until_silent

CONNECT_S = 5.0
"""How long a connection and its welcome may take."""
_LEAVE_S = 1.0
PING_S = 2.0
"""Seconds between two pings."""


@dataclass(frozen=True, slots=True)
class Traveller:
    """Who is told what happens on the way."""

    opened: Callable[[], None]
    closed: Callable[[str], None]
    """A link that was welcomed ended, or none came about; with the reason."""
    message: Callable[[p.FromGateway], None]
    unreadable: Callable[[bytes, str], None]


class Way:
    """One link at a time; it carries messages only while it is welcomed."""

    def __init__(
        self,
        address: Address,
        account: str,
        clock: Clock,
        traveller: Traveller,
        dead_man: p.CancelOnDisconnect | None = None,
    ) -> None:
        self.counters = BridgeCounters()
        self.venue = ""
        """What the gateway says it leads to."""
        self.cancels_alone = False
        """Whether the gateway promised to cancel by itself once the desk is gone."""
        self.answered_ping = 0
        """The id of the last ping that was answered."""
        self.ping_s = PING_S
        self.leaves_in_order: Callable[[], bool] = lambda: True
        """Whether what works is meant to go on working if the desk leaves now."""
        self._address = address
        self._account = account
        self._clock = clock
        self._traveller = traveller
        self._dead_man = dead_man
        self._link: Link | None = None
        """The one that was welcomed."""
        self._last_ping = 0
        self._pinged_ns = 0

    @property
    def is_open(self) -> bool:
        """Whether messages can be written now."""
        return self._link is not None and self._link.is_open

    @property
    def waiting_bytes(self) -> int:
        """What the gateway has not taken yet."""
        return self._link.waiting_bytes if self._link is not None else 0

    def write(self, message: p.ToGateway) -> None:
        """Write a message in this call; the way is open."""
        assert self._link is not None
        self._link.write(p.encode(message))
        self.counters.sent += 1

    def ping(self) -> int:
        """Ask whether the gateway is there; return the id that its answer will have."""
        self._last_ping += 1
        if self.is_open:
            self._pinged_ns = self._clock.monotonic_ns()
            self.write(p.Ping(id=self._last_ping))
        return self._last_ping

    async def run(self) -> None:
        """Keep the way open until cancelled."""
        await keep_trying(self._serve)

    async def _serve(self) -> None:
        """Open a link and stay until it ends.

        Raises:
            AdapterError: it ended before its first pong.
            OSError: nobody listens there.
        """
        pings_answered = self.answered_ping
        try:
            reason = await self._travel()
        except (OSError, AdapterError) as error:  # a TimeoutError is an OSError
            self._traveller.closed(f"{self._address}: {str(error) or 'no welcome came'}")
            raise
        self._traveller.closed(reason)
        if self.answered_ping == pings_answered:
            raise TransientError(reason)

    async def _travel(self) -> str:
        """Open a link, and return why it ended."""
        link, welcomed = await self._open()
        try:
            async with asyncio.timeout(CONNECT_S):
                either: set[asyncio.Future[Any]] = {welcomed, link.closed}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if welcomed.done():
                welcomed.result()
                return await self._stay(link)
            raise TransientError(link.closed.result())
        finally:
            if self.cancels_alone and self.is_open and self.leaves_in_order():
                self.write(p.Bye())  # it ends because the desk does
            self._link = None
            welcomed.cancel()
            await link.leave(_LEAVE_S)

    async def _open(self) -> tuple[Link, asyncio.Future[None]]:
        """Connect and say hello."""
        welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_line(line: bytes) -> None:
            message = self._read(line)
            if self._link is link and message is not None:
                self._pass_on(message)
            elif isinstance(message, p.Welcome) and not welcomed.done():
                self._admit(link, message, welcomed)

        async with asyncio.timeout(CONNECT_S):
            link = await self._address.open(lambda: Link(on_line, self._too_long))
        hello = p.Hello(version=p.VERSION, account=self._account, cancel_on_disconnect=self._dead_man)
        link.write(p.encode(hello))
        return link, welcomed

    def _admit(self, link: Link, welcome: p.Welcome, welcomed: asyncio.Future[None]) -> None:
        if welcome.version != p.VERSION:
            fault = f"the gateway speaks version {welcome.version}, expected {p.VERSION}"
            welcomed.set_exception(RejectedError(fault))
        elif welcome.account != self._account:
            fault = f"the gateway trades {clean(welcome.account, 64)}, expected {self._account}"
            welcomed.set_exception(RejectedError(fault))
        else:
            self._link = link
            self.venue = clean(welcome.venue, 64)
            self.cancels_alone = self._dead_man is not None and welcome.cancel_on_disconnect
            self.counters.links += 1
            welcomed.set_result(None)
            self._traveller.opened()

    async def _stay(self, link: Link) -> str:
        watch = asyncio.create_task(self._watch(link))
        try:
            return await asyncio.shield(link.closed)
        finally:
            watch.cancel()

    async def _watch(self, link: Link) -> None:
        await until_silent(self.ping, lambda: link.heard, SILENT_PINGS_MAX * self.ping_s, self.ping_s)
        link.drop(f"the gateway said nothing for {SILENT_PINGS_MAX} pings")

    def _read(self, line: bytes) -> p.FromGateway | None:
        self.counters.received += 1
        try:
            return p.decode(line)
        except (MsgspecError, RecursionError, UnicodeDecodeError) as error:
            if p.is_unknown(line):
                self.counters.unknown += 1
            else:
                self.counters.note_malformed(clean(str(error)))
                self._traveller.unreadable(line, clean(str(error)))
            return None

    def _pass_on(self, message: p.FromGateway) -> None:
        if isinstance(message, p.Pong):
            self.answered_ping = message.id
            if message.id == self._last_ping:
                self.counters.round_trip_ns = self._clock.monotonic_ns() - self._pinged_ns
        elif not isinstance(message, p.Welcome):
            self._traveller.message(message)

    def _too_long(self) -> None:
        self.counters.too_long += 1
        self.counters.note_malformed("a line was too long to be read")
