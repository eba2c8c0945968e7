"""Closed bars read as they were written, whatever is in them, and however many there were."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import NS_PER_S
from engine.market.closed_bars import BARS_MAX, ClosedBars
from engine.model.bar import LONG, Bar
from tests.unit.engine.market_builders import ABC, NOON_NS

NUMBERS = st.integers(0, LONG - 1) | st.integers(0, LONG * 4)


def bar_at(number: int, close: int = 5, volume: int = 10) -> Bar:
    return Bar(
        ABC, NS_PER_S, NOON_NS + number * NS_PER_S, 4, max(6, close), 3, close, volume, 50, 2, closed=True
    )


def filled(count: int) -> ClosedBars:
    bars = ClosedBars(ABC, NS_PER_S)
    for number in range(count):
        bars.append(bar_at(number, close=number))
    return bars


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=30), st.integers(0, 35))
def test_what_is_read_is_what_was_written(numbers: list[tuple[int, int]], count: int) -> None:
    expected = [bar_at(number, *each) for number, each in enumerate(numbers)]
    bars = ClosedBars(ABC, NS_PER_S)
    for bar in expected:
        bars.append(bar)
        assert bars[-1] == bar
    newest = expected[-count:] if count else []
    assert list(bars) == list(bars.copy()) == expected
    assert [bars[place] for place in range(len(bars))] == expected
    assert bars.newest(count) == tuple(newest)
    assert bars.closes(count) == [bar.close for bar in newest]
    assert all(bar in bars for bar in expected)


@pytest.mark.parametrize("count", [BARS_MAX - 1, BARS_MAX, BARS_MAX + 1, 2 * BARS_MAX, 4 * BARS_MAX + 7])
def test_only_the_newest_are_kept(count: int) -> None:
    bars, kept = filled(count), min(count, BARS_MAX)
    assert len(bars) == len(list(bars)) == kept
    assert bars[0] == bars[-kept] == bar_at(count - kept, close=count - kept)
    assert bars[kept - 1] == bars[-1] == bar_at(count - 1, close=count - 1)
    assert bars.closes(count) == list(range(count - kept, count))


def test_a_bar_that_is_not_there_is_refused() -> None:
    bars = filled(2)
    for place in (2, -3):
        with pytest.raises(IndexError, match=f"bar {place} of 2"):
            bars[place]
    bars.clear()
    assert (len(bars), list(bars), bars.newest(5), bars.closes(5)) == (0, [], (), [])


def test_what_was_asked_for_is_asked_again_only_after_a_change() -> None:
    bars = filled(9)
    told = bars.newest(3)
    assert bars.newest(3) is told
    bars.replace_newest(bar_at(8, close=77))
    assert [bar.close for bar in bars.newest(3)] == [6, 7, 77]
    bars.append(bar_at(9))
    assert [bar.close for bar in bars.newest(3)] == [7, 77, 5]


def test_a_copy_is_no_longer_told_of_changes() -> None:
    bars = filled(2)
    copied = bars.copy()
    bars.append(bar_at(2))
    assert (len(copied), len(bars)) == (2, 3)


def test_a_bar_takes_little_room() -> None:
    filled(1)
    gc.collect()
    tracemalloc.start()
    try:
        bars = filled(BARS_MAX)
        assert tracemalloc.get_traced_memory()[0] < 100 * len(bars)
    finally:
        tracemalloc.stop()
