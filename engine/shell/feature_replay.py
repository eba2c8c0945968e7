"""Plays files through the market and tells what a feature set is at the end of each bar."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from engine.adapters.replay.source import ReplaySource
from engine.adapters.replay.tape import Tape
from engine.clock import NS_PER_S, SimulatedClock
from engine.config import MarketSettings
from engine.errors import ConfigError
from engine.market.bars import MINUTE_NS
from engine.market.market import Market
from engine.model.bar import RecordedBar
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
    own_ns = _own_interval(files)
    if own_ns and interval_ns % own_ns:
        raise ConfigError(
            f"--bars: the bars of {files[0]} last {own_ns / NS_PER_S:g} s; expected a multiple of that, "
            f"found {interval_ns / NS_PER_S:g} s"
        )
    return feature_set(name, interval_ns or own_ns or MINUTE_NS)


def play(files: Sequence[Path], features: FeatureSet, told: Told, settings: MarketSettings) -> dict[str, int]:
    """Play files as they came, as fast as they can be read, and tell what comes of each bar.

    Returns how many rows were left out, by the reason of the reader or of the market.

    Raises:
        FileDataError: a file can't be read further than what was told.
    """
    clock, interval_ns = SimulatedClock(0), features.bars.interval_ns
    made = {NS_PER_S, interval_ns} if interval_ns % NS_PER_S == 0 else {interval_ns}
    market = Market(settings, clock, tuple(sorted(made)))
    streams = FeatureStreams(features, clock, lambda each: told(_row(each)))
    market.bars.listen(interval_ns, streams)
    asyncio.run(ReplaySource(files, clock, speed=0).run(market))
    return market.counters.refused_by_reason


def _row(told: Features) -> FeatureRow:
    if isinstance(told, FeatureVector):
        flags = tuple(flag.value for flag in told.flags)
        return FeatureRow(told.symbol, told.event_ns, told.available_ns, told.warm_up, told.values, flags)
    return FeatureRow(told.symbol, told.event_ns, told.available_ns, told.warm_up, None, reasons=told.reasons)


def _own_interval(files: Sequence[Path]) -> int:
    """Return how long the files' bars last; 0 where they begin with something else."""
    for _, events in Tape.open(files).blocks:
        if first := next((each for each in events if isinstance(each, RecordedBar)), None):
            return first.bar.interval_ns
        return 0
    return 0
