"""A gateway beside an engine whose market is fed by hand, and a program that asks it over a socket."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

from msgspec.structs import replace

from engine.clock import SystemClock
from engine.config import CredentialSettings
from engine.engine import Engine
from engine.gateway.server import GatewayServer
from engine.observe.order_counts import OrderCounts
from engine.observe.process import CollectorPauses
from engine.observe.storage import Storage
from engine.readings.sample_maker import SampleMaker
from engine.readings.samples import METRICS
from engine.rooms import Rooms
from engine.security.operators.database import OperatorFile
from engine.security.operators.register import Register
from engine.security.operators.roles import Role
from engine.security.signing import load_or_make_signing_keys
from engine.security.tokens.claims import Kind
from engine.security.tokens.keys import SigningKeys
from engine.security.tokens.mint import Mint, new_id
from engine.security.vault.key_file import KeyFile
from engine.serving import AUDIENCE, ISSUER, Serving
from engine.settings.gateway import GatewaySettings
from engine.settings.traces import TracesSettings
from terminal.shell.line_reader import read_order_line
from tests.engine_rooms import composed

PASSWORD = "fjord-Lantern-62-quince"
PAGE = "https://page.example"
Found = dict[tuple[str, tuple[str, ...]], float]
"""What a scrape finds, by name and labels."""


class Told(NamedTuple):
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        """Which refusal it is."""
        return str(self.body["error"]["code"])


class GatewayBench:
    """An engine, its gateway, and tokens for anybody."""

    def __init__(self, rooms: Rooms, engine: Engine, server: GatewayServer, keys: SigningKeys) -> None:
        self.rooms = rooms
        self.engine = engine
        self.server = server
        self.mint = Mint(lambda: keys, SystemClock(), issuer=ISSUER, audience=AUDIENCE)
        self.port = int(server.where.rpartition(":")[2])

    @contextmanager
    def busy_loop(self) -> Iterator[None]:
        """Keep the engine's loop from everything else."""
        begun, over = Event(), Event()

        def block() -> None:
            begun.set()
            over.wait()

        self.engine._thread.call(block)
        assert begun.wait(20)
        try:
            yield
        finally:
            over.set()

    def token(self, role: Role = Role.TRADER, name: str = "tom") -> str:
        """Return an access token that stands."""
        return self.mint.signed(self.mint.claims(Kind.ACCESS, name, role, new_id()))

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        role: Role | None = None,
        name: str = "tom",
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        """Ask once, as an operator of a role, or as nobody; a body of bytes is sent as it is."""
        said = dict(headers or {})
        if role is not None:
            said["Authorization"] = f"Bearer {self.token(role, name)}"
        if body is not None and not isinstance(body, bytes):
            body, said = json.dumps(body).encode(), {"Content-Type": "application/json", **said}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, said)
            answer = connection.getresponse()
            return Told(answer.status, dict(answer.headers.items()), answer.read())
        finally:
            connection.close()

    def say(self, raw: bytes) -> bytes:
        """Say bytes to it, and return all it answers until it hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as caller:
            caller.sendall(raw)
            return b"".join(iter(lambda: caller.recv(65_536), b""))


def exported(gateway: GatewayBench) -> Found:
    """Return what a scrape would find now, taken on the engine's thread as the engine takes it."""
    rooms, told, taken = gateway.rooms, Found(), Event()

    def take() -> None:
        maker = SampleMaker(
            rooms,
            OrderCounts(rooms.bus),
            CollectorPauses(rooms.clock.monotonic_ns),
            Storage({}, rooms.folders.data),
            METRICS,
        )
        told.update(
            ((sample.name, tuple(value for _, value in sample.labels)), sample.value)
            for sample in maker.make()
        )
        taken.set()

    gateway.engine._thread.call(take)
    assert taken.wait(20)
    return told


def served_home(root: Path) -> SigningKeys:
    """Make operators, one of each role, and the keys in a file, where they are not there yet."""
    (root / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    keys, is_new = load_or_make_signing_keys(KeyFile(root / "keys.toml"))
    if not is_new:
        return keys
    register = Register(OperatorFile(root / "data" / "operators.sqlite3"), SystemClock(), cost=4)
    for name, role in (("ann", Role.ADMIN), ("tom", Role.TRADER), ("rita", Role.RISK), ("vic", Role.VIEWER)):
        register.add(name, role, PASSWORD)
    return keys


@contextmanager
def served(
    root: Path,
    settings: GatewaySettings | None = None,
    prepare: Callable[[Rooms], object] = lambda _: None,
    traces: TracesSettings | None = None,
) -> Iterator[GatewayBench]:
    """Run an engine and its gateway on any free port; `prepare` is called before there is an engine."""
    keys = served_home(root)
    wanted = settings or GatewaySettings(listen="127.0.0.1:0", origins=[PAGE])
    with composed(root, traces=traces) as rooms:
        rooms.settings = replace(
            rooms.settings,
            gateway=wanted,
            credentials=CredentialSettings(key_file=str(root / "keys.toml")),
        )
        prepare(rooms)
        engine = Engine(rooms)
        engine.start()
        try:
            serving = Serving(rooms.settings, rooms.folders, read_order_line)
            server = serving.gateway(engine)
            server.open()
            engine.add_metrics(serving.metrics(server.parts.counts))
            try:
                yield GatewayBench(rooms, engine, server, keys)
            finally:
                server.close()
        finally:
            engine.stop()
