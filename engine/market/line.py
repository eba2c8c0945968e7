"""Everything the market room keeps of one symbol."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from engine.clock import NS_PER_S
from engine.config import FilterSettings
from engine.errors import InvalidValue
from engine.market import reasons
from engine.market.bars import SymbolBars
from engine.market.book import OrderBook
from engine.market.counters import MarketCounters
from engine.market.quote_quality import QuoteQuality
from engine.market.trade_quality import TradeQuality
from engine.market.trading_day import begin_day, widen_day
from engine.model.bar import Bar
from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument
from engine.model.market_state import MarketState
from engine.model.quote import NO_PRICE, Quote
from engine.model.trade import Trade
from engine.model.trading_day import day_end_ns

QuoteListener = Callable[[MarketState], None]

TAPE_MAX: Final = 256
QUOTES_LEAD_NS: Final = NS_PER_S
"""How long a quote stands before a newer book speaks for the touch: some venues quote only when they trade."""
DISTRUST_AFTER: Final = 3
"""Refusals in a row after which the quote that is kept is not believed either."""


class Line:
    """One symbol: its state, book, bars and tape, and the filters of each of its sources."""

    __slots__ = (
        "bar_ns",
        "bars",
        "book",
        "crossed",
        "day_end_ns",
        "first",
        "instrument",
        "quote_filters",
        "quote_listeners",
        "quote_quality",
        "quoted_ns",
        "recalled",
        "refused_in_a_row",
        "state",
        "tape",
        "trade_filters",
        "trade_quality",
    )

    def __init__(self, instrument: Instrument, book: OrderBook, bars: SymbolBars) -> None:
        self.instrument = instrument
        self.state = MarketState(instrument)
        self.book = book
        self.bars = bars
        self.tape: deque[Trade] = deque(maxlen=TAPE_MAX)
        self.quote_filters: dict[str, QuoteQuality] = {}
        self.trade_filters: dict[str, TradeQuality] = {}
        self.quote_listeners: tuple[QuoteListener, ...] = ()
        """Who is told of a changed quote; nobody, for most symbols at most times."""
        self.recalled = False
        """Whether it is known from before the start alone: no source and no order has counted in its units yet."""
        self.forget()

    def forget(self) -> None:
        """Forget what was received; the records stay the same objects, which others hold."""
        version = self.state.version
        MarketState.__init__(self.state, self.instrument)
        self.state.version = version + 1
        self.book.clear()
        self.bars.empty()
        self.tape.clear()
        self.quote_filters.clear()
        self.trade_filters.clear()
        self.quote_quality: QuoteQuality | None = None
        """The filters of the source that quoted last; None while only depth is received."""
        self.trade_quality: TradeQuality | None = None
        self.quoted_ns = 0
        """When a source last gave a quote of its own, not one taken from a book."""
        self.day_end_ns = 0
        self.bar_ns = 0
        """The length of the recorded bars that make up the day's volume; 0 until one comes."""
        self.first = NO_PRICE
        """The first price seen: a trade, a mid, or the close of a recorded bar."""
        self.refused_in_a_row = 0
        """Quotes refused one after the other for reasons that make the one kept doubtful."""
        self.crossed = 0
        """Crossed quotes and crossed states of the book."""

    def adopt(self, instrument: Instrument, rule: SequenceRule) -> None:
        """Hear of the instrument again, from a source this time."""
        if self.recalled and instrument != self.instrument:
            self.instrument = instrument
            OrderBook.__init__(self.book, instrument, rule)
            self.forget()
        self.recalled = False
        here = self.instrument
        if (instrument.price_unit, instrument.size_unit) != (here.price_unit, here.size_unit):
            raise InvalidValue(
                f"{here.symbol} is kept in steps of {here.price_unit} x {here.size_unit}, and is listed now in "
                f"steps of {instrument.price_unit} x {instrument.size_unit}"
            )
        if (instrument.currency, instrument.multiplier) != (here.currency, here.multiplier):
            raise InvalidValue(
                f"{here.symbol} is kept in {here.multiplier} x {here.currency}, and is listed now in "
                f"{instrument.multiplier} x {instrument.currency}"
            )
        if not self.book.source:
            self.book.rule = rule

    def set_source(self, source: str, settings: FilterSettings) -> None:
        """Note whom the quote comes from, and how old it may be by that source's settings."""
        self.state.source = source
        self.state.quote_age_max_ns = int(settings.stale_after_s * NS_PER_S)

    def disconnect(self, source: str, reason: str) -> None:
        """Distrust what a source said, and judge its next message as its first."""
        self.quote_filters.pop(source, None)
        self.trade_filters.pop(source, None)
        if self.trade_quality is not None and self.trade_quality.source == source:
            self.trade_quality = None
        if self.quote_quality is not None and self.quote_quality.source == source:
            self.quote_quality = None
        if self.book.source == source:
            self.book.lose(reason)
            self.book.source = ""
        if self.state.source == source:
            self.state.distrust_reason = reason
        self.state.version += 1

    def refuse(self, counters: MarketCounters, source: str, reason: str) -> None:
        """Count a message that was refused."""
        counters.refuse(source, reason)
        self.state.refused += 1
        self.state.version += 1

    def refuse_quote(self, counters: MarketCounters, source: str, reason: str) -> None:
        """Count a refused quote; several in a row make the one that is kept doubtful."""
        self.refuse(counters, source, reason)
        if reason == reasons.CROSSED:
            self.crossed += 1
        if reason in reasons.DISTRUSTING:
            self.refused_in_a_row += 1
            if self.refused_in_a_row >= DISTRUST_AFTER:
                self.state.distrust_reason = f"{reason} {self.refused_in_a_row} times in a row"

    def take_quote(self, quote: Quote, quality: QuoteQuality) -> str:
        """Write a quote that is good; return why it is refused, or nothing."""
        bid, ask, sequence = quote.bid, quote.ask, quote.sequence
        bid_size, ask_size = quote.bid_size, quote.ask_size
        event_ns, receive_ns = quote.event_ns, quote.receive_ns
        band, clock, lag_ns = quality.band, quality.clock, receive_ns - event_ns
        if (
            bid >= ask
            or (sequence and sequence <= quality.sequence)
            or event_ns < quality.event_ns
            or lag_ns > clock.late_ns
            or lag_ns < clock.floor_ns
            or bid_size < 1
            or ask_size < 1
            or bid_size + ask_size > quality.size_max
            or bid < band.low
            or ask > band.high
        ) and (reason := quality.objection(quote)):
            return reason
        quality.sequence = sequence
        quality.event_ns = event_ns
        band.countdown -= 1
        if not band.countdown:
            band.learn(bid, ask)
        state, at_ns = self.state, event_ns or receive_ns
        if at_ns >= self.day_end_ns:
            self.roll_day(at_ns)
        state.bid, state.ask = bid, ask
        state.bid_size, state.ask_size = bid_size, ask_size
        state.quote_event_ns = event_ns
        state.quote_receive_ns = self.quoted_ns = receive_ns
        state.event_ns = at_ns
        state.accepted += 1
        state.version += 1
        if self.refused_in_a_row or state.distrust_reason:
            self.refused_in_a_row = 0
            state.distrust_reason = ""
        if not self.bars.of_trades and bid and ask:
            mid, shortest = (bid + ask) // 2, self.bars.shortest
            if mid != shortest.close or at_ns >= shortest.end_ns or mid > state.day_high:
                self.take_mid(at_ns, mid)
        return ""

    def take_mid(self, at_ns: int, mid: int) -> None:
        """Let the middle of the quote make bars and the day, as long as there are no trades."""
        state = self.state
        if mid > state.day_high or mid < state.day_low:
            self.first = self.first or mid
            widen_day(state, mid)
        shortest = self.bars.shortest
        if at_ns >= shortest.end_ns:
            self.bars.add_mid(at_ns, mid)
        elif mid != shortest.close:
            shortest.touch(mid)

    def take_depth(self) -> bool:
        """Let the book's top be the quote where no quotes come or they fell silent; say whether it changed."""
        book, state, quoted = self.book, self.state, self.quote_quality is not None
        if quoted and book.receive_ns - self.quoted_ns < QUOTES_LEAD_NS:
            return False
        if book.synced and not book.crossed:
            return self._take_top()
        if quoted:
            return False
        reason = "the book is crossed" if book.synced else book.status
        changed = state.distrust_reason != reason
        state.distrust_reason = reason
        return changed

    def _take_top(self) -> bool:
        state, book = self.state, self.book
        bid, ask = book.best_bid, book.best_ask
        bid_size, ask_size = book.bids.get(bid, 0), book.asks.get(ask, 0)
        at_ns = book.event_ns or book.receive_ns
        if at_ns >= self.day_end_ns:
            self.roll_day(at_ns)
        state.quote_event_ns = book.event_ns
        state.quote_receive_ns = book.receive_ns
        state.event_ns = at_ns
        same_prices = bid == state.bid and ask == state.ask
        if (
            same_prices
            and bid_size == state.bid_size
            and ask_size == state.ask_size
            and not state.distrust_reason
        ):
            return False
        state.bid, state.ask, state.bid_size, state.ask_size = bid, ask, bid_size, ask_size
        state.distrust_reason = ""
        if not self.bars.of_trades and bid and ask:
            self.take_mid(at_ns, (bid + ask) // 2)
        return True

    def take_trade(self, trade: Trade) -> None:
        """Write a print that was let in."""
        state, price, size = self.state, trade.price, trade.size
        at_ns = trade.event_ns or trade.receive_ns
        if at_ns >= self.day_end_ns:
            self.roll_day(at_ns)
        if not self.bars.of_trades:
            self._begin_trades(price)
        state.day_volume += size
        state.day_turnover += price * size
        state.accepted += 1
        state.version += 1
        state.event_ns = at_ns
        if trade.sets_last:
            state.last, state.last_size, state.last_trade_ns = price, size, at_ns
            state.last_side = trade.aggressor or 0
            if not state.day_low <= price <= state.day_high:
                widen_day(state, price)
        self.tape.append(trade)
        self.bars.add_trade(at_ns, price, size, sets_last=trade.sets_last)

    def take_bar(self, bar: Bar) -> None:
        """Let a recorded bar stand for what it sums up, where nothing finer is received."""
        state, at_ns = self.state, bar.start_ns + bar.interval_ns
        state.version += 1
        if self.trade_quality is not None or state.has_quote:
            return
        self.bar_ns = min(self.bar_ns or bar.interval_ns, bar.interval_ns)
        self.first = self.first or bar.open
        if bar.start_ns >= self.day_end_ns:
            self.roll_day(bar.start_ns)
        for price in (bar.open, bar.high, bar.low):
            widen_day(state, price)
        if bar.interval_ns == self.bar_ns:
            state.last, state.last_trade_ns, state.event_ns = bar.close, at_ns, at_ns
            state.day_volume += bar.volume
            state.day_turnover += bar.turnover

    def roll_day(self, at_ns: int) -> None:
        """Begin the trading day that holds `at_ns`."""
        if self.day_end_ns:
            begin_day(self.state)
        self.day_end_ns = day_end_ns(self.instrument.calendar, at_ns)

    def _begin_trades(self, price: int) -> None:
        self.first = price
        state = self.state
        state.day_open = state.day_high = state.day_low = NO_PRICE
