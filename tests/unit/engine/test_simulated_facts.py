"""What every market shows and a random walk does not: measured on one simulated trading day."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.adapters.simulated.market import SimulatedMarket
from engine.adapters.simulated.universe import UNIVERSE
from engine.clock import NS_PER_S, SimulatedClock
from engine.model.quote import Quote
from engine.model.trade import Trade
from tests.unit.engine.simulated_recorder import Recorder
from tests.unit.engine.test_simulated_phases import new_york

OPEN_NS = new_york("2026-01-06T09:30:00")
MINUTES = 390
SYMBOLS = ("IWM", "TLT")


class MinuteSink(Recorder):
    """Keeps sums of each minute instead of every message."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__(clock)
        self.closes: dict[str, dict[int, float]] = defaultdict(dict)
        self.volumes: dict[str, NDArray[np.float64]] = defaultdict(lambda: np.zeros(MINUTES))
        self.spreads: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))

    def on_quote(self, quote: Quote) -> None:
        minute = (quote.event_ns - OPEN_NS) // (60 * NS_PER_S)
        self.closes[quote.symbol][minute] = (quote.bid + quote.ask) / 2
        self.spreads[quote.symbol][minute].append(quote.ask - quote.bid)

    def on_trade(self, trade: Trade) -> None:
        self.volumes[trade.symbol][(trade.event_ns - OPEN_NS) // (60 * NS_PER_S)] += trade.size

    def _keep(self, message: object, event_ns: int) -> None:
        """Keep nothing else."""

    def returns(self, symbol: str) -> NDArray[np.float64]:
        closes = self.closes[symbol]
        prices = np.array([closes[minute] for minute in sorted(closes)])
        return np.asarray(np.diff(np.log(prices)), dtype=np.float64)

    def spread(self, symbol: str, first: int, last: int) -> float:
        return float(np.mean([np.mean(self.spreads[symbol][minute]) for minute in range(first, last)]))


@pytest.fixture(scope="module")
def day() -> MinuteSink:
    clock = SimulatedClock(OPEN_NS)
    market = SimulatedMarket(
        clock, seed=1, speed=0.0, events_per_s=9.0, start_ns=OPEN_NS, symbols=SYMBOLS, history_minutes=1
    )
    sink = MinuteSink(clock)

    async def run() -> None:
        task = asyncio.create_task(market.run(sink))
        market.jump(OPEN_NS + MINUTES * 60 * NS_PER_S - 1)
        market.pause()
        while clock.now_ns() < OPEN_NS + MINUTES * 60 * NS_PER_S - 1:  # noqa: ASYNC110 - market time is polled, nobody tells of it
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    return sink


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_volume_is_high_at_the_open_and_at_the_close(day: MinuteSink, symbol: str) -> None:
    volume = day.volumes[symbol]
    noon = volume[150:240].mean()
    assert volume[:30].mean() > 1.6 * noon
    assert volume[-30:].mean() > 1.3 * noon


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_spread_is_wide_in_the_first_minutes(day: MinuteSink, symbol: str) -> None:
    assert day.spread(symbol, 0, 2) > 1.5 * day.spread(symbol, 150, 240)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_liquid_market_is_one_to_three_ticks_wide(day: MinuteSink, symbol: str) -> None:
    tick = day.instruments[next(s for s in day.instruments if s == symbol)].tick_units
    assert 1.0 <= day.spread(symbol, 150, 240) / tick < 3.0


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_large_moves_follow_large_moves(day: MinuteSink, symbol: str) -> None:
    sizes = np.abs(day.returns(symbol))
    correlations = [np.corrcoef(sizes[:-lag], sizes[lag:])[0, 1] for lag in (1, 2, 3, 4, 5)]
    assert np.mean(correlations) > 0.08


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_extreme_minutes_are_more_frequent_than_a_normal_law_has_them(day: MinuteSink, symbol: str) -> None:
    returns = day.returns(symbol)
    assert np.mean((returns - returns.mean()) ** 4) / returns.var() ** 2 > 4.0


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_days_volatility_is_near_what_the_listing_says(day: MinuteSink, symbol: str) -> None:
    expected = next(listing.daily_volatility for listing in UNIVERSE if listing.instrument.symbol == symbol)
    assert 0.5 < np.sqrt((day.returns(symbol) ** 2).sum()) / expected < 2.0


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_direction_of_a_move_says_little_about_the_next(day: MinuteSink, symbol: str) -> None:
    returns = day.returns(symbol)
    assert abs(np.corrcoef(returns[:-1], returns[1:])[0, 1]) < 0.3
