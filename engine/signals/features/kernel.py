"""Works out a feature set bar by bar: the same code for what happens now and for what happened."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from msgspec import structs

from engine.errors import InvalidValue
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.signals.bar_faults import faults_of
from engine.signals.features.feature import Feature
from engine.signals.features.feature_set import FeatureSet
from engine.signals.features.vector import Features, FeatureVector, Missing
from engine.signals.features.window import Window

UNFINISHED = "the bar is not closed"
NOT_LATER = "the bar is not later than the one before"
BEGUN_ANEW = "what came before it is left out: 0 of {} bars"
WARMING_UP = "warming up: {} of {} bars"


class Kernel:
    """A feature set over the bars of one symbol.

    It holds as many bars as the set needs to warm up. A bar whose own numbers can't be ends what it
    holds: no value is worked out across it.
    """

    __slots__ = ("_needed", "_window", "feature_set", "symbol")

    def __init__(self, feature_set: FeatureSet, symbol: Symbol) -> None:
        self.feature_set = feature_set
        self.symbol = symbol
        self._needed = feature_set.warm_up
        reads = {name for feature in feature_set.features for name in feature.reads}
        self._window = Window(self._needed, reads_volume="volume" in reads)

    def update(self, bar: Bar, available_ns: int) -> Features:
        """Take the next closed bar, and say what the set is at its end.

        One that is not closed, or not later than the one before, is left out.

        Args:
            bar: of this symbol and of the set's length.
            available_ns: when it could be known here, ns UTC.

        Raises:
            InvalidValue: it is of another symbol or of another length.
        """
        window = self._window
        if bar.symbol != self.symbol or bar.interval_ns != self.feature_set.bars.interval_ns:
            raise InvalidValue(
                f"features of {self.symbol} are of bars of {self.feature_set.bars.interval_ns} ns; found one of "
                f"{bar.symbol}, of {bar.interval_ns} ns"
            )
        if not bar.closed:
            return self._missing(bar, available_ns, UNFINISHED)
        if window.bars and bar.start_ns <= window.bars[-1].start_ns:
            return self._missing(bar, available_ns, NOT_LATER)
        if faults := faults_of(bar):
            window.empty()
            return self._missing(bar, available_ns, *faults, BEGUN_ANEW.format(self._needed))
        window.push(bar)
        if len(window.bars) < self._needed:
            return self._missing(bar, available_ns, WARMING_UP.format(len(window.bars), self._needed))
        return self._measure(bar, available_ns)

    def begin_anew(self) -> None:
        """Forget all bars."""
        self._window.empty()

    def _measure(self, bar: Bar, available_ns: int) -> Features:
        window, values, absent = self._window, list[float](), list[Feature]()
        for feature in self.feature_set.features:
            value = feature.of(window)
            if value is None or not isfinite(value):
                absent.append(feature)
            else:
                values.append(value)
        if absent:
            reasons = (f"{feature.name}: {feature.undefined}" for feature in absent)
            missing = self._missing(bar, available_ns, *reasons)
            return structs.replace(missing, absent=tuple(feature.name for feature in absent))
        end_ns = bar.start_ns + bar.interval_ns
        known_ns = max(available_ns, end_ns)
        return FeatureVector(
            self.feature_set.id, self.symbol, end_ns, known_ns, self._needed, tuple(values), window.flags
        )

    def _missing(self, bar: Bar, available_ns: int, *reasons: str) -> Missing:
        end_ns, count = bar.start_ns + bar.interval_ns, len(self._window.bars)
        known_ns = max(available_ns, end_ns)
        return Missing(self.feature_set.id, self.symbol, end_ns, known_ns, count, reasons)


def replayed(feature_set: FeatureSet, bars: Sequence[Bar]) -> list[Features]:
    """Return what a set is at the end of each bar of one symbol, each known at its end."""
    if not bars:
        return []
    kernel = Kernel(feature_set, bars[0].symbol)
    return [kernel.update(bar, bar.start_ns + bar.interval_ns) for bar in bars]
