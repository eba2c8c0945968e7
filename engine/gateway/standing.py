"""How the gateway is, as a row of the health board; the exporter has it from there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.gateway.parts import Parts
from engine.gateway.server import GatewayServer
from engine.messages.rows import RowReading
from engine.messages.views import HealthState

ROW: Final = "gateway"


def standing(server: GatewayServer, parts: Parts) -> RowReading:
    """Say how many connections are open, and what is not as it should be; asked on the engine's thread, it only reads."""
    count = server.connections
    if not server.is_running:
        return RowReading(HealthState.DOWN, "closed", server.where)
    trouble = next(_troubles(server, parts), "")
    state = HealthState.DEGRADED if trouble else HealthState.OK
    return RowReading(state, f"{count:,} open", trouble or server.where, count)


def _troubles(server: GatewayServer, parts: Parts) -> Iterator[str]:
    yield from (f"{name}: {reason}" for name, reason in server.failures.items())
    if parts.revocations.is_blind:
        yield f"what was revoked is not known: {parts.revocations.reason or 'not looked at yet'}"
    if parts.limiter.uncounted:
        yield f"{parts.limiter.uncounted:,} requests not counted: {parts.limiter.reason}"
