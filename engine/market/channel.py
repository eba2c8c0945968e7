"""One of several sources of the same symbols: judged in a room of its own, and passed on while it is the one shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engine.clock import NS_PER_S, Clock
from engine.config import MarketSettings
from engine.market.bars import MINUTE_NS
from engine.market.book import OrderBook
from engine.market.market import Market
from engine.market.translation import Translation
from engine.model.bar import RecordedBar
from engine.model.depth import DepthDelta, DepthSnapshot, SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import MarketState, Trust
from engine.model.market_status import StatusChange
from engine.model.quote import Quote
from engine.model.trade import Side, Trade

BOOK_LOST_NS: Final = 3 * NS_PER_S
"""How long a book may be without its venue's snapshot before its source counts as broken."""
_LEVELS_MAX: Final = 1 << 20


class Channel:
    """A source's own sink. The first in rank speaks in the desk's units; what the others say is translated."""

    def __init__(
        self,
        name: str,
        desk: Market,
        settings: MarketSettings,
        clock: Clock,
        names: Mapping[Symbol, Symbol] | None = None,
    ) -> None:
        """Take what the source calls each symbol, and what the desk calls it; none for the first in rank."""
        self.name = name
        self.scout = Market(settings, clock, (MINUTE_NS,))
        """The market as this source alone tells it."""
        self.shown: set[Symbol] = set()
        """The desk's symbols that it speaks for."""
        self.paused = False
        """Whether a person wants it heard no more."""
        self._desk = desk
        self._clock = clock
        self._names = None if names is None else dict(names)
        self._theirs = {ours: theirs for theirs, ours in (names or {}).items()}
        self._translations: dict[Symbol, Translation] = {}
        """Of those that it speaks for, unless in the desk's own units."""
        self._whole: set[Symbol] = set()
        """Those whose book the desk has had as a whole."""
        self._after_ns: dict[Symbol, int] = {}
        """Prints up to then were told by whoever spoke before."""
        self._lost_ns: dict[Symbol, int] = {}
        """Since when, by steady time, each book has been lost."""

    # What the source calls

    def on_listed(self, instrument: Instrument, sequence_rule: SequenceRule = SequenceRule.NONE) -> None:
        """A source will speak of this instrument."""
        if self._names is None:
            self._desk.on_listed(instrument, sequence_rule)
        self.scout.on_listed(instrument, sequence_rule)

    def on_quote(self, quote: Quote) -> None:
        """A top of book."""
        self.scout.on_quote(quote)
        if self._speaks_of(quote.symbol):
            self._desk.on_quote(self._quote(quote))

    def on_trade(self, trade: Trade) -> None:
        """A print."""
        self.scout.on_trade(trade)
        if self._speaks_of(trade.symbol):
            self._pass_trade(trade)

    def on_snapshot(self, snapshot: DepthSnapshot) -> None:
        """A whole book."""
        self.scout.on_snapshot(snapshot)
        if self._speaks_of(snapshot.symbol):
            if self._names is None:
                self._desk.on_snapshot(snapshot)
            else:
                self._pass_whole(snapshot.symbol)

    def on_delta(self, delta: DepthDelta) -> None:
        """Changes to a book."""
        self.scout.on_delta(delta)
        symbol = delta.symbol
        if not self._speaks_of(symbol):
            return
        if self._names is None:
            self._desk.on_delta(delta)
        elif symbol not in self._whole or not self.scout.books[symbol].synced:
            self._pass_whole(symbol)
        else:
            self._desk.on_delta(self._translations[symbol].delta(delta))

    def on_bar(self, recorded: RecordedBar) -> None:
        """A bar made by the source; the desk's history is the first one's."""
        self.scout.on_bar(recorded)
        if self._names is None:
            self._desk.on_bar(recorded)

    def on_late_bars(self, symbol: Symbol, bars: Sequence[RecordedBar]) -> None:
        """History that came late."""
        self.scout.on_late_bars(symbol, bars)
        if self._names is None:
            self._desk.on_late_bars(symbol, bars)

    def on_status(self, change: StatusChange) -> None:
        """A halt, a resumption, a session's edge."""
        self.scout.on_status(change)
        if self._speaks_of(change.symbol):
            self._pass_status(change.symbol)

    def on_malformed(self, source: str, reason: str, detail: str, symbol: Symbol | None = None) -> None:
        """Input that could not be read."""
        self._desk.on_malformed(source, reason, detail, None if symbol is None else self._ours(symbol))

    def on_disconnected(self, source: str, symbols: tuple[Symbol, ...], reason: str) -> None:
        """A source went away."""
        self.scout.on_disconnected(source, symbols, reason)
        self._whole.difference_update(symbols)
        lost = tuple(self._ours(symbol) for symbol in symbols if self._speaks_of(symbol))
        self._desk.on_disconnected(source, lost, reason)

    def on_distrusted(self, source: str, symbol: Symbol, reason: str) -> None:
        """A source does not believe itself."""
        self.scout.on_distrusted(source, symbol, reason)
        if self._speaks_of(symbol):
            self._desk.on_distrusted(source, self._ours(symbol), reason)

    # What the failover asks

    def call(self, theirs: Symbol, ours: Symbol) -> None:
        """Hear what the source calls one more symbol of the desk's."""
        assert self._names is not None
        self._names[theirs], self._theirs[ours] = ours, theirs

    def drop(self, ours: Symbol) -> Symbol | None:
        """Speak of a symbol no more and forget it; return what the source calls it, None where it was not asked for it."""
        theirs = self._theirs.pop(ours, None) if self._names is not None else ours
        self.shown.discard(ours)
        if theirs is not None:
            self.scout.forget(theirs)
            self._whole.discard(theirs)
            self._translations.pop(theirs, None)
            self._after_ns.pop(theirs, None)
            self._lost_ns.pop(theirs, None)
            if self._names is not None:
                del self._names[theirs]
        return theirs

    def resync(self, ours: Symbol, reason: str) -> bool:
        """Ask the source for a fresh snapshot of a book; tell whether it has that book."""
        theirs = self._theirs.get(ours, ours)
        ask = self.scout.resync_requested
        if theirs not in self.scout.books or ask is None:
            return False
        ask(theirs, reason)
        return True

    def state(self, ours: Symbol) -> MarketState | None:
        """Return what this source alone tells of one of the desk's symbols; None while it does not know it."""
        return self.scout.states.get(self._theirs.get(ours, ours))

    def trouble(self, ours: Symbol) -> str:
        """Return why it should not speak for a symbol now; empty while it is well."""
        if self.paused:
            return "is paused"
        state = self.state(ours)
        if state is None:
            return "does not list it"
        now_ns = self._clock.now_ns()
        trust = state.trust(now_ns)
        if trust is Trust.NONE:
            return "has no quote of it"
        if trust is Trust.DISTRUSTED:
            return state.distrust_reason
        if trust is Trust.STALE:
            return f"has been silent for {state.age_ns(now_ns) // NS_PER_S} s"
        return self._book_trouble(self.scout.books[state.symbol])

    def show(self, ours: Symbol, last_print_ns: int) -> None:
        """Speak for a symbol from now on, and tell all that is known of it; prints up to then were told already."""
        symbol = self._theirs.get(ours, ours)
        state, rule, instrument = (
            self.scout.states[symbol],
            self.scout.books[symbol].rule,
            self._desk.states[ours].instrument,
        )
        if self._names is not None:
            self._translations[symbol] = Translation(state.instrument, instrument)
            rule = SequenceRule.NONE
        self.shown.add(ours)
        self._desk.on_listed(instrument, rule)
        self._after_ns[symbol] = last_print_ns
        self._pass_status(symbol)
        for trade in list(self.scout.tape[symbol]):
            self._pass_trade(trade)
        self._pass_whole(symbol)
        self._desk.on_quote(self._quote(_quote_of(state, self.name)))

    def hide(self, ours: Symbol, why: str) -> None:
        """Speak for a symbol no more."""
        self.shown.discard(ours)
        self._whole.discard(self._theirs.get(ours, ours))
        self._desk.on_disconnected(self.name, (ours,), why)

    def _ours(self, symbol: Symbol) -> Symbol:
        return symbol if self._names is None else self._names.get(symbol, symbol)

    def _speaks_of(self, symbol: Symbol) -> bool:
        return self._ours(symbol) in self.shown

    def _quote(self, quote: Quote) -> Quote:
        translation = self._translations.get(quote.symbol)
        return quote if translation is None else translation.quote(quote)

    def _pass_trade(self, trade: Trade) -> None:
        if 0 < trade.event_ns <= self._after_ns.get(trade.symbol, 0):
            return
        translation = self._translations.get(trade.symbol)
        self._desk.on_trade(trade if translation is None else translation.trade(trade))

    def _pass_status(self, symbol: Symbol) -> None:
        state = self.scout.states[symbol]
        self._desk.on_status(
            StatusChange(
                symbol=self._ours(symbol),
                source=self.name,
                session=state.session,
                reason=state.session_reason,
                event_ns=0,
                receive_ns=self._clock.now_ns(),
            )
        )

    def _pass_whole(self, symbol: Symbol) -> None:
        """Tell the desk a whole book, or that there is none."""
        book, translation = self.scout.books[symbol], self._translations.get(symbol)
        self._whole.discard(symbol)
        if not book.source:
            return
        if not book.synced:
            self._desk.lose_book(self._ours(symbol), book.status)
        elif translation is not None and not translation.is_exact:
            self._desk.lose_book(translation.ours.symbol, f"{self.name} counts in other steps")
        else:
            whole = _snapshot_of(book)
            self._desk.on_snapshot(whole if translation is None else translation.snapshot(whole))
            self._whole.add(symbol)

    def _book_trouble(self, book: OrderBook) -> str:
        if not book.source or book.synced:
            self._lost_ns.pop(book.symbol, None)
            return ""
        now_ns = self._clock.monotonic_ns()
        return book.status if now_ns - self._lost_ns.setdefault(book.symbol, now_ns) > BOOK_LOST_NS else ""


def _quote_of(state: MarketState, source: str) -> Quote:
    return Quote(
        state.symbol,
        source,
        state.bid,
        state.ask,
        state.bid_size,
        state.ask_size,
        state.quote_event_ns,
        state.quote_receive_ns,
    )


def _snapshot_of(book: OrderBook) -> DepthSnapshot:
    return DepthSnapshot(
        symbol=book.symbol,
        source=book.source,
        bids=book.levels(Side.BUY, _LEVELS_MAX),
        asks=book.levels(Side.SELL, _LEVELS_MAX),
        last_id=book.last_id,
        event_ns=book.event_ns,
        receive_ns=book.receive_ns,
        depth_max=book.depth_max,
    )
