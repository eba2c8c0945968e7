"""The market room's front door: every message comes in here, and what is believed is written in place."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from engine.clock import Clock
from engine.config import MarketSettings
from engine.market import reasons
from engine.market.bars import INTERVALS_NS, BarStore
from engine.market.book import APPLIED, LOST, OrderBook
from engine.market.counters import MarketCounters
from engine.market.depth_intake import DepthIntake
from engine.market.line import Line, QuoteListener
from engine.market.recall import last_known, recall
from engine.market.sources import Sources
from engine.market.summary import summarise
from engine.model.bar import RecordedBar
from engine.model.depth import DepthDelta, DepthSnapshot, SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.last_known import LastKnown
from engine.model.market_state import MarketState
from engine.model.market_status import StatusChange
from engine.model.quote import Quote
from engine.model.trade import Trade

TradeListener = Callable[[MarketState, Trade], None]
BookListener = Callable[[OrderBook], None]


class Market:
    """Filters, books, bars and per-symbol state; implements `ports.MarketSink` on the engine's thread."""

    def __init__(
        self, settings: MarketSettings, clock: Clock, bar_intervals_ns: tuple[int, ...] = INTERVALS_NS
    ) -> None:
        self.states: dict[Symbol, MarketState] = {}
        self.instruments: dict[Symbol, Instrument] = {}
        """What is listed, in the terms that count."""
        self.books: dict[Symbol, OrderBook] = {}
        self.tape: dict[Symbol, deque[Trade]] = {}
        """Recent prints, newest last."""
        self.bars = BarStore(bar_intervals_ns)
        self.counters = MarketCounters()
        self.dirty: set[Symbol] = set()
        """What changed since whoever draws last emptied it."""
        self.quote_listeners: tuple[QuoteListener, ...] = ()
        """Those of every symbol; a line has these and its own."""
        self.trade_listeners: tuple[TradeListener, ...] = ()
        self.book_listeners: tuple[BookListener, ...] = ()
        self.status_listeners: tuple[QuoteListener, ...] = ()
        self._lines: dict[Symbol, Line] = {}
        self._sources = Sources(settings, self.counters.noted)
        self._depth = DepthIntake(settings, clock, self.counters)

    @property
    def resync_requested(self) -> Callable[[Symbol, str], None] | None:
        """What is called with the symbol and the reason when a book needs a fresh snapshot."""
        return self._depth.resync_requested

    @resync_requested.setter
    def resync_requested(self, callback: Callable[[Symbol, str], None] | None) -> None:
        self._depth.resync_requested = callback

    def listen(
        self,
        *,
        on_quote: QuoteListener | None = None,
        on_trade: TradeListener | None = None,
        on_book: BookListener | None = None,
        on_status: QuoteListener | None = None,
    ) -> None:
        """Call these after a quote, a trade, a book or a session has changed; first added, first called."""
        if on_quote:
            self.quote_listeners += (on_quote,)
            for symbol in self._lines:
                self.listen_to(symbol, on_quote)
        self.trade_listeners += (on_trade,) if on_trade else ()
        self.book_listeners += (on_book,) if on_book else ()
        self.status_listeners += (on_status,) if on_status else ()

    def listen_to(self, symbol: Symbol, on_quote: QuoteListener) -> None:
        """Call this after the quote of one listed symbol has changed."""
        self._lines[symbol].quote_listeners += (on_quote,)

    def on_listed(self, instrument: Instrument, sequence_rule: SequenceRule = SequenceRule.NONE) -> None:
        """Keep a state, a book and bars for an instrument; a known one is left as it is.

        One that the journal named has no source yet: how its book is numbered is learned when there is.

        Raises:
            InvalidValue: it is known in other units, in which its positions and orders are counted.
        """
        symbol = instrument.symbol
        if (known := self._lines.get(symbol)) is not None:
            known.adopt(instrument, sequence_rule)
            self.instruments[symbol] = known.instrument
            return
        line = Line(instrument, OrderBook(instrument, sequence_rule), self.bars.of(symbol))
        line.quote_listeners = self.quote_listeners
        self._lines[symbol] = line
        self.states[symbol] = line.state
        self.instruments[symbol] = instrument
        self.books[symbol] = line.book
        self.tape[symbol] = line.tape
        self.dirty.add(symbol)

    def recall(self, known: LastKnown) -> None:
        """List an instrument with what was known of it before the start, unless a source has spoken of it already.

        Raises:
            InvalidValue: it is known in other units.
        """
        symbol = known.instrument.symbol
        is_new = symbol not in self._lines
        self.on_listed(known.instrument, known.rule)
        line = self._lines[symbol]
        line.recalled = is_new
        if not line.state.source:
            recall(line, known)
            self.dirty.add(symbol)

    def last_known(self, symbol: Symbol) -> LastKnown:
        """Return what is worth remembering of a listed symbol."""
        return last_known(self._lines[symbol])

    def doubt(self, symbol: Symbol, reason: str) -> None:
        """Distrust a symbol's price because another source says otherwise; an empty reason ends that."""
        state = self.states[symbol]
        if state.doubt != reason:
            state.doubt = reason
            state.version += 1
            self.dirty.add(symbol)

    def lose_book(self, symbol: Symbol, reason: str) -> None:
        """Have a book not traded against until it comes as a whole again."""
        self.books[symbol].lose(reason)
        self.dirty.add(symbol)

    def on_quote(self, quote: Quote) -> None:
        """Judge a top of book, write it into the state and tell the listeners."""
        self.counters.quotes += 1
        symbol = quote.symbol
        try:
            line = self._lines[symbol]
        except KeyError:
            self.counters.refuse(quote.source, reasons.UNLISTED)
            return
        quality = line.quote_quality
        if quality is None or quality.source != quote.source:
            quality = self._sources.switch_quotes(line, quote.source)
        reason = line.take_quote(quote, quality)
        self.dirty.add(symbol)
        if reason:
            line.refuse_quote(self.counters, quote.source, reason)
            return
        for listener in line.quote_listeners:
            listener(line.state)

    def on_trade(self, trade: Trade) -> None:
        """Judge a print, write it into state, tape and bars, and tell the listeners."""
        self.counters.trades += 1
        line = self._lines.get(trade.symbol)
        if line is None:
            self.counters.refuse(trade.source, reasons.UNLISTED)
            return
        quality = line.trade_quality
        if quality is None or quality.source != trade.source:
            quality = self._sources.switch_trades(line, trade.source)
        reason = quality.refusal(trade)
        if reason:
            line.refuse(self.counters, trade.source, reason)
            self.dirty.add(trade.symbol)
            return
        line.take_trade(trade)
        self.dirty.add(trade.symbol)
        for listener in self.trade_listeners:
            listener(line.state, trade)

    def on_snapshot(self, snapshot: DepthSnapshot) -> None:
        """Replace a book."""
        self.counters.snapshots += 1
        self._on_depth(snapshot)

    def on_delta(self, delta: DepthDelta) -> None:
        """Change a book."""
        self.counters.deltas += 1
        self._on_depth(delta)

    def on_bar(self, recorded: RecordedBar) -> None:
        """Put a bar that a source made into history."""
        self.counters.bars += 1
        bar = recorded.bar
        line = self._lines.get(bar.symbol)
        if line is None:
            self.counters.refuse(recorded.source, reasons.UNLISTED)
            return
        series = self.bars.series(bar.symbol, bar.interval_ns)
        made = series.made
        if not self.bars.record(recorded):
            line.refuse(self.counters, recorded.source, reasons.OUT_OF_ORDER)
            return
        line.state.accepted += 1
        if series.made > made:
            line.take_bar(bar)
        self.dirty.add(bar.symbol)

    def on_late_bars(self, symbol: Symbol, bars: Sequence[RecordedBar]) -> None:
        """Fill in history that came after the market itself."""
        self.counters.bars += len(bars)
        if (line := self._lines.get(symbol)) is None:
            return
        self.bars.fill(symbol, bars)
        line.state.accepted += len(bars)
        line.state.version += 1
        self.dirty.add(symbol)

    def on_status(self, change: StatusChange) -> None:
        """Write a symbol's session and why."""
        self.counters.statuses += 1
        line = self._lines.get(change.symbol)
        if line is None:
            self.counters.refuse(change.source, reasons.UNLISTED)
            return
        state = line.state
        state.session = change.session
        state.session_reason = change.reason
        state.accepted += 1
        state.version += 1
        self.dirty.add(change.symbol)
        for listener in self.status_listeners:
            listener(state)

    def on_malformed(self, source: str, reason: str, detail: str, symbol: Symbol | None = None) -> None:  # noqa: ARG002
        """Count input that could not be read; its text is for the log of whoever read it."""
        self.counters.note_malformed(source, reason)
        line = self._lines.get(symbol) if symbol is not None else None
        if line is not None:
            line.state.refused += 1
            line.state.version += 1
            self.dirty.add(line.state.symbol)

    def on_disconnected(self, source: str, symbols: tuple[Symbol, ...], reason: str) -> None:
        """Distrust what a source said of these symbols until it speaks again."""
        self._sources.disconnect(source)
        for symbol in symbols:
            line = self._lines.get(symbol)
            if line is not None:
                line.disconnect(source, f"{source} is not connected: {reason}")
                self.dirty.add(symbol)

    def on_distrusted(self, source: str, symbol: Symbol, reason: str) -> None:
        """Distrust what a source said of one symbol until it speaks of it again."""
        line = self._lines.get(symbol)
        if line is not None and line.state.source == source:
            line.state.distrust_reason = reason
            line.state.version += 1
            self.dirty.add(symbol)

    def reset(self) -> None:
        """Forget everything received, for a replay that jumps back; what is listed stays listed."""
        self.counters.reset()
        self._sources.forget()
        self._depth.forget()
        for line in self._lines.values():
            line.forget()
        self.dirty.update(self._lines)

    def forget(self, symbol: Symbol) -> None:
        """Forget what was received of one symbol, which is not followed any more; it stays listed for who counts in it."""
        if (line := self._lines.get(symbol)) is not None:
            line.forget()
            self.dirty.add(symbol)

    def summary(self) -> dict[str, object]:
        """Return what came in and where every symbol stands, with plain numbers, for JSON."""
        return summarise(self.counters, self._lines.values())

    def _on_depth(self, message: DepthSnapshot | DepthDelta) -> None:
        line = self._lines.get(message.symbol)
        if line is None:
            self.counters.refuse(message.source, reasons.UNLISTED)
            return
        outcome = self._depth.take(line, message)
        if outcome is not APPLIED and outcome is not LOST:
            return
        top_changed = line.take_depth()
        self.dirty.add(message.symbol)
        for listener in self.book_listeners:
            listener(line.book)
        if top_changed:
            for on_quote in line.quote_listeners:
                on_quote(line.state)
