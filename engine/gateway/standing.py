"""How the gateway is, as a row of the health board; the exporter has it from there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.clock import NS_PER_S
from engine.gateway.accepting import CONNECTIONS_MAX
from engine.gateway.parts import Parts
from engine.gateway.server import GatewayServer
from engine.messages.rows import RowReading
from engine.messages.views import HealthState
from engine.observe.grown import Grown

ROW: Final = "gateway"
REFUSED_MAX: Final = 100
"""Requests that the rate limits may refuse within a minute; more are a flood."""


class Standing:
    """Asked on the engine's thread; it only reads."""

    def __init__(self, server: GatewayServer, parts: Parts) -> None:
        self._server = server
        self._parts = parts
        self._refused = Grown(parts.clock.monotonic_ns, 60 * NS_PER_S)

    def read(self) -> RowReading:
        """Say how many connections are open, and what is not as it should be."""
        server = self._server
        count = server.connections
        if not server.is_running:
            return RowReading(HealthState.DOWN, "closed", server.where)
        trouble = "; ".join(self._troubles())
        state = HealthState.DEGRADED if trouble else HealthState.OK
        return RowReading(state, f"{count:,} open", trouble or server.where, count)

    def _troubles(self) -> Iterator[str]:
        revocations, limiter = self._parts.revocations, self._parts.limiter
        yield from (f"{name}: {reason}" for name, reason in self._server.failures.items())
        if revocations.is_blind:
            yield f"what was revoked is not known: {revocations.reason or 'not looked at yet'}"
        if limiter.uncounted:
            yield f"{limiter.uncounted:,} requests not counted: {limiter.reason}"
        if (refused := self._refused.take(limiter.refused)) > REFUSED_MAX:
            yield f"asked too often: {refused:,} requests refused in the last minute"
        if self._server.connections >= CONNECTIONS_MAX:
            yield f"full: of {CONNECTIONS_MAX:,} connections, one that waits is hung up on for each new one"
