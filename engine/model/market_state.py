"""What is known of one symbol right now: one record, written in place by the market room."""

from __future__ import annotations

from typing import Final

from engine.model.instrument import Instrument, Symbol
from engine.model.market_status import Session
from engine.model.quote import NO_PRICE
from engine.model.trust import Trust

__all__ = ["MarketState", "Trust"]


_NONE: Final = Trust.NONE
_GOOD: Final = Trust.GOOD
_STALE: Final = Trust.STALE
_DISTRUSTED: Final = Trust.DISTRUSTED


class MarketState:
    """The latest of one symbol, prices and sizes in units, times in ns UTC.

    The market room is the only writer; everything else on the engine's thread reads it in place. The
    screen never sees it: it gets copies.
    """

    __slots__ = (
        "accepted",
        "ask",
        "ask_size",
        "bid",
        "bid_size",
        "day_high",
        "day_low",
        "day_open",
        "day_turnover",
        "day_volume",
        "distrust_reason",
        "doubt",
        "event_ns",
        "instrument",
        "last",
        "last_side",
        "last_size",
        "last_trade_ns",
        "prior_close",
        "quote_age_max_ns",
        "quote_event_ns",
        "quote_receive_ns",
        "refused",
        "session",
        "session_reason",
        "source",
        "symbol",
        "version",
    )

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.symbol: Symbol = instrument.symbol
        self.source = ""
        self.bid = NO_PRICE
        self.ask = NO_PRICE
        self.bid_size = 0
        self.ask_size = 0
        self.quote_event_ns = 0
        self.quote_receive_ns = 0
        self.quote_age_max_ns = 0
        """How old a quote may be before it is stale; 0 for never."""
        self.distrust_reason = ""
        """Why the quote is not believed; empty while it is."""
        self.doubt = ""
        """Why another source makes it doubtful, whatever its own says; empty where none does."""
        self.last = NO_PRICE
        self.last_size = 0
        self.last_side = 0
        self.last_trade_ns = 0
        self.event_ns = 0
        self.prior_close = NO_PRICE
        self.day_open = NO_PRICE
        self.day_high = NO_PRICE
        self.day_low = NO_PRICE
        self.day_volume = 0
        self.day_turnover = 0
        self.session = Session.OPEN
        self.session_reason = ""
        self.accepted = 0
        self.refused = 0
        self.version = 0
        """Counts every change, so that a reader can tell whether it has seen this one."""

    @property
    def has_quote(self) -> bool:
        """Whether both sides have a price."""
        return self.bid != NO_PRICE and self.ask != NO_PRICE

    @property
    def mark(self) -> int:
        """The price a position is valued at: the mid, else the last trade, else the prior close."""
        if self.bid and self.ask:
            return (self.bid + self.ask) // 2
        return self.last or self.prior_close

    def age_ns(self, now_ns: int) -> int:
        """Return how long ago the quote was received."""
        return now_ns - self.quote_receive_ns

    def trust(self, now_ns: int) -> Trust:
        """Judge the quote at this moment."""
        if not (self.bid and self.ask):
            return _NONE
        if self.distrust_reason or self.doubt:
            return _DISTRUSTED
        if self.quote_age_max_ns and now_ns - self.quote_receive_ns > self.quote_age_max_ns:
            return _STALE
        return _GOOD
