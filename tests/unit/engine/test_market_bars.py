from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.market.bar_series import TICKS
from engine.market.bars import INTERVALS_NS, MINUTE_NS, TRADES_A_TICK_BAR, BarStore
from engine.market.closed_bars import BARS_MAX
from engine.model.bar import Bar, RecordedBar
from tests.unit.engine.market_builders import ABC, NOON_NS

Print = tuple[int, int, int]
"""Seconds since the print before, price, size."""
PRINTS = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 1000), st.integers(1, 50)), min_size=1, max_size=250
)


def store_of(prints: Sequence[Print]) -> BarStore:
    store = BarStore()
    at_ns = NOON_NS
    for pause_s, price, size in prints:
        at_ns += pause_s * NS_PER_S
        store.of(ABC).add_trade(at_ns, price, size, sets_last=True)
    return store


def recorded(start_s: int, close: int = 5, *, closed: bool = True) -> RecordedBar:
    start_ns = NOON_NS + start_s * NS_PER_S
    bar = Bar(ABC, MINUTE_NS, start_ns, 4, 6, 3, close, 10, 50, 2, closed)
    return RecordedBar("file", bar, start_ns)


@settings(deadline=None)
@given(PRINTS)
@pytest.mark.parametrize("interval_ns", [*INTERVALS_NS, TICKS])
def test_the_bars_together_are_the_trades(interval_ns: int, prints: list[Print]) -> None:
    bars = store_of(prints).series(ABC, interval_ns).last(BARS_MAX)
    prices = [price for _, price, _ in prints]
    assert sum(bar.volume for bar in bars) == sum(size for *_, size in prints)
    assert sum(bar.turnover for bar in bars) == sum(price * size for _, price, size in prints)
    assert sum(bar.trades for bar in bars) == len(prints)
    assert max(bar.high for bar in bars) == max(prices)
    assert min(bar.low for bar in bars) == min(prices)
    assert (bars[0].open, bars[-1].close) == (prices[0], prices[-1])
    assert [bar.closed for bar in bars[:-1]] == [True] * (len(bars) - 1)


@settings(deadline=None)
@given(PRINTS)
@pytest.mark.parametrize("interval_ns", INTERVALS_NS)
def test_each_bar_is_exactly_the_trades_of_its_time(interval_ns: int, prints: list[Print]) -> None:
    bars = {bar.start_ns: bar for bar in store_of(prints).series(ABC, interval_ns).last(BARS_MAX)}
    expected: dict[int, list[tuple[int, int]]] = {}
    at_ns = NOON_NS
    for pause_s, price, size in prints:
        at_ns += pause_s * NS_PER_S
        expected.setdefault(at_ns - at_ns % interval_ns, []).append((price, size))
    assert list(bars) == list(expected)
    for start_ns, trades in expected.items():
        bar, prices = bars[start_ns], [price for price, _ in trades]
        assert (bar.open, bar.high, bar.low, bar.close) == (prices[0], max(prices), min(prices), prices[-1])
        assert bar.volume == sum(size for _, size in trades)
        assert bar.trades == len(trades)


def test_a_tick_bar_closes_after_its_number_of_trades() -> None:
    series = store_of([(1, 100 + n, 1) for n in range(TRADES_A_TICK_BAR + 1)]).series(ABC, TICKS)
    assert [bar.trades for bar in series.closed] == [TRADES_A_TICK_BAR]
    assert series.forming is not None
    assert series.forming.trades == 1


def test_mids_make_bars_without_volume() -> None:
    store = BarStore()
    for n, price in enumerate((100, 103, 99, 101)):
        store.of(ABC).add_mid(NOON_NS + n, price)
    bar = store.series(ABC, MINUTE_NS).forming
    assert bar is not None
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume, bar.trades) == (100, 103, 99, 101, 0, 0)


def test_the_first_trade_replaces_the_bars_made_of_mids() -> None:
    store = BarStore()
    store.of(ABC).add_mid(NOON_NS, 500)
    store.of(ABC).add_trade(NOON_NS + 1, 100, 1, sets_last=True)
    bar = store.series(ABC, MINUTE_NS).forming
    assert bar is not None
    assert (bar.open, bar.high) == (100, 100)


def test_a_print_that_does_not_set_the_last_price_counts_for_volume_only() -> None:
    store = store_of([(0, 100, 1)])
    store.of(ABC).add_trade(NOON_NS + 1, 900, 7, sets_last=False)
    store.of(ABC).add_trade(NOON_NS + MINUTE_NS, 900, 7, sets_last=False)
    first, second = store.series(ABC, MINUTE_NS).last(5)
    assert (first.high, first.volume) == (100, 8)
    assert (second.open, second.close, second.volume) == (100, 100, 7)


def test_a_late_price_goes_into_the_bar_that_forms() -> None:
    store = store_of([(0, 100, 1), (60, 101, 1)])
    store.of(ABC).add_trade(NOON_NS, 90, 1, sets_last=True)
    assert [bar.low for bar in store.series(ABC, MINUTE_NS).last(5)] == [100, 90]


def test_history_is_bounded_and_counted() -> None:
    series = store_of([(1, 5, 1)] * (BARS_MAX + 11)).series(ABC, NS_PER_S)
    assert len(series.closed) == BARS_MAX
    assert series.made == BARS_MAX + 10


def test_the_spark_is_the_last_thirty_minutes_with_the_forming_one() -> None:
    store = store_of([(60, 100 + n, 1) for n in range(40)])
    assert store.spark(ABC) == tuple(range(110, 140))
    assert store_of([(0, 7, 1)]).spark(ABC) == (7,)
    assert BarStore().spark(ABC) == ()


@settings(deadline=None)
@given(
    st.sampled_from([*INTERVALS_NS, TICKS]),
    PRINTS,
    st.lists(st.tuples(st.integers(-9, 9), st.booleans()), max_size=3),
    st.integers(1, 40),
)
def test_the_closes_are_those_of_the_last_bars(
    interval_ns: int, prints: list[Print], minutes: list[tuple[int, bool]], count: int
) -> None:
    store = store_of(prints)
    last_s = sum(pause_s for pause_s, *_ in prints) // 60 * 60
    for minute, closed in minutes:
        store.record(recorded(last_s + 60 * minute, close=1001 + minute, closed=closed))
    series = store.series(ABC, interval_ns)
    assert series.closes(count) == tuple(bar.close for bar in series.last(count))


def test_recorded_bars_go_into_history_as_they_are() -> None:
    store = BarStore()
    assert store.record(recorded(0))
    assert store.record(recorded(60))
    series = store.series(ABC, MINUTE_NS)
    assert list(series.closed) == [recorded(0).bar, recorded(60).bar]
    assert series.made == 2


def test_a_recorded_bar_again_is_a_correction_and_an_older_one_is_refused() -> None:
    store = BarStore()
    store.record(recorded(60))
    assert store.record(recorded(60, close=6))
    assert not store.record(recorded(0))
    assert [bar.close for bar in store.series(ABC, MINUTE_NS).closed] == [6]


def test_a_recorded_bar_that_still_forms_is_shown_as_forming() -> None:
    store = BarStore()
    store.record(recorded(0))
    store.record(recorded(60, closed=False))
    series = store.series(ABC, MINUTE_NS)
    assert series.forming == recorded(60, closed=False).bar
    assert len(series.last(9)) == 2


def test_of_a_recorded_and_a_made_bar_of_the_same_time_the_recorded_one_stands() -> None:
    store = store_of([(0, 100, 1), (60, 101, 1)])
    store.record(recorded(0))
    store.record(recorded(60))
    store.of(ABC).add_trade(NOON_NS + 2 * MINUTE_NS, 102, 1, sets_last=True)
    bars = store.series(ABC, MINUTE_NS).last(9)
    assert bars[:2] == (recorded(0).bar, recorded(60).bar)
    assert (len(bars), bars[2].open) == (3, 102)


def test_bars_go_on_being_made_after_recorded_history() -> None:
    store = BarStore()
    store.record(recorded(0))
    store.of(ABC).add_mid(NOON_NS + MINUTE_NS, 999)
    store.of(ABC).add_trade(NOON_NS + MINUTE_NS, 100, 1, sets_last=True)
    store.of(ABC).add_trade(NOON_NS + 2 * MINUTE_NS, 101, 1, sets_last=True)
    assert [bar.close for bar in store.series(ABC, MINUTE_NS).last(9)] == [5, 100, 101]
    assert store.spark(ABC) == (5, 100, 101)


def test_recorded_history_adds_up_to_the_longer_bars() -> None:
    store = BarStore()
    for minute in range(7):
        store.record(recorded(60 * minute, close=minute))
    store.of(ABC).add_trade(NOON_NS + 7 * MINUTE_NS, 3, 4, sets_last=True)
    first, second = store.series(ABC, 5 * MINUTE_NS).last(9)
    assert (first.start_ns, first.open, first.close, first.volume, first.closed) == (NOON_NS, 4, 4, 50, True)
    assert (second.open, second.close, second.volume, second.closed) == (4, 3, 24, False)


def test_where_there_are_no_bars_of_a_length_the_next_longer_ones_are_shown() -> None:
    store, day_ns = BarStore(), 24 * 60 * MINUTE_NS
    assert store.shown(ABC, MINUTE_NS).interval_ns == MINUTE_NS
    day = Bar(ABC, day_ns, NOON_NS, 4, 6, 3, 5, 10, 50, 2, closed=True)
    store.record(RecordedBar("file", day, NOON_NS + day_ns))
    assert store.shown(ABC, MINUTE_NS).last(9) == (day,)
    assert store.shown(ABC, 5 * MINUTE_NS).interval_ns == day_ns
    store.of(ABC).add_mid(NOON_NS + day_ns, 9)
    assert store.shown(ABC, MINUTE_NS).interval_ns == MINUTE_NS


def test_asking_for_no_bars_gives_none() -> None:
    assert store_of([(0, 100, 1)]).series(ABC, MINUTE_NS).last(0) == ()


def test_an_interval_nobody_makes_is_empty() -> None:
    series = store_of([(0, 100, 1)]).series(ABC, 7 * NS_PER_S)
    assert series.last(9) == ()


@pytest.mark.parametrize("intervals_ns", [(), (0,), (2 * NS_PER_S, 3 * NS_PER_S)])
def test_intervals_that_do_not_nest_are_refused(intervals_ns: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="bar intervals"):
        BarStore(intervals_ns)
