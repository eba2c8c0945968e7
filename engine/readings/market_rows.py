"""The rows of what is believed of the market: quotes by their trust, books by their sync."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import EngineError
from engine.market.book import OrderBook
from engine.messages.remedies import Remedy
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.observe.health import Reading
from engine.rooms import Rooms

NAMED_MAX = 3
"""Symbols that a row names; of more it says how many."""


class MarketRows:
    """Asks the market what of it can be believed, and why not."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def register(self) -> None:
        """Put the rows on the board."""
        board = self._rooms.health
        board.register(
            "trust", "source trust", self._trust, needs=("venue", "sources", "feed", "venue_clock")
        )
        board.register(
            "books", "books", self._books, needs=("venue", "feed"), remedies={Remedy.RESYNC: self._resync}
        )

    def _trust(self) -> Reading:
        """Say of which symbols the quote is not believed; those that are only old, the quotes' age tells."""
        watching = self._rooms.watching
        dropped = watching.view.dropped if watching is not None else frozenset()
        states = [s for s in self._rooms.market.states.values() if s.source and s.symbol not in dropped]
        if not states:
            return Reading(HealthState.OFF, "none yet", "no source has spoken yet")
        doubted = [state for state in states if _why(state)]
        sources = len({state.source for state in states})
        if not doubted:
            plural = "s" if sources > 1 else ""
            return Reading(HealthState.OK, f"all {len(states):,}", f"from {sources:,} source{plural}")
        named = "; ".join(f"{state.symbol}: {_why(state)}" for state in doubted[:NAMED_MAX])
        more = f" and {len(doubted) - NAMED_MAX:,} more" if len(doubted) > NAMED_MAX else ""
        value = f"{len(doubted):,} of {len(states):,} not"
        return Reading(HealthState.DEGRADED, value, f"{named}{more}", len(doubted))

    def _books(self) -> Reading:
        books = [book for book in self._rooms.market.books.values() if book.source]
        if not books:
            return Reading(HealthState.OFF, "none", "no source has sent a book")
        lost = [book for book in books if not book.synced]
        resyncs = sum(book.resyncs for book in books)
        if not lost:
            return Reading(HealthState.OK, f"{len(books):,} in sync", f"re-synced {resyncs:,} times", resyncs)
        named = "; ".join(f"{book.symbol}: {book.status}" for book in lost[:NAMED_MAX])
        value = f"{len(lost):,} of {len(books):,} lost"
        state = HealthState.DOWN if len(lost) == len(books) else HealthState.DEGRADED
        return Reading(state, value, named, resyncs)

    def _resync(self, symbol: Symbol | None) -> str:
        """Ask for the snapshot of a book, or of all that are lost."""
        books = self._rooms.market.books
        wanted = (
            [symbol] if symbol is not None else [book.symbol for book in books.values() if _is_lost(book)]
        )
        if not wanted:
            raise EngineError("no book is lost, so none is asked for")
        asked = list(self._asked(wanted))
        if not asked:
            raise EngineError(f"nobody can be asked for the book of {', '.join(wanted[:NAMED_MAX])}")
        more = f" and {len(asked) - NAMED_MAX:,} more" if len(asked) > NAMED_MAX else ""
        return f"asked for a fresh book of {', '.join(asked[:NAMED_MAX])}{more}"

    def _asked(self, symbols: list[Symbol]) -> Iterator[Symbol]:
        """Ask for each, and yield those that somebody could be asked for."""
        rooms, reason = self._rooms, "a person asked for it"
        for symbol in symbols:
            ask = rooms.market.resync_requested
            if rooms.failover is not None:
                if rooms.failover.resync(symbol, reason):
                    yield symbol
            elif ask is not None and symbol in rooms.market.books:
                ask(symbol, reason)
                yield symbol


def _is_lost(book: OrderBook) -> bool:
    return bool(book.source) and not book.synced


def _why(state: MarketState) -> str:
    """Return why a quote is not believed; empty where it is."""
    return state.distrust_reason or state.doubt
