"""The orders that were just sent: the same one again so soon is a mistake."""

from __future__ import annotations

from collections import deque
from typing import Final

from engine.model.instrument import Symbol
from engine.model.order import OrderRequest

_KEPT: Final = 64

_Terms = tuple[int, int, str, int | None, int | None, int | None]


class RecentOrders:
    """The last orders of each symbol, newest first."""

    __slots__ = ("_by_symbol", "latest_ns")

    def __init__(self) -> None:
        self._by_symbol: dict[Symbol, deque[tuple[int, _Terms]]] = {}
        self.latest_ns = 0
        """When any order was sent last."""

    def note(self, request: OrderRequest, now_ns: int) -> None:
        """Remember an order that is being sent."""
        recent = self._by_symbol.get(request.symbol)
        if recent is None:
            recent = self._by_symbol[request.symbol] = deque(maxlen=_KEPT)
        self.latest_ns = now_ns
        recent.appendleft((now_ns, _terms(request)))

    def age_ns(self, request: OrderRequest, now_ns: int, window_ns: int) -> int | None:
        """Return how long ago the same order was sent, None when not within the window."""
        recent = self._by_symbol.get(request.symbol)
        if not recent or not 0 <= now_ns - recent[0][0] < window_ns:
            return None
        terms = _terms(request)
        for sent_ns, sent in recent:
            if not 0 <= now_ns - sent_ns < window_ns:
                return None
            if sent == terms:
                return now_ns - sent_ns
        return None


def _terms(request: OrderRequest) -> _Terms:
    return (request.side, request.quantity, request.type, request.limit, request.stop, request.trail)
