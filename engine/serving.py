"""Composes the gateway: the keys that sign its tokens, its operators, where is kept who may not ask any more and how often who asked."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import Final

from starlette.routing import WebSocketRoute

from engine.clock import Clock, SystemClock
from engine.config import Settings
from engine.desk.metrics import LINK_METRICS, named
from engine.desk.redis_link import RedisLink
from engine.desk.redis_rates import RedisRates
from engine.desk.redis_revocations import RedisRevocations
from engine.environment import is_production
from engine.errors import ConfigError
from engine.face import EngineFace
from engine.folders import Folders
from engine.gateway.encryption import encryption_of
from engine.gateway.feed import Feed
from engine.gateway.idempotency import Idempotency
from engine.gateway.order_terms import LineReader
from engine.gateway.parts import Parts
from engine.gateway.server import GatewayServer
from engine.gateway.standing import ROW, Standing
from engine.gateway.stream import PATH, Stream
from engine.gateway.table import ROUTES
from engine.messages.rows import ReadMetrics
from engine.observe.gateway_counts import GATEWAY_METRICS, GatewayCounts
from engine.observe.logs import GATEWAY_NAME as LOG
from engine.observe.logs import EventLog
from engine.ports.rates import RateStore
from engine.ports.revocations import RevocationStore
from engine.ports.secrets import AskPassphrase, Secrets
from engine.ports.tracing import Tracer
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.credentials import read_credential
from engine.security.operators.database import OperatorFile
from engine.security.operators.register import Register
from engine.security.operators.sign_in import SignIn
from engine.security.rates.limiter import Limiter
from engine.security.rates.memory import MemoryRates
from engine.security.signing_ring import SigningRing
from engine.security.tokens.mint import Mint
from engine.security.tokens.revocations import Revocations
from engine.security.tokens.sessions import Sessions
from engine.security.tokens.sqlite_store import SqliteRevocations
from engine.security.tokens.verifier import Verifier
from engine.security.vault.choice import nobody, secrets_in
from engine.settings.redis import CREDENTIAL

ISSUER: Final = "touchline"
AUDIENCE: Final = "touchline gateway"
_FLUSH_S: Final = 0.1
_HOW: Final = "touchline setup makes the keys and asks for the first operator"


class Serving:
    """What a gateway is made of before there is an engine: a start without keys or operators ends here."""

    def __init__(
        self, settings: Settings, folders: Folders, read_line: LineReader, ask: AskPassphrase = nobody
    ) -> None:
        """Read the keys, and the certificate where there is one; `read_line` reads orders as they are typed at a desk.

        Raises:
            ConfigError: there is no operator, or no key; says how to make them. The certificate will not do.
            SecretsError: the place that keeps the keys can't be asked.
        """
        if not os.path.lexists(folders.operators):
            raise ConfigError(f"a gateway answers operators, and there are none yet; {_HOW}")
        self._settings = settings
        self._folders = folders
        self._read_line = read_line
        self._clock: Clock = SystemClock()
        self._server: GatewayServer | None = None
        self._secrets = secrets_in(settings.vault, settings.credentials.key_file, ask)
        ring = SigningRing.of(self._secrets)
        if ring is None:
            raise ConfigError(f"a gateway signs tokens, and there is no key yet; {_HOW}")
        self._ring = ring
        self._shared = shared_link(settings, self._secrets, self._clock)
        self._encryption = encryption_of(settings.gateway, self._clock)

    def open(self, engine: EngineFace) -> str:
        """Let programs reach an engine; return where.

        Raises:
            ConfigError: a setting is wrong, or it can't listen there.
        """
        self._server = server = self.gateway(engine)
        server.open()
        engine.add_row(ROW, ROW, Standing(server, server.parts).read)
        engine.add_metrics(self.metrics(server.parts.counts))
        return server.where

    def close(self) -> None:
        """Let what is under way come to its end, and wait for it; what was never opened has nothing to close."""
        if self._server is not None:
            self._server.close()

    def gateway(self, engine: EngineFace) -> GatewayServer:
        """Return the gateway of an engine; it listens once it is opened.

        Raises:
            ConfigError: a setting is wrong.
        """
        log = EventLog(self._folders.logs, self._clock.now_ns, LOG, "gateway")
        feed = Feed(engine, self._clock)
        if self._shared is not None:
            self._shared.tracer = engine.tracer
        store, production = self._store(engine.tracer), is_production()
        revocations = Revocations(store, self._clock, production=production)
        register = Register(OperatorFile(self._folders.operators), self._clock)
        audit = AuditLog(self._folders.data / AUDIT, self._clock).write
        limiter = Limiter(self._rates(), MemoryRates(self._clock), production=production)
        parts = Parts(
            engine=engine,
            feed=feed,
            clock=self._clock,
            sign_in=SignIn(register, self._secrets, self._clock, audit),
            sessions=self._sessions(revocations, register),
            revocations=revocations,
            limiter=limiter,
            keys=Idempotency(self._clock),
            read_line=self._read_line,
            audit=audit,
            log=log,
            counts=GatewayCounts(monotonic_ns=self._clock.monotonic_ns, decisions=limiter.decisions),
            chores=[
                ("revocations", partial(_watch, revocations, store, self._shared)),
                ("signing keys", lambda: self._ring.watch(lambda: revocations.everyone_before_s)),
                ("feed", feed.run),
                ("log", partial(_write, log)),
            ],
        )
        stream = Stream(parts)
        parts.chores.append(("stream", stream.watch))
        if self._encryption is not None:
            parts.chores.append(("certificate", self._encryption.watch(engine, self._clock)))
        sockets = [WebSocketRoute(PATH, stream)]
        server = GatewayServer(parts, self._settings.gateway, ROUTES, sockets, encryption=self._encryption)

        def connections() -> tuple[tuple[str, int], ...]:
            streams = len(stream)
            return (("http", max(0, server.connections - streams)), ("stream", streams))

        parts.counts.connections = connections
        parts.counts.crowded_out = lambda: server.crowded_out
        return server

    def metrics(self, counts: GatewayCounts) -> ReadMetrics:
        """Return what reads the metrics of the gateway, by their names."""
        own = {metric.name: partial(metric.read, counts) for metric in GATEWAY_METRICS}
        if self._shared is None:
            return own
        return own | {metric.name: partial(named, self._shared, "gateway", metric) for metric in LINK_METRICS}

    def _sessions(self, revocations: Revocations, register: Register) -> Sessions:
        async def role_of(name: str) -> str | None:
            found = await asyncio.to_thread(register.find, name)
            return found.operator.role.value if found is not None else None

        mint = Mint(self._ring.keys, self._clock, issuer=ISSUER, audience=AUDIENCE)
        verifier = Verifier(self._ring.keys, self._clock, issuer=ISSUER, audience=AUDIENCE)
        return Sessions(mint, verifier, revocations, role_of)

    def _store(self, tracer: Tracer) -> RevocationStore:
        if self._shared is not None:
            return RedisRevocations(self._shared, self._clock)
        return SqliteRevocations(self._folders.revocations, self._clock, tracer)

    def _rates(self) -> RateStore:
        return RedisRates(self._shared) if self._shared is not None else MemoryRates(self._clock)


def shared_link(settings: Settings, secrets: Secrets, clock: Clock) -> RedisLink | None:
    """Return the way to the Redis that the settings name, None where they name none.

    Raises:
        ConfigError: a setting is wrong.
        SecretsError: the place that keeps its password can't be asked.
    """
    if not settings.redis.address:
        return None
    return RedisLink(settings.redis, read_credential(secrets, CREDENTIAL), clock)


async def _watch(revocations: Revocations, store: RevocationStore, link: RedisLink | None) -> None:
    try:
        await revocations.watch()
    finally:
        await store.close()
        if link is not None:
            await link.close()


async def _write(log: EventLog) -> None:
    """Write the log as it grows, and what is left at the end."""
    try:
        await asyncio.to_thread(log.load)
        log.open()
        while True:
            await asyncio.sleep(_FLUSH_S)
            log.flush()
    finally:
        log.open()  # an end may come before it was loaded
        log.close()
