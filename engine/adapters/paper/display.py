"""What the market shows of one symbol, less what our own orders have already taken of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from engine.adapters.paper.market import Book, PaperMarket
from engine.model.depth import Level
from engine.model.market_state import MarketState
from engine.model.quote import NO_PRICE, UNPUBLISHED_SIZE
from engine.model.trade import Side

_BUY: Final = Side.BUY
_SELL: Final = Side.SELL

ENDLESS: Final = 1 << 62
"""The size of a touch whose source publishes none."""


class Display:
    """The synced book where there is one, else the touch.

    The recorded market does not know of us: it goes on showing what we took. What our orders took of a
    level is therefore remembered until the level shrinks below it or goes.
    """

    __slots__ = ("_market", "_taken", "state")

    def __init__(self, state: MarketState, market: PaperMarket) -> None:
        self.state = state
        self._market = market
        self._taken: dict[tuple[Side, int], int] = {}

    def offers(self, taker: Side, limit: int | None) -> Iterator[Level]:
        """Go through what `taker` can still take at `limit` or better, best first; None is any price."""
        side = _SELL if taker is _BUY else _BUY
        for price, size in self._levels(side):
            if limit is not None and taker * (limit - price) < 0:
                return
            left = size - self._taken.get((side, price), 0)
            if left > 0:
                yield price, left

    def touch_prices(self) -> tuple[int, int]:
        """Return the best bid and ask, 0 for a side without a price."""
        book = self._book()
        return (self.state.bid, self.state.ask) if book is None else (book.best_bid, book.best_ask)

    def take(self, taker: Side, price: int, quantity: int) -> None:
        """Remember that our order took this much of the other side's level."""
        key = (_SELL if taker is _BUY else _BUY, price)
        self._taken[key] = self._taken.get(key, 0) + quantity

    def size_at(self, side: Side, price: int) -> int | None:
        """Return the size shown at a price of a side; None where the source can't tell."""
        book = self._book()
        if book is None:
            return self._size_by_touch(side, price)
        size = book.size_at(side, price)
        return size if size or _within(book, side, price) else None

    def refresh(self) -> None:
        """Forget what we took of levels that are gone, and of what a level no longer shows."""
        if not self._taken:
            return
        for (side, price), taken in list(self._taken.items()):
            shown = self._shown(side, price)
            if shown == 0:
                del self._taken[side, price]
            elif taken > shown:
                self._taken[side, price] = shown

    def _book(self) -> Book | None:
        book = self._market.book(self.state.symbol)
        return book if book is not None and book.synced else None

    def _levels(self, side: Side) -> Iterable[Level]:
        book = self._book()
        if book is not None:
            return book.walk(side)
        price, size = self._touch(side)
        return ((price, size),) if price != NO_PRICE else ()

    def _touch(self, side: Side) -> Level:
        state = self.state
        price, size = (state.bid, state.bid_size) if side is _BUY else (state.ask, state.ask_size)
        return price, ENDLESS if size == UNPUBLISHED_SIZE else size

    def _shown(self, side: Side, price: int) -> int:
        book = self._book()
        if book is not None:
            return book.size_at(side, price)
        touch, size = self._touch(side)
        return size if touch == price else 0

    def _size_by_touch(self, side: Side, price: int) -> int | None:
        touch, size = self._touch(side)
        if size == ENDLESS or touch == NO_PRICE or side * (touch - price) > 0:
            return None
        return size if touch == price else 0


def _within(book: Book, side: Side, price: int) -> bool:
    """Whether the book reaches to a price: no level there then means that nothing rests there."""
    return any(side * (price - level) >= 0 for level, _ in book.walk(side))
