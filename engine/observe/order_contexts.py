"""The ids of the spans of orders: which order is a part of what, known at once, its own ids made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from threading import Lock
from typing import Final

from engine.model.trace_context import TraceContext
from engine.ports.tracing import Span

ORDERS_MAX: Final = 20_000
"""How many orders are known by their client ids; the oldest are forgotten."""


class OrderContexts:
    """Every method may be called from any thread."""

    __slots__ = ("_contexts", "_current", "_firsts", "_lock", "_most", "_parents", "_within")

    def __init__(
        self,
        current: ContextVar[Span | None],
        within: Callable[[TraceContext | None], TraceContext],
        most: int = ORDERS_MAX,
    ) -> None:
        """Take the span that things happen in, and what makes the ids of one more span of a trace."""
        self._current = current
        self._within = within
        self._most = most
        self._lock = Lock()
        self._parents: dict[str, tuple[TraceContext | None, str]] = {}
        """What each order came with: a span, and the correlation it shares with others."""
        self._firsts: dict[str, TraceContext] = {}
        """The first order of each correlation."""
        self._contexts: dict[str, tuple[TraceContext | None, TraceContext]] = {}

    def know(self, client_id: str, correlation: str) -> None:
        """Note what an order is a part of: what happens now, else the first order of its correlation."""
        parents, span = self._parents, self._current.get()
        if len(parents) >= self._most:
            del parents[next(iter(parents))]
        parents[client_id] = (None if span is None else span.context, correlation)

    def context(self, client_id: str) -> TraceContext | None:
        """Return the span that an order's life is a part of, None for an order that is not known."""
        return self.order(client_id)[1] if client_id in self._parents else None

    def order(self, client_id: str) -> tuple[TraceContext | None, TraceContext]:
        """Return what an order is a part of, if anything, and its own span."""
        with self._lock:
            found = self._contexts.get(client_id)
            if found is None:
                found = self._contexts[client_id] = self._first_asked(client_id)
                if len(self._contexts) > self._most:
                    del self._contexts[next(iter(self._contexts))]
            return found

    def _first_asked(self, client_id: str) -> tuple[TraceContext | None, TraceContext]:
        parent, correlation = self._parents.get(client_id, (None, ""))
        parent = parent or self._firsts.get(correlation)
        context = self._within(parent)
        if correlation and correlation not in self._firsts:
            self._firsts[correlation] = context
            if len(self._firsts) > self._most:
                del self._firsts[next(iter(self._firsts))]
        return parent, context
