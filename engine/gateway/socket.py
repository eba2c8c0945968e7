"""One client of the stream: obeys what it asks, sends what it subscribed to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, Protocol

from engine.clock import NS_PER_S
from engine.gateway.asking import Who
from engine.gateway.closings import IDLE, SLOW, TOKEN, Closing
from engine.gateway.hanging_up import HungUp, Receive, heard, hung_up
from engine.gateway.outbox import Outbox
from engine.gateway.refusals import Refused
from engine.gateway.stream_messages import (
    Asked,
    Authenticate,
    NotDone,
    Ping,
    Pong,
    Subscribe,
    Unsubscribe,
    Welcome,
    said,
)
from engine.gateway.subscriptions import Subscriptions
from engine.observe.gateway_counts import Traffic

IDLE_NS: Final = 60 * NS_PER_S
"""How long a client may want nothing."""

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Keeper(Protocol):
    """Says who a client is, and whether it may go on."""

    @property
    def traffic(self) -> Traffic:
        """What counts messages."""

    def who(self, token: str) -> Who:
        """Return whose token it is; raises Refused."""

    def objection(self, who: Who) -> Closing | None:
        """Return why a client may not go on, None while it may."""

    async def count(self, who: Who) -> None:
        """Count a message of a client; raises Refused."""

    def now_ns(self) -> int:
        """Return the machine's steady time."""

    def subscriptions(self, outbox: Outbox) -> Subscriptions:
        """Return what a new client subscribed to: nothing."""


class Socket:
    """Serves one client until it leaves or is hung up on."""

    def __init__(self, keeper: Keeper, who: Who) -> None:
        self.who = who
        self._keeper = keeper
        self._outbox = Outbox(lambda: self.hang_up(SLOW), keeper.traffic)
        self._subscriptions = keeper.subscriptions(self._outbox)
        self._heard_ns = keeper.now_ns()
        self._closing: Closing | None = None
        self._over = asyncio.Event()

    async def run(self, receive: Receive, send: Send) -> Closing | None:
        """Serve it; return what it is told at the end, None where it left."""
        self._welcome()
        tasks = [
            asyncio.create_task(self._read(receive)),
            asyncio.create_task(self._write(send)),
            asyncio.create_task(self._over.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._subscriptions.end()
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for each in ended:
            if isinstance(each, HungUp):
                return self._closing or each.closing
            if isinstance(each, Exception) and not isinstance(
                each, OSError
            ):  # an OSError: it left while it was sent to
                raise each
        return self._closing

    def look(self) -> None:
        """Hang up where the token is over, or nothing was wanted for long."""
        idle_ns = self._keeper.now_ns() - self._heard_ns
        closing = self._keeper.objection(self.who)
        if closing is not None:
            self.hang_up(closing)
        elif not self._subscriptions and idle_ns > IDLE_NS:
            self.hang_up(IDLE)

    def hang_up(self, closing: Closing) -> None:
        """End it; the first reason is the one that is told."""
        self._closing = self._closing or closing
        self._over.set()

    async def _read(self, receive: Receive) -> None:
        while True:
            asked = await heard(receive)
            self._heard_ns = self._keeper.now_ns()
            if (closing := self._keeper.objection(self.who)) is not None:
                raise HungUp(closing)
            try:
                await self._keeper.count(self.who)
            except Refused as refused:
                raise hung_up(refused) from None
            try:
                await self._obey(asked)
            except Refused as refused:
                self._outbox.keep(said(NotDone(refused.code, str(refused))))

    async def _write(self, send: Send) -> None:
        while True:
            await send({"type": "websocket.send", "frame": await self._outbox.next()})

    async def _obey(self, asked: Asked) -> None:
        match asked:
            case Subscribe():
                await self._subscriptions.add(asked)
            case Unsubscribe():
                self._subscriptions.remove(asked)
            case Ping():
                self._outbox.keep(said(Pong(asked.id)))
            case Authenticate():
                self._go_on(asked.token)

    def _go_on(self, token: str) -> None:
        """Go on with a fresh token, of the same operator."""
        try:
            who = self._keeper.who(token)
        except Refused as refused:
            raise hung_up(refused) from None
        if who.name != self.who.name:
            raise HungUp(TOKEN)
        self.who = who
        self._welcome()

    def _welcome(self) -> None:
        who = self.who
        self._outbox.keep(said(Welcome(who.name, who.role.value, who.claims.exp)))
