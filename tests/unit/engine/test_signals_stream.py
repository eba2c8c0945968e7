"""Features as bars are made, against the same bars afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.replay import ReplaySource
from engine.clock import NS_PER_S, SimulatedClock
from engine.config import MarketSettings
from engine.market.market import Market
from engine.model.bar import Bar, RecordedBar
from engine.model.instrument import Symbol
from engine.signals.features.kernel import replayed
from engine.signals.features.sets import feature_set
from engine.signals.features.stream import FeatureStreams
from engine.signals.features.vector import Features, FeatureVector
from tests.bar_makers import MINUTE_NS, SYMBOL, walk
from tests.shared_data import shared
from tests.unit.engine.market_builders import instrument


class Heard:
    """Everything a stream told, and the market that it follows."""

    def __init__(self, interval_ns: int, name: str = "bars-12") -> None:
        self.clock = SimulatedClock(0)
        self.market = Market(MarketSettings(), self.clock)
        self.set = feature_set(name, interval_ns)
        self.told: list[Features] = []
        self.market.bars.listen(interval_ns, FeatureStreams(self.set, self.clock, self.told.append))

    def bars(self, symbol: Symbol) -> list[Bar]:
        return list(self.market.bars.series(symbol, self.set.bars.interval_ns).closed)

    def hear(self, bars: Sequence[Bar]) -> None:
        for each in bars:
            self.clock.advance_to(max(self.clock.now_ns(), each.start_ns + each.interval_ns))
            self.market.on_bar(RecordedBar("test", each, self.clock.now_ns()))


def _values(told: Sequence[Features]) -> dict[int, tuple[float, ...]]:
    return {each.event_ns: each.values for each in told if isinstance(each, FeatureVector)}


def _recorded(name: str = "bars-12") -> Heard:
    heard = Heard(MINUTE_NS, name)
    heard.market.on_listed(instrument(SYMBOL))
    return heard


BARS = walk([(1, (-1) ** place * (5 + place % 7), 3, 2, 10 + place % 5) for place in range(50)])


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("binance-spot_BTCUSDT_20240808-09_trades", "bars-12"),
        ("binance-usdm_BTCUSDT_20240808_quotes", "prices-11"),
    ],
    ids=["trades", "quotes"],
)
def test_a_recording_as_it_came_equals_its_bars_afterwards_to_the_last_bit(file: str, name: str) -> None:
    heard = Heard(NS_PER_S, name)
    path = shared(f"data/crypto_ticks/{file}.parquet")
    asyncio.run(ReplaySource([path], heard.clock, speed=0).run(heard.market))
    (symbol,) = heard.market.instruments
    bars = heard.bars(symbol)
    assert len(bars) > 300
    assert [each.event_ns for each in heard.told] == [each.start_ns + NS_PER_S for each in bars]
    assert _values(heard.told) == _values(replayed(heard.set, bars))
    assert len(_values(heard.told)) > 100
    assert all(each.available_ns >= each.event_ns for each in heard.told)


def test_longer_bars_that_are_summed_from_shorter_ones_are_heard_too() -> None:
    heard = Heard(5 * MINUTE_NS)
    heard.market.on_listed(instrument(SYMBOL))
    heard.hear(walk([(1, (-1) ** place * 5, 3, 2, 10 + place % 5) for place in range(150)]))
    assert len(heard.bars(SYMBOL)) == len(heard.told) == 30
    assert _values(heard.told) == _values(replayed(heard.set, heard.bars(SYMBOL)))


def test_a_corrected_bar_is_told_again_as_if_it_had_come_so() -> None:
    heard = _recorded()
    corrected = walk([(1, (-1) ** place * (5 + place % 6), 3, 2, 10 + place % 5) for place in range(50)])
    heard.hear(BARS[:30])
    said = len(heard.told)
    heard.hear([corrected[29]])
    assert len(heard.told) == said + 1
    expected = replayed(heard.set, [*BARS[:29], corrected[29]])[-1]
    assert heard.told[-1].event_ns == expected.event_ns
    assert _values(heard.told[-1:]) == _values([expected])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 49), min_size=40, max_size=90))
def test_in_whatever_order_bars_come_what_is_told_is_of_those_that_stand(places: list[int]) -> None:
    heard = _recorded()
    ascending = sorted({*places, *range(25)})
    for place in [*ascending[:25], *places]:
        heard.hear([BARS[place]])
    stand = heard.bars(SYMBOL)
    assert [each.start_ns for each in stand] == sorted({each.start_ns for each in stand})
    assert _values(heard.told) == _values(replayed(heard.set, stand))


def test_the_same_bar_again_says_nothing_new() -> None:
    heard = _recorded()
    heard.hear(BARS[:30])
    said = list(heard.told)
    heard.hear([BARS[29], BARS[29]])
    heard.hear([BARS[3]])
    assert heard.told == said


def test_history_that_comes_late_warms_the_stream_up() -> None:
    heard = _recorded()
    heard.hear(BARS[40:42])
    assert not _values(heard.told)
    late = [RecordedBar("test", each, 0) for each in BARS[:40]]
    heard.market.on_late_bars(SYMBOL, late)
    said = len(heard.told)
    assert said == 2
    heard.hear([BARS[42]])
    assert _values(heard.told) == _values(replayed(heard.set, BARS[:43])[-1:])


def test_a_market_that_goes_back_to_its_start_begins_anew() -> None:
    heard = _recorded()
    heard.hear(BARS)
    first = _values(heard.told)
    heard.told.clear()
    heard.market.reset()
    heard.clock.rewind_to(0)
    heard.hear(BARS)
    assert _values(heard.told) == first
