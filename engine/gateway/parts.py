"""What the gateway is made of; composed in `engine/serving.py`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.clock import Clock
from engine.face import EngineFace
from engine.gateway.feed import Feed
from engine.gateway.idempotency import Idempotency
from engine.gateway.order_terms import LineReader
from engine.observe.gateway_counts import GatewayCounts
from engine.security.audit.entry import Act
from engine.security.operators.sign_in import SignIn
from engine.security.rates.limiter import Limiter
from engine.security.tokens.revocations import Revocations
from engine.security.tokens.sessions import Sessions

Chore = Callable[[], Coroutine[Any, Any, None]]
"""What runs on the gateway's loop for as long as it serves."""


class RequestLog(Protocol):
    """Takes notes of requests; never of what is secret in them."""

    def note(self, level: str, event: str, /, **fields: object) -> None:
        """Keep an entry; `level` is info, warning or critical."""


@dataclass(slots=True, kw_only=True)
class Parts:
    """Everything that routes need; all of it belongs to the gateway's loop, but for the engine."""

    engine: EngineFace
    feed: Feed
    clock: Clock
    sign_in: SignIn
    sessions: Sessions
    revocations: Revocations
    limiter: Limiter
    keys: Idempotency
    read_line: LineReader
    audit: Callable[[Act], object]
    """Writes an act down; waits for the disk, so it is called in a thread."""
    log: RequestLog
    counts: GatewayCounts
    """What is counted of those who ask."""
    chores: list[tuple[str, Chore]] = field(default_factory=list)
    """What runs beside the listener, by the name it is known by when it fails."""
