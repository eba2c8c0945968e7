"""Makes bars of recorded market data by the code that makes them at a desk, for a model to be trained on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.adapters.replay.bar_file import write_bars
from engine.clock import SimulatedClock
from engine.config import MarketSettings
from engine.errors import ConfigError, DataError
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.shell.recorded.playing import bar_length, played


class Stretch(NamedTuple):
    """The bars of one symbol."""

    symbol: str
    bars: int
    begin_ns: int
    end_ns: int
    """When the last of them had closed."""


class Made(NamedTuple):
    """What bars were made."""

    interval_ns: int
    stretches: tuple[Stretch, ...]
    left_out: Mapping[str, int]
    """How many rows of the files were left out, by the reason of the reader or of the market."""


def make_bars(files: Sequence[Path], interval_ns: int, out: Path, settings: MarketSettings) -> Made:
    """Play files as fast as they can be read, and write the bars that closed; one that still forms at the end is none.

    Raises:
        ConfigError: the file is there already or can't be written, or the files' bars are no whole part of that length.
        DataError: no bar closed, or a file can't be read.
    """
    if out.exists():
        raise ConfigError(f"--out: {out} is there already; expected the name of a new file")
    length_ns, kept = bar_length(files, interval_ns), _Kept()
    market = played(files, length_ns, kept, SimulatedClock(0), settings)
    bars = list(kept.all())
    if not bars:
        raise DataError(f"no bar of {length_ns / 1e9:g} s closed; shorter ones may (--bars)")
    try:
        write_bars(out, market.instruments, bars)
    except OSError as error:
        raise ConfigError(f"--out: {out}: {error.strerror or error}") from None
    return Made(length_ns, tuple(kept.stretches()), market.counters.refused_by_reason)


class _Kept:
    """Keeps the bars that stand; a `BarListener`."""

    def __init__(self) -> None:
        self._bars: dict[Symbol, dict[int, Bar]] = {}

    def on_bar_closed(self, bar: Bar) -> None:
        """Keep the next bar of a symbol."""
        self._bars.setdefault(bar.symbol, {})[bar.start_ns] = bar

    def on_bars_rewritten(self, symbol: Symbol, bars: Sequence[Bar]) -> None:
        """Keep these from where they begin; nothing where all were forgotten."""
        begin_ns = bars[0].start_ns if bars else 0
        before = {at: bar for at, bar in self._bars.get(symbol, {}).items() if at < begin_ns}
        self._bars[symbol] = before | {bar.start_ns: bar for bar in bars}

    def all(self) -> Iterator[Bar]:
        """Yield every bar."""
        for bars in self._bars.values():
            yield from bars.values()

    def stretches(self) -> Iterator[Stretch]:
        """Yield where the bars of each symbol begin and end, by its name."""
        for symbol, bars in sorted(self._bars.items()):
            if bars:
                last = bars[max(bars)]
                yield Stretch(clean(symbol), len(bars), min(bars), last.start_ns + last.interval_ns)
