"""Plays files through the market and tells what a feature set is at the end of each bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from engine.clock import SimulatedClock
from engine.config import MarketSettings
from engine.shell.recorded.playing import bar_length, played
from engine.signals.features.feature_set import FeatureSet
from engine.signals.features.sets import feature_set
from engine.signals.features.stream import FeatureStreams
from engine.signals.features.vector import Features, FeatureVector

__all__ = ("FeatureRow", "FeatureSet", "Told", "play", "set_for")


class FeatureRow(Struct, frozen=True):
    """What a set is at the end of one bar."""

    symbol: str
    event_ns: int
    """The end of the bar."""
    available_ns: int
    warm_up: int
    """How many bars in a row it rests on, or there are so far."""
    values: tuple[float, ...] | None
    """None where there are none."""
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why there are no values."""


Told = Callable[[FeatureRow], None]


def set_for(name: str, files: Sequence[Path], interval_ns: int = 0) -> FeatureSet:
    """Return a set over bars of a length, or of the files' own length: one minute where they are of ticks.

    Raises:
        ConfigError: there is no such set, or the files' bars are no whole part of that length.
        FileDataError: a file can't be replayed.
    """
    return feature_set(name, bar_length(files, interval_ns))


def play(files: Sequence[Path], features: FeatureSet, told: Told, settings: MarketSettings) -> dict[str, int]:
    """Play files as they came, as fast as they can be read, and tell what comes of each bar.

    Returns how many rows were left out, by the reason of the reader or of the market.

    Raises:
        FileDataError: a file can't be read further than what was told.
    """
    clock = SimulatedClock(0)
    streams = FeatureStreams(features, clock, lambda each: told(_row(each)))
    return played(files, features.bars.interval_ns, streams, clock, settings).counters.refused_by_reason


def _row(told: Features) -> FeatureRow:
    if isinstance(told, FeatureVector):
        flags = tuple(flag.value for flag in told.flags)
        return FeatureRow(told.symbol, told.event_ns, told.available_ns, told.warm_up, told.values, flags)
    return FeatureRow(told.symbol, told.event_ns, told.available_ns, told.warm_up, None, reasons=told.reasons)
