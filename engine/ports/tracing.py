"""What a room needs of tracing: one attribute to look at while it is off, and spans while it is on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

from msgspec import Struct

from engine.model.trace_context import TraceContext

Value = str | int | float | bool
NO_ATTRIBUTES: Final[Mapping[str, Value]] = MappingProxyType({})


class Kind(StrEnum):
    """What a span is to the program on the other side, by OpenTelemetry's names."""

    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"


class Span(Struct):
    """Something that took time, and what it is a part of."""

    name: str
    kind: Kind
    context: TraceContext
    parent: TraceContext | None
    began_ns: int
    """World time, ns UTC."""
    attributes: dict[str, Value]
    ended_ns: int = 0
    failure: str = ""
    """Why it failed, in a sentence; empty where it did not."""


class Tracer(Protocol):
    """Takes spans; never waits, and never raises."""

    @property
    def is_on(self) -> bool:
        """Whether there is anything to be done: asked before everything else."""

    @property
    def tells_venues(self) -> bool:
        """Whether requests to venues say which trace they belong to."""

    @property
    def current(self) -> TraceContext | None:
        """The span that what happens now is a part of."""

    def span(
        self,
        name: str,
        kind: Kind = Kind.INTERNAL,
        attributes: Mapping[str, Value] = NO_ATTRIBUTES,
        parent: TraceContext | None = None,
    ) -> AbstractContextManager[Span]:
        """Time what is done within; a part of `parent`, else of the span that it happens in.

        What is raised within is the span's failure, and is raised on.
        """

    def note(self, name: str, value: Value) -> None:
        """Let the span that this happens in say one thing more."""

    def of_order(self, client_id: str) -> TraceContext | None:
        """Return the span that an order's life is a part of, where it has one."""


class NoTracing:
    """Tracing that is off."""

    is_on: Final = False
    tells_venues: Final = False
    current: Final = None

    @contextmanager
    def span(
        self,
        name: str,
        kind: Kind = Kind.INTERNAL,
        attributes: Mapping[str, Value] = NO_ATTRIBUTES,
        parent: TraceContext | None = None,
    ) -> Iterator[Span]:
        """Time nothing."""
        del parent
        yield Span(name, kind, TraceContext(0, 0, is_sampled=False), None, 0, dict(attributes))

    def note(self, name: str, value: Value) -> None:
        """Note nothing."""

    def of_order(self, client_id: str) -> None:
        """Know of no order."""
        del client_id


OFF: Final = NoTracing()
