"""Puts a training into a folder that predicts minutes later at the demo: bars of a second of the simulated market, a spec, the desk's settings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.adapters.replay.bar_file import write_bars
from engine.adapters.simulated.market import EVENTS_PER_S, START_NS, SimulatedMarket
from engine.adapters.simulated.universe import UNIVERSE
from engine.clock import NS_PER_S, SimulatedClock
from engine.config import MarketSettings
from engine.errors import ConfigError
from engine.market.market import Market
from engine.model.bar import Bar
from engine.model.instrument import Instrument, Symbol

SYMBOLS: Final = ("NVDA", "AAPL", "MSFT", "SPY")
SEED: Final = 7
"""Another market than the demo's own, which is that of seed 1: what is learned here was not seen there."""
BARS: Final = "seconds.parquet"
SPEC: Final = "seconds.toml"
DESK: Final = "desk.toml"
TEXT: Final = """\
# A model of the next second's direction: `touchline models train seconds.toml`.
name = "seconds"
about = "next second up or down, of shares in the simulated market; an example, and there is nothing to earn"
data = ["seconds.parquet"]
bars = "1s"
features = "bars-12"
seed = 1

[label]
horizon_bars = 1
# Half a basis point is what the spread of these shares costs there and back.
cost_bps = 0.5

[model]
kind = "logistic"
strength = 0.1
"""
DESK_TEXT: Final = """\
# A desk at which the model predicts: `touchline demo --config desk.toml`.
[[signals]]
model = "seconds"
set = "bars-12"
interval_s = 1
symbols = ["NVDA", "AAPL", "MSFT", "SPY"]
"""


def write_simulated_example(folder: Path, minutes: int) -> list[Path]:
    """Trade the simulated market for some minutes of its time, and write its bars, a spec and the desk's settings into a new folder.

    Raises:
        ConfigError: the folder can't be made.
    """
    try:
        folder.mkdir(parents=True)
        instruments, bars = asyncio.run(_traded(minutes * 60 * NS_PER_S))
        write_bars(folder / BARS, instruments, bars)
        (folder / SPEC).write_text(TEXT, encoding="utf-8")
        (folder / DESK).write_text(DESK_TEXT, encoding="utf-8")
    except FileExistsError:
        raise ConfigError(f"{folder}: it is there already; expected the name of a new folder") from None
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror or error}") from None
    return [folder / BARS, folder / SPEC, folder / DESK]


class _Kept:
    """Keeps the bars that close before an end; a `BarListener`."""

    def __init__(self, end_ns: int) -> None:
        self.bars: list[Bar] = []
        self._end_ns = end_ns

    def on_bar_closed(self, bar: Bar) -> None:
        if bar.start_ns + bar.interval_ns <= self._end_ns:
            self.bars.append(bar)

    def on_bars_rewritten(self, symbol: Symbol, bars: Sequence[Bar]) -> None:
        """Take no notice: bars of a second are never rewritten here."""


async def _traded(span_ns: int) -> tuple[dict[Symbol, Instrument], list[Bar]]:
    """Trade as fast as it can, as busily as these symbols are among all of the demo's."""
    clock, end_ns = SimulatedClock(0), START_NS + span_ns
    market, kept = Market(MarketSettings(), clock, (NS_PER_S,)), _Kept(end_ns)
    market.bars.listen(NS_PER_S, kept)
    source = SimulatedMarket(clock, seed=SEED, speed=0, symbols=SYMBOLS, events_per_s=_busy())
    trading = asyncio.create_task(source.run(market))
    while clock.now_ns() <= end_ns + NS_PER_S and not trading.done():  # noqa: ASYNC110  # a source tells no time
        await asyncio.sleep(0)
    trading.cancel()
    with suppress(asyncio.CancelledError):
        await trading
    return market.instruments, sorted(kept.bars, key=lambda bar: (bar.symbol, bar.start_ns))


def _busy() -> float:
    activity = {listing.instrument.symbol: listing.activity for listing in UNIVERSE}
    return EVENTS_PER_S * sum(activity[Symbol(each)] for each in SYMBOLS) / sum(activity.values())
