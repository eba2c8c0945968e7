"""What is known of each source: its settings, its clock, and its filters per symbol."""

from __future__ import annotations

from collections import Counter

from engine.config import MarketSettings
from engine.market.lateness import SourceClock
from engine.market.line import Line
from engine.market.quote_quality import QuoteQuality
from engine.market.trade_quality import TradeQuality


class Sources:
    """Makes the filters of a source when it first speaks, and finds them when it speaks again."""

    __slots__ = ("_clocks", "_noted", "settings")

    def __init__(self, settings: MarketSettings, noted: Counter[str]) -> None:
        self.settings = settings
        self._noted = noted
        self._clocks: dict[str, SourceClock] = {}

    def switch_quotes(self, line: Line, source: str) -> QuoteQuality:
        """Let a source be the one that quotes this symbol."""
        settings = self.settings.filters_of(source)
        quality = line.quote_filters.get(source)
        if quality is None:
            quality = QuoteQuality(source, line.state, settings, self._clock(source), self._noted)
            line.quote_filters[source] = quality
        line.quote_quality = quality
        line.set_source(source, settings)
        return quality

    def switch_trades(self, line: Line, source: str) -> TradeQuality:
        """Let a source be the one whose prints of this symbol come now."""
        settings = self.settings.filters_of(source)
        quality = line.trade_filters.get(source)
        if quality is None:
            quality = TradeQuality(source, line.state, settings, self._clock(source))
            line.trade_filters[source] = quality
        line.trade_quality = quality
        if not line.state.source:
            line.set_source(source, settings)
        return quality

    def disconnect(self, source: str) -> None:
        """Measure the source's clock anew when it is back."""
        clock = self._clocks.get(source)
        if clock is not None:
            clock.forget()

    def forget(self) -> None:
        """Forget all clocks."""
        self._clocks.clear()

    def _clock(self, source: str) -> SourceClock:
        clock = self._clocks.get(source)
        if clock is None:
            clock = self._clocks[source] = SourceClock(self.settings.filters_of(source).late_after_s)
        return clock
