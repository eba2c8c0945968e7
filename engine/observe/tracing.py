"""Spans on their way to the collector: made where something happens, kept in a bounded queue until a thread takes them."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Final

from engine.clock import Clock
from engine.model.text import clean
from engine.model.trace_context import TraceContext
from engine.observe.order_contexts import OrderContexts
from engine.ports.tracing import NO_ATTRIBUTES, Kind, Span, Value

SPANS_MAX: Final = 8_192
"""How many may wait; what comes beyond is counted and left out."""
FAILURE_MAX: Final = 300


class Tracing:
    """Tracing that is on; every method may be called from any thread."""

    is_on: Final = True

    def __init__(self, clock: Clock, *, tells_venues: bool = False, spans_max: int = SPANS_MAX) -> None:
        """Take the world's time."""
        self.now_ns = clock.now_ns
        self.tells_venues = tells_venues
        self.dropped = 0
        """Spans that found no room to wait."""
        self._spans_max = spans_max
        self._waiting: deque[Span] = deque()
        self._lock = Lock()
        self._bits = random.SystemRandom().getrandbits
        self._current: ContextVar[Span | None] = ContextVar("span", default=None)
        self.orders = OrderContexts(self._current, self.within)

    @property
    def current(self) -> TraceContext | None:
        """The span that what happens now is a part of; it goes along into tasks and into calls of other loops."""
        span = self._current.get()
        return span.context if span is not None else None

    def begin(
        self,
        name: str,
        kind: Kind = Kind.INTERNAL,
        attributes: Mapping[str, Value] = NO_ATTRIBUTES,
        parent: TraceContext | None = None,
        began_ns: int = 0,
    ) -> Span:
        """Return a span that has begun, now or at `began_ns`; it is kept once it is ended."""
        parent = parent or self.current
        return Span(name, kind, self.within(parent), parent, began_ns or self.now_ns(), dict(attributes))

    def within(self, parent: TraceContext | None) -> TraceContext:
        """Return the ids of one more span of a trace, of a new one where there is none."""
        if parent is None:
            return TraceContext(self._bits(128) or 1, self._bits(64) or 1)
        return TraceContext(parent.trace_id, self._bits(64) or 1, parent.is_sampled)

    def end(self, span: Span, ended_ns: int = 0) -> None:
        """Keep a span that is over, now or at `ended_ns`, unless who began its trace does not keep it."""
        if not span.context.is_sampled:
            return
        span.ended_ns = max(ended_ns or self.now_ns(), span.began_ns)
        with self._lock:
            if len(self._waiting) < self._spans_max:
                self._waiting.append(span)
            else:
                self.dropped += 1

    @contextmanager
    def span(
        self,
        name: str,
        kind: Kind = Kind.INTERNAL,
        attributes: Mapping[str, Value] = NO_ATTRIBUTES,
        parent: TraceContext | None = None,
    ) -> Iterator[Span]:
        """Time what is done within, and let it be what everything within is a part of."""
        span = self.begin(name, kind, attributes, parent)
        token = self._current.set(span)
        try:
            yield span
        except BaseException as error:
            span.failure = span.failure or failure_of(error)
            raise
        finally:
            self._current.reset(token)
            self.end(span)

    def note(self, name: str, value: Value) -> None:
        """Let the span that this happens in say one thing more."""
        span = self._current.get()
        if span is not None:
            span.attributes[name] = value

    def of_order(self, client_id: str) -> TraceContext | None:
        """Return the span that an order's life is a part of, None for an order that is not known."""
        return self.orders.context(client_id)

    def drop(self) -> None:
        """Count a span that is not made for want of room."""
        with self._lock:
            self.dropped += 1

    def take(self, count_max: int) -> list[Span]:
        """Return those that have waited longest; they wait no more."""
        with self._lock:
            waiting = self._waiting
            return [waiting.popleft() for _ in range(min(count_max, len(waiting)))]


def failure_of(error: BaseException) -> str:
    """Return what a span says of what was raised; what looks like a secret is hidden in it."""
    name, text = type(error).__name__, clean(str(error), FAILURE_MAX)
    return f"{name}: {text}" if text else name
