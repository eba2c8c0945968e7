"""Whether a market trades right now."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.model.instrument import Symbol


class Session(StrEnum):
    """The phase of a symbol's trading day."""

    CLOSED = "closed"
    PRE = "pre"
    OPEN = "open"
    POST = "post"
    HALTED = "halted"


class StatusChange(Struct, frozen=True, gc=False):
    """A source says that a symbol's session changed (a halt, a resumption, an auction)."""

    symbol: Symbol
    source: str
    session: Session
    reason: str
    event_ns: int
    receive_ns: int
