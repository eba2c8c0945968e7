"""Follows closed bars as they are made, and tells what feature sets are at the end of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.clock import Clock
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.signals.features.feature_set import FeatureSet
from engine.signals.features.kernel import Kernel
from engine.signals.features.vector import Features

Told = Callable[[Features], None]


class FeatureStream:
    """One feature set of one symbol."""

    __slots__ = ("_clock", "_kernel", "_newest", "_told")

    def __init__(self, feature_set: FeatureSet, symbol: Symbol, clock: Clock, told: Told) -> None:
        self._kernel = Kernel(feature_set, symbol)
        self._clock = clock
        self._told = told
        self._newest: Bar | None = None

    def take(self, bar: Bar) -> None:
        """Take the next closed bar, and tell what comes of it."""
        self._newest = bar
        self._told(self._kernel.update(bar, self._clock.now_ns()))

    def rewrite(self, bars: Sequence[Bar]) -> None:
        """Take what stands in place of everything before; told is only what is new of the newest bar."""
        kernel, before = self._kernel, self._newest
        kernel.begin_anew()
        self._newest = bars[-1] if bars else None
        now_ns, told = self._clock.now_ns(), None
        for bar in list(bars)[-kernel.feature_set.warm_up :]:
            told = kernel.update(bar, now_ns)
        if told is not None and self._newest != before:
            self._told(told)


class FeatureStreams:
    """One feature set of every symbol whose bars it hears of; a `BarListener`."""

    def __init__(self, feature_set: FeatureSet, clock: Clock, told: Told) -> None:
        self.feature_set = feature_set
        self._clock = clock
        self._told = told
        self._streams: dict[Symbol, FeatureStream] = {}

    def on_bar_closed(self, bar: Bar) -> None:
        """Take the next closed bar of a symbol."""
        self._of(bar.symbol).take(bar)

    def on_bars_rewritten(self, symbol: Symbol, bars: Sequence[Bar]) -> None:
        """Take what stands in place of a symbol's bars."""
        self._of(symbol).rewrite(bars)

    def _of(self, symbol: Symbol) -> FeatureStream:
        stream = self._streams.get(symbol)
        if stream is None:
            stream = self._streams[symbol] = FeatureStream(self.feature_set, symbol, self._clock, self._told)
        return stream
