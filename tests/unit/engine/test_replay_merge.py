"""Merging loses nothing, orders by time, and keeps each recording's own order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.replay.merge import Block, Stream, merge
from engine.adapters.replay.recording import Broken, Chunk
from engine.errors import FileDataError

Event = tuple[int, int, int]
"""Time, message number, stream."""

_steps = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=60)


def _events(steps: list[tuple[int, int]], rank: int) -> list[Event]:
    time, number, events = 1, 0, []
    for later, further in steps:
        time, number = time + later, number + further
        events.append((time, number, rank))
    return events


def _chunks(events: list[Event], size: int) -> Iterator[Chunk]:
    for start in range(0, len(events), size):
        part = events[start : start + size]
        yield Chunk(
            np.array([time for time, _, _ in part], np.int64),
            np.array([number for _, number, _ in part], np.int64),
            list(part),
        )


def _flat(blocks: Iterator[Block]) -> list[object]:
    found: list[object] = []
    for times, events in blocks:
        assert len(times) == len(events)
        found += events
    return found


@settings(deadline=None)
@given(st.lists(st.tuples(_steps, st.integers(0, 2), st.integers(1, 7)), max_size=5))
def test_merging_is_a_stable_sort_by_time_group_and_message(
    recordings: list[tuple[list[tuple[int, int]], int, int]],
) -> None:
    streams, everything = [], []
    for rank, (steps, group, size) in enumerate(recordings):
        events = _events(steps, rank)
        streams.append(Stream(_chunks(events, size), group, rank))
        everything += [(time, group, number, rank, event) for event in events for time, number, _ in [event]]
    expected = [row[4] for row in sorted(everything, key=lambda row: row[:4])]
    assert _flat(merge(streams)) == expected


def _breaks(events: list[Event]) -> Iterator[Chunk]:
    yield from _chunks(events, 2)
    raise FileDataError("x", "it breaks off", 3)


def test_a_file_that_breaks_does_so_after_all_that_came_before() -> None:
    first = [(1, 1, 0), (5, 2, 0)]
    second = [(2, 1, 1), (5, 2, 1), (9, 3, 1)]
    merged = _flat(merge([Stream(_breaks(first), 0, 0), Stream(_chunks(second, 2), 1, 1)]))
    assert isinstance(merged[3], Broken)
    assert [event for event in merged if not isinstance(event, Broken)] == [
        (1, 1, 0),
        (2, 1, 1),
        (5, 2, 0),
        (5, 2, 1),
        (9, 3, 1),
    ]


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_merges_to_nothing(count: int) -> None:
    assert _flat(merge([Stream(iter(()), 0, rank) for rank in range(count)])) == []
