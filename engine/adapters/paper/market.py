"""What the paper broker reads of the market: quotes and books, never written by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from engine.model.depth import Level
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.model.trade import Side


class Book(Protocol):
    """The levels of one symbol; not to be traded against while it is not synced."""

    symbol: Symbol
    synced: bool
    best_bid: int
    best_ask: int

    def size_at(self, side: Side, price: int) -> int:
        """Return the size resting at a price, 0 where there is none."""

    def walk(self, side: Side) -> Iterator[Level]:
        """Go through all levels of a side, best first."""


class PaperMarket(Protocol):
    """Finds a symbol's quote and book, as the market room keeps them."""

    def state(self, symbol: Symbol) -> MarketState | None:
        """Return what is known of a symbol, None when it is not listed."""

    def book(self, symbol: Symbol) -> Book | None:
        """Return a symbol's order book, None when its source has no depth."""
