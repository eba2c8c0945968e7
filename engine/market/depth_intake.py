"""What happens around a book: whose it is, what came of a message, and when to ask for a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.clock import NS_PER_S, Clock
from engine.config import MarketSettings
from engine.market import reasons
from engine.market.book import APPLIED, LOST, WAITING, OrderBook, Outcome
from engine.market.counters import MarketCounters
from engine.market.line import Line
from engine.model.depth import DepthDelta, DepthSnapshot
from engine.model.instrument import Symbol

ASK_AGAIN_NS: Final = 5 * NS_PER_S
"""How long a book waits for its snapshot before it asks again."""


class DepthIntake:
    """Feeds books and keeps account of it; a book belongs to one source until that disconnects."""

    __slots__ = ("_asked_ns", "_clock", "_counters", "_settings", "resync_requested")

    def __init__(self, settings: MarketSettings, clock: Clock, counters: MarketCounters) -> None:
        self._settings = settings
        self._clock = clock
        self._counters = counters
        self._asked_ns: dict[Symbol, int] = {}
        self.resync_requested: Callable[[Symbol, str], None] | None = None

    def forget(self) -> None:
        """Forget what was asked for."""
        self._asked_ns.clear()

    def take(self, line: Line, message: DepthSnapshot | DepthDelta) -> Outcome | None:
        """Hand a message to its book; None when it was refused."""
        book, counters = line.book, self._counters
        if book.source != message.source and not self._begin(line, message.source):
            line.refuse(counters, message.source, reasons.OTHER_SOURCE)
            return None
        if isinstance(message, DepthDelta):
            outcome = book.apply_delta(message)
        else:
            self._asked_ns.pop(message.symbol, None)
            outcome = book.apply_snapshot(message)
        if outcome is APPLIED:
            self._note_applied(line)
        else:
            self._note_exception(line, message.source, outcome)
        return outcome

    def _begin(self, line: Line, source: str) -> bool:
        if line.book.source:
            return False
        settings = self._settings.filters_of(source)
        line.book.begin(source, checked=settings.sequence)
        if line.quote_quality is None:
            line.set_source(source, settings)
        return True

    def _note_applied(self, line: Line) -> None:
        state, book = line.state, line.book
        state.accepted += 1
        state.version += 1
        if book.best_bid >= book.best_ask and book.crossed:
            line.crossed += 1
            self._counters.noted["crossed_book"] += 1

    def _note_exception(self, line: Line, source: str, outcome: Outcome) -> None:
        if outcome is LOST:
            line.refuse(self._counters, source, reasons.SEQUENCE)
        else:
            line.state.accepted += 1
            line.state.version += 1
            self._counters.noted[f"depth_{outcome.name.lower()}"] += 1
        if not line.book.synced:
            self._ask(line.book)

    def _ask(self, book: OrderBook) -> None:
        now_ns = self._clock.now_ns()
        asked_ns = self._asked_ns.get(book.symbol)
        if asked_ns is not None and now_ns - asked_ns < ASK_AGAIN_NS:
            return
        self._asked_ns[book.symbol] = now_ns
        first_wait = asked_ns is None and book.status == WAITING
        if not first_wait and self.resync_requested is not None:
            self.resync_requested(book.symbol, book.status)
