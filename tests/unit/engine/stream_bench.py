"""A gateway's stream in front of a real engine, and clients that speak to it over the network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Struct
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from engine.clock import NS_PER_S, SimulatedClock
from engine.engine import Engine
from engine.gateway.feed import Feed
from engine.gateway.idempotency import Idempotency
from engine.gateway.order_terms import LineReader
from engine.gateway.parts import Parts
from engine.gateway.server import GatewayServer
from engine.gateway.stream import PATH, Stream
from engine.gateway.stream_messages import Told
from engine.observe.gateway_counts import GatewayCounts
from engine.rooms import Rooms
from engine.security.operators.sign_in import SignIn
from engine.security.rates.limiter import Limiter
from engine.security.rates.memory import MemoryRates
from engine.security.tokens.claims import Kind
from engine.security.tokens.keys import new_signing_keys
from engine.security.tokens.mint import Mint
from engine.security.tokens.revocations import Revocations
from engine.security.tokens.sessions import Sessions
from engine.security.tokens.sqlite_store import SqliteRevocations
from engine.security.tokens.verifier import Verifier
from engine.settings.gateway import GatewaySettings
from tests.engine_rooms import composed

NOW_NS = 1_750_000_000 * NS_PER_S
PAGE = "https://page.example"
PATIENCE_S = 20.0
_NAMES = count()
told = msgspec.json.Decoder(Told)

Kinds = TypeVar("Kinds", bound=Struct)


class NoLog:
    """Takes notes of nothing."""

    def note(self, level: str, event: str, /, **fields: object) -> None:
        """Drop an entry."""


class StreamBench:
    """One engine, one gateway, one clock of both their tokens."""

    def __init__(self, rooms: Rooms, folder: Path) -> None:
        self.rooms, self.engine = rooms, Engine(rooms)
        self.clock = SimulatedClock(NOW_NS)
        keys = new_signing_keys()
        told = {"issuer": "touchline", "audience": "touchline gateway"}
        self.mint = Mint(lambda: keys, self.clock, **told)
        self.revoked = folder / "revoked.sqlite3"
        store = SqliteRevocations(self.revoked, self.clock)
        self.revocations = Revocations(store, self.clock, production=False)
        verifier = Verifier(lambda: keys, self.clock, **told)
        self.sessions = Sessions(self.mint, verifier, self.revocations, _role)
        self.limiter = Limiter(MemoryRates(self.clock), MemoryRates(self.clock), production=False)
        self.feed = Feed(self.engine, self.clock)
        parts = self._parts()
        self.stream = Stream(parts)
        parts.chores.append(("stream", self.stream.watch))
        self.server = GatewayServer(parts, _SETTINGS, (), [WebSocketRoute(PATH, self.stream)])

    def _parts(self) -> Parts:
        return Parts(
            engine=self.engine,
            feed=self.feed,
            clock=self.clock,
            sign_in=cast("SignIn", None),  # nobody signs in here
            sessions=self.sessions,
            revocations=self.revocations,
            limiter=self.limiter,
            keys=Idempotency(self.clock),
            read_line=cast("LineReader", None),  # nor sends orders
            audit=lambda _: None,
            log=NoLog(),
            counts=GatewayCounts(monotonic_ns=self.clock.monotonic_ns, decisions=self.limiter.decisions),
            chores=[
                ("feed", self.feed.run),
                ("revocations", self.revocations.watch),
            ],
        )

    @property
    def url(self) -> str:
        return self.server.where.replace("http", "ws", 1) + PATH

    def token(self, user: str = "", role: str = "trader", family: str = "family") -> str:
        """Return a token that stands, of somebody nobody has met before where no user is named."""
        name = user or f"user {next(_NAMES)}"
        return self.mint.signed(self.mint.claims(Kind.ACCESS, name, role, family))

    def on_engine(self, call: Callable[..., None], *args: object) -> None:
        """Have something done on the engine's thread."""
        self.engine._thread.call(call, *args)

    def on_gateway(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have something done on the gateway's loop, and wait for it."""
        loop = self.server._thread._loop
        assert loop is not None
        asyncio.run_coroutine_threadsafe(work(), loop).result(PATIENCE_S)

    @asynccontextmanager
    async def client(self, token: str = "", **more: Any) -> AsyncIterator[Client]:
        """Connect with a token in the header; "" is a new user's."""
        headers = {"Authorization": f"Bearer {token or self.token()}"}
        async with connect(self.url, additional_headers=headers, proxy=None, **more) as connection:
            yield Client(connection)

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[Client]:
        """Connect without a word about who it is."""
        async with connect(self.url, proxy=None) as connection:
            yield Client(connection)


async def _role(name: str) -> str | None:  # noqa: ARG001  # everybody has the same
    return "trader"


_SETTINGS = GatewaySettings(listen="127.0.0.1:0", origins=[PAGE])


class Client:
    """Reads every message as one of those that the stream says, and as nothing else."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, message: Struct | str | bytes) -> None:
        raw = msgspec.json.encode(message).decode() if isinstance(message, Struct) else message
        await self.connection.send(raw)

    async def hear(self) -> Struct:
        async with asyncio.timeout(PATIENCE_S):
            heard = await self.connection.recv()
        assert isinstance(heard, str), "JSON is text"
        return cast("Struct", told.decode(heard))

    async def hear_a(self, kind: type[Kinds], is_it: Callable[[Kinds], bool] = lambda _: True) -> Kinds:
        """Return the next message of a kind that is what is waited for."""
        while True:
            heard = await self.hear()
            if isinstance(heard, kind) and is_it(heard):
                return heard

    async def closed(self) -> int:
        """Return the code that the connection is closed with, after whatever it was told before."""
        with suppress(ConnectionClosed):
            while True:
                await self.hear()
        return self.connection.close_code or 0


@contextmanager
def streaming(folder: Path) -> Iterator[StreamBench]:
    """Run an engine and its stream."""
    with composed(folder) as rooms:
        bench = StreamBench(rooms, folder)
        bench.engine.start()
        bench.server.open()
        try:
            yield bench
        finally:
            bench.server.close()
            bench.engine.stop()
