"""Plays files through a market as fast as they can be read, for who listens to its bars."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from engine.adapters.replay.source import ReplaySource
from engine.adapters.replay.tape import Tape
from engine.clock import NS_PER_S, SimulatedClock
from engine.config import MarketSettings
from engine.errors import ConfigError
from engine.market.bars import MINUTE_NS
from engine.market.market import Market
from engine.model.bar import RecordedBar
from engine.ports.bar_listener import BarListener


def bar_length(files: Sequence[Path], interval_ns: int = 0) -> int:
    """Return how long bars of these files last, ns: as was asked, as the files' own, or a minute where they are of ticks.

    Raises:
        ConfigError: the files' bars are no whole part of that length.
        FileDataError: a file can't be replayed.
    """
    own_ns = _own_interval(files)
    if own_ns and interval_ns % own_ns:
        raise ConfigError(
            f"--bars: the bars of {files[0]} last {own_ns / NS_PER_S:g} s; expected a multiple of that, "
            f"found {interval_ns / NS_PER_S:g} s"
        )
    return interval_ns or own_ns or MINUTE_NS


def played(
    files: Sequence[Path],
    interval_ns: int,
    listener: BarListener,
    clock: SimulatedClock,
    settings: MarketSettings,
) -> Market:
    """Play files through a market whose bars of one length are listened to, and return it as it is then.

    Raises:
        FileDataError: a file can't be read further than what was told.
    """
    made = {NS_PER_S, interval_ns} if interval_ns % NS_PER_S == 0 else {interval_ns}
    market = Market(settings, clock, tuple(sorted(made)))
    market.bars.listen(interval_ns, listener)
    asyncio.run(ReplaySource(files, clock, speed=0).run(market))
    return market


def _own_interval(files: Sequence[Path]) -> int:
    """Return how long the files' bars last; 0 where they begin with something else."""
    for _, events in Tape.open(files).blocks:
        if first := next((each for each in events if isinstance(each, RecordedBar)), None):
            return first.bar.interval_ns
        return 0
    return 0
