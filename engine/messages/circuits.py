"""Circuit breakers as the rest of the engine hears of them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Operation(StrEnum):
    """What is asked of a venue; each has a circuit of its own, so that one that fails leaves the others."""

    DATA = "data"
    HISTORY = "history"
    SUBMIT = "submit"
    CANCEL = "cancel"
    ACCOUNT = "account"
    WEBHOOK = "webhook"


class CircuitState(StrEnum):
    """Whether a venue is asked."""

    CLOSED = "closed"
    """It is asked."""
    OPEN = "open"
    """It failed several times in a row: it is left alone for a while."""
    HALF_OPEN = "half-open"
    """One question is let through; its answer decides."""


class CircuitChanged(Struct, frozen=True, gc=False):
    """A circuit opened, closed, or lets one question through."""

    venue: str
    operation: Operation
    before: CircuitState
    after: CircuitState
    reason: str
    """The last failure."""
    event_ns: int


class VenueCalled(Struct, frozen=True, gc=False):
    """A question to a venue came to its end, or was not asked."""

    venue: str
    operation: Operation
    about: str
    """The client id of the order that it was about; empty for a question about none."""
    ms: float
    """How long it took."""
    failure: str
    """Why there is no answer, in a sentence; empty where there is one."""
    event_ns: int
