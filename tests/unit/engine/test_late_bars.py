"""History that comes late: the chart is the one that it would have been in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S
from engine.market.bars import INTERVALS_NS, MINUTE_NS, BarStore
from engine.market.closed_bars import BARS_MAX
from engine.model.bar import Bar, RecordedBar
from tests.unit.engine.market_builders import ABC, NOON_NS

LENGTHS_NS = tuple(each for each in INTERVALS_NS if each >= MINUTE_NS)
Print = tuple[int, int, int]
"""Seconds since the print before, price, size."""
PRINTS = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 1000), st.integers(1, 50)), max_size=60)


def traded(store: BarStore, prints: Sequence[Print], at_ns: int) -> int:
    """Make bars of prints that begin at a time; return the first whole minute after."""
    for pause_s, price, size in prints:
        at_ns += pause_s * NS_PER_S
        store.of(ABC).add_trade(at_ns, price, size, sets_last=True)
    return at_ns + MINUTE_NS - at_ns % MINUTE_NS


def minutes_of(prints: Sequence[Print]) -> tuple[list[RecordedBar], int]:
    """Return closed minutes as a venue would tell them, and when they end."""
    store = BarStore()
    end_ns = traded(store, prints, NOON_NS)
    bars = store.series(ABC, MINUTE_NS).last(BARS_MAX)
    return [RecordedBar("venue", msgspec.structs.replace(bar, closed=True), end_ns) for bar in bars], end_ns


def recorded(store: BarStore, bars: Iterable[RecordedBar]) -> None:
    for each in bars:
        assert store.record(each)


@settings(deadline=None)
@given(PRINTS, st.integers(0, 60), PRINTS)
def test_history_that_comes_late_makes_the_chart_that_it_would_have_made(
    before: list[Print], known: int, after: list[Print]
) -> None:
    history, end_ns = minutes_of(before)
    in_time, late = BarStore(), BarStore()
    recorded(in_time, history)
    recorded(late, history[:known])
    for store in (in_time, late):
        traded(store, after, end_ns)
    late.fill(ABC, history[known:])
    for length_ns in LENGTHS_NS:
        assert late.series(ABC, length_ns).last(BARS_MAX) == in_time.series(ABC, length_ns).last(BARS_MAX)


@settings(deadline=None)
@given(PRINTS, PRINTS, PRINTS)
def test_bars_go_on_being_made_after_late_history(
    before: list[Print], between: list[Print], after: list[Print]
) -> None:
    history, end_ns = minutes_of(before)
    in_time, late = BarStore(), BarStore()
    recorded(in_time, history)
    for store in (in_time, late):
        next_ns = traded(store, between, end_ns)
        if store is late:
            store.fill(ABC, history)
        traded(store, after, next_ns)
    for length_ns in LENGTHS_NS:
        assert late.series(ABC, length_ns).last(BARS_MAX) == in_time.series(ABC, length_ns).last(BARS_MAX)


def test_a_whole_minute_of_the_venue_stands_for_the_half_that_was_made_here() -> None:
    store = BarStore()
    traded(store, [(30, 100, 1), (60, 101, 1)], NOON_NS)
    whole = Bar(ABC, MINUTE_NS, NOON_NS, 90, 110, 80, 100, 7, 700, 3, closed=True)
    store.fill(ABC, [RecordedBar("venue", whole, NOON_NS)])
    first, second = store.series(ABC, MINUTE_NS).last(9)
    assert (first, second.closed, second.open) == (whole, False, 101)
    (five,) = store.series(ABC, 5 * MINUTE_NS).last(9)
    assert (five.open, five.high, five.low, five.close, five.volume) == (90, 110, 80, 101, 8)


def test_the_minute_that_forms_is_not_filled_in() -> None:
    store = BarStore()
    traded(store, [(0, 100, 1)], NOON_NS)
    later = Bar(ABC, MINUTE_NS, NOON_NS, 90, 110, 80, 100, 7, 700, 3, closed=True)
    store.fill(ABC, [RecordedBar("venue", later, NOON_NS)])
    (forming,) = store.series(ABC, MINUTE_NS).last(9)
    assert (forming.closed, forming.volume) == (False, 1)


def test_what_was_traded_before_ends_the_bars_of_mids() -> None:
    store = BarStore()
    store.of(ABC).add_mid(NOON_NS + MINUTE_NS, 555)
    history, _ = minutes_of([(0, 100, 1)])
    store.fill(ABC, history)
    assert store.series(ABC, MINUTE_NS).last(9) == tuple(each.bar for each in history)
    store.of(ABC).add_trade(NOON_NS + 2 * MINUTE_NS, 101, 1, sets_last=True)
    assert [bar.close for bar in store.series(ABC, MINUTE_NS).last(9)] == [100, 101]


def test_longer_bars_that_go_back_further_are_kept() -> None:
    store, hour_ns = BarStore(), 60 * MINUTE_NS
    hour = Bar(ABC, hour_ns, NOON_NS, 4, 9, 1, 5, 1000, 50, 20, closed=True)
    store.record(RecordedBar("venue", hour, NOON_NS))
    history, end_ns = minutes_of([(1800, 100, 1), (3600, 200, 1)])
    traded(store, [(0, 300, 1)], end_ns)
    store.fill(ABC, history)
    first, second = store.series(ABC, hour_ns).last(9)
    assert first == hour
    assert (second.open, second.close, second.volume, second.closed) == (200, 300, 2, False)


def test_late_history_is_bounded_and_the_newest_is_kept() -> None:
    store, minutes = BarStore(), 2 * BARS_MAX
    bars = [
        RecordedBar("venue", Bar(ABC, MINUTE_NS, NOON_NS + n * MINUTE_NS, 4, 6, 3, 5, 10, 50, 2, True), 0)
        for n in range(minutes)
    ]
    traded(store, [(0, 100, 1)], NOON_NS + minutes * MINUTE_NS)
    store.fill(ABC, bars)
    closed = store.series(ABC, MINUTE_NS).closed
    assert len(closed) == BARS_MAX
    assert closed[-1] == bars[-1].bar
    assert all(later.start_ns - earlier.start_ns == MINUTE_NS for earlier, later in pairwise(closed))
