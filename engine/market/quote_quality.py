"""Decides whether a quote is let in: one filter a method, all of them a few comparisons when it is good."""

from __future__ import annotations

from collections import Counter

from engine.config import FilterSettings
from engine.market import reasons
from engine.market.lateness import SourceClock
from engine.market.outlier import OutlierBand
from engine.model.market_state import MarketState
from engine.model.quote import UNPUBLISHED_SIZE, Quote


class QuoteQuality:
    """The filters of one symbol's quotes from one source, and what they remember; reads the state held.

    `refusal` asks first, inline, whether a filter could object at all; only then is the filter called.
    That keeps a good quote under a quarter of a microsecond with every filter on.
    """

    __slots__ = (
        "_band",
        "_clock",
        "_event_ns",
        "_noted",
        "_sequence",
        "_settings",
        "_size_max",
        "_state",
        "source",
    )

    def __init__(
        self,
        source: str,
        state: MarketState,
        settings: FilterSettings,
        clock: SourceClock,
        noted: Counter[str],
    ) -> None:
        self.source = source
        self._settings = settings
        self._clock = clock
        self._band = OutlierBand(settings)
        self._state = state
        self._size_max = int(settings.size_max * state.instrument.size_scale)
        self._noted = noted
        self.forget()

    def forget(self) -> None:
        """Judge the next quote as the first: its source begins again."""
        self._band.forget()
        self._sequence = 0
        self._event_ns = 0

    def refusal(self, quote: Quote) -> str:  # noqa: PLR0911  one return a filter
        """Return why a quote is refused; empty when it is good, and then remember it."""
        bid, ask = quote.bid, quote.ask
        if bid >= ask and (reason := self._touching(bid, ask)):
            return reason
        sequence, event_ns, receive_ns = quote.sequence, quote.event_ns, quote.receive_ns
        if sequence:
            if sequence <= self._sequence and (reason := self._repeated(sequence)):
                return reason
        elif event_ns < self._event_ns and event_ns and self._settings.out_of_order:
            return reasons.OUT_OF_ORDER
        if event_ns:
            lag, clock = receive_ns - event_ns, self._clock
            if (lag > clock.late_ns or lag < clock.floor_ns) and self._late(lag, receive_ns):
                return reasons.STALE
        bid_size, ask_size = quote.bid_size, quote.ask_size
        if (bid_size < 1 or ask_size < 1 or bid_size + ask_size > self._size_max) and self._bad_sizes(quote):
            return reasons.SIZE
        band = self._band
        if (bid < band.low or ask > band.high) and self._stray(quote):
            return reasons.OUTLIER
        self._sequence = sequence
        self._event_ns = event_ns
        band.countdown -= 1
        if not band.countdown:
            band.learn(bid, ask)
        return ""

    def _touching(self, bid: int, ask: int) -> str:
        if not ask:
            return ""
        if bid > ask:
            return reasons.CROSSED if self._settings.crossed else ""
        self._noted[reasons.LOCKED] += 1
        return reasons.LOCKED if self._settings.locked else ""

    def _repeated(self, sequence: int) -> str:
        if sequence == self._sequence:
            return reasons.DUPLICATE if self._settings.duplicate else ""
        return reasons.OUT_OF_ORDER if self._settings.out_of_order else ""

    def _late(self, lag_ns: int, receive_ns: int) -> bool:
        return self._clock.is_late(lag_ns, receive_ns) and self._settings.stale

    def _bad_sizes(self, quote: Quote) -> bool:
        return self._settings.size and (
            self._bad_size(quote.bid, quote.bid_size) or self._bad_size(quote.ask, quote.ask_size)
        )

    def _bad_size(self, price: int, size: int) -> bool:
        if size == UNPUBLISHED_SIZE or not price:
            return False
        return not 0 < size <= self._size_max

    def _stray(self, quote: Quote) -> bool:
        if not self._settings.outlier:
            return False
        state = self._state
        silence_ns = quote.receive_ns - state.quote_receive_ns
        return self._band.is_outlier(quote.bid, quote.ask, (state.bid, state.ask), silence_ns)
