"""In which order a quote board lists its symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from engine.messages.views import QuoteView
from engine.model.instrument import Instrument, Symbol


class Sort(StrEnum):
    """The orders `o` goes through."""

    MANUAL = "manual"
    SYMBOL = "symbol"
    CHANGE = "change"
    VOLUME = "volume"

    @property
    def following(self) -> Sort:
        """The order after this one."""
        sorts = list(Sort)
        return sorts[(sorts.index(self) + 1) % len(sorts)]

    @property
    def is_live(self) -> bool:
        """Whether ticks may change the order."""
        return self in {Sort.CHANGE, Sort.VOLUME}


def ordered(
    symbols: Iterable[Symbol],
    sort: Sort,
    quotes: Mapping[Symbol, QuoteView],
    instruments: Mapping[Symbol, Instrument],
) -> list[Symbol]:
    """Return the symbols in order; by change and by volume the greatest comes first."""
    if sort is Sort.MANUAL:
        return list(symbols)
    if sort is Sort.SYMBOL:
        return sorted(symbols)
    worth = _change if sort is Sort.CHANGE else _volume

    def rank(symbol: Symbol) -> tuple[float, Symbol]:
        quote, instrument = quotes.get(symbol), instruments.get(symbol)
        return (-worth(quote, instrument) if quote and instrument else float("inf"), symbol)

    return sorted(symbols, key=rank)


def _change(quote: QuoteView, _instrument: Instrument) -> float:
    return quote.price / quote.base - 1 if quote.price and quote.base else float("-inf")


def _volume(quote: QuoteView, instrument: Instrument) -> float:
    return quote.volume / instrument.size_scale
