"""`/v1/stream`: lets clients in, and hangs up on those whose time is over."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import Receive, Scope, Send

from engine.clock import NS_PER_S
from engine.gateway.answers import Sender
from engine.gateway.asking import Who
from engine.gateway.bodies import Incoming
from engine.gateway.broadcast import Broadcast
from engine.gateway.closings import CROWDED, LATE, TOKEN, UNAVAILABLE, Closing
from engine.gateway.door import Door
from engine.gateway.front import INCOMING, KIND, SENDER, WHO, address_of
from engine.gateway.hanging_up import HungUp, heard, hung_up
from engine.gateway.outbox import Outbox
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.gateway.socket import Socket
from engine.gateway.stream_messages import Authenticate
from engine.gateway.subscriptions import Subscriptions
from engine.security.rates.connections import Connections, NoConnectionFree
from engine.security.rates.table import Kind
from engine.security.tokens.refusal import RevocationsUnknown, TokenRefused

PATH: Final = "/v1/stream"
INTRODUCTION_S: Final = 5.0
"""How long a client may take to say who it is."""
STRANGERS_MAX: Final = 32
"""How many may be about to say so."""
LOOK_S: Final = 0.25
"""How often it is looked whether a token still stands: what is revoked has its effect within a second."""


class Stream:
    """Holds every open connection; an application of its own behind the front."""

    def __init__(self, parts: Parts) -> None:
        self.traffic = parts.counts.traffic
        """What counts messages."""
        self._feed = parts.feed
        self._door = Door(parts.sessions, parts.limiter)
        self._revocations = parts.revocations
        self._clock = parts.clock
        self._broadcast = Broadcast(parts.feed)
        self._open: set[Socket] = set()
        self._anybody = asyncio.Event()
        self._strangers = 0
        self.connections = Connections()
        """How many are open, by user and in all."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one client to its end.

        Raises:
            Refused: it is not let in.
        """
        sender: Sender = scope[SENDER]
        scope[KIND] = Kind.SOCKETS.value
        who = await self._known(scope, sender)
        await receive()  # that it wants to connect
        await sender.accept()
        try:
            who = who or await self._introduced(receive)
            scope[WHO] = who.name
            closing = await self._served(who, receive, send)
        except HungUp as over:
            closing = over.closing
        if closing is not None:
            await send({"type": "websocket.close", "code": closing.code, "reason": closing.text})

    def __len__(self) -> int:
        """Return how many clients are served; any thread may ask."""
        return len(self._open)

    async def watch(self) -> None:
        """Look at every open connection again and again, until it is cancelled."""
        while True:
            await self._anybody.wait()
            for socket in tuple(self._open):
                socket.look()
            await asyncio.sleep(LOOK_S)

    def who(self, token: str) -> Who:
        """Return whose token it is; raises Refused."""
        return self._door.who(f"Bearer {token}")

    def objection(self, who: Who) -> Closing | None:
        """Return why a client may not go on, None while it may."""
        if self._clock.now_ns() >= who.claims.exp * NS_PER_S:
            return TOKEN
        try:
            self._revocations.check(who.claims)
        except TokenRefused:
            return TOKEN
        except RevocationsUnknown:
            return UNAVAILABLE
        return None

    async def count(self, who: Who) -> None:
        """Count a message of a client; raises Refused."""
        await self._door.count(Kind.MESSAGES, who.name, who.role)

    def now_ns(self) -> int:
        """Return the machine's steady time."""
        return self._clock.monotonic_ns()

    def subscriptions(self, outbox: Outbox) -> Subscriptions:
        """Return what a new client subscribed to: nothing."""
        return Subscriptions(self._feed, self._broadcast, outbox)

    async def _known(self, scope: Scope, sender: Sender) -> Who | None:
        """Return who asks where a header says so; else it is counted by where it comes from."""
        if scope["query_string"]:
            raise Refused(
                Code.BAD_REQUEST,
                "a stream takes no query; a token is said in the header or the first message",
            )
        incoming: Incoming = scope[INCOMING]
        told = incoming.headers.get(b"authorization")
        if told is None:
            sender.rates = await self._door.count(Kind.SOCKETS, address_of(scope), "")
            if self._strangers >= STRANGERS_MAX:
                raise Refused(Code.RATE)
            return None
        try:
            who = self._door.who(told.decode("latin-1"))
        except Refused:
            await self._door.count(Kind.SOCKETS, address_of(scope), "")
            raise
        sender.rates = await self._door.count(Kind.SOCKETS, who.name, who.role)
        return who

    async def _introduced(self, receive: Receive) -> Who:
        """Return who it is by the first message."""
        self._strangers += 1
        try:
            async with asyncio.timeout(INTRODUCTION_S):
                first = await heard(receive)
        except TimeoutError:
            raise HungUp(LATE) from None
        finally:
            self._strangers -= 1
        if not isinstance(first, Authenticate):
            raise HungUp(TOKEN)
        try:
            who = self.who(first.token)
            await self._door.count(Kind.SOCKETS, who.name, who.role)
        except Refused as refused:
            raise hung_up(refused) from None
        return who

    async def _served(self, who: Who, receive: Receive, send: Send) -> Closing | None:
        try:
            with self.connections.one(who.name, who.role):
                socket = Socket(self, who)
                self._open.add(socket)
                self._anybody.set()
                try:
                    return await socket.run(receive, send)
                finally:
                    self._open.discard(socket)
                    if not self._open:
                        self._anybody.clear()
        except NoConnectionFree:
            return CROWDED
