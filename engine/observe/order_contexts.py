"""The ids of the spans of orders: which order is a part of what, known at once, its own ids made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from threading import Lock
from typing import Final

from engine.model.trace_context import TraceContext
from engine.observe.recent import Recent
from engine.ports.tracing import Span

ORDERS_MAX: Final = 20_000
"""How many orders are known by their client ids at most; the older half is forgotten then."""


class OrderContexts:
    """Every method may be called from any thread."""

    __slots__ = ("_contexts", "_correlations", "_current", "_firsts", "_lock", "_spans", "_within")

    def __init__(
        self,
        current: ContextVar[Span | None],
        within: Callable[[TraceContext | None], TraceContext],
        most: int = ORDERS_MAX,
    ) -> None:
        """Take the span that things happen in, and what makes the ids of one more span of a trace."""
        self._current = current
        self._within = within
        self._lock = Lock()
        self._correlations: Recent[str] = Recent(most)
        """What each order shares with others."""
        self._spans: Recent[TraceContext] = Recent(most)
        """What an order came within, if anything."""
        self._firsts: Recent[TraceContext] = Recent(most)
        """The first order of each correlation."""
        self._contexts: Recent[tuple[TraceContext | None, TraceContext]] = Recent(most)

    def know(self, client_id: str, correlation: str) -> None:
        """Note what an order is a part of: what happens now, else the first order of its correlation."""
        self._correlations.put(client_id, correlation)
        span = self._current.get()
        if span is not None:
            self._spans.put(client_id, span.context)

    def context(self, client_id: str) -> TraceContext | None:
        """Return the span that an order's life is a part of, None for an order that is not known."""
        return self.order(client_id)[1] if client_id in self._correlations else None

    def order(self, client_id: str) -> tuple[TraceContext | None, TraceContext]:
        """Return what an order is a part of, if anything, and its own span."""
        with self._lock:
            found = self._contexts.get(client_id)
            if found is None:
                found = self._first_asked(client_id)
                self._contexts.put(client_id, found)
            return found

    def _first_asked(self, client_id: str) -> tuple[TraceContext | None, TraceContext]:
        correlation = self._correlations.get(client_id) or ""
        parent = self._spans.get(client_id) or self._firsts.get(correlation)
        context = self._within(parent)
        if correlation and correlation not in self._firsts:
            self._firsts.put(correlation, context)
        return parent, context
