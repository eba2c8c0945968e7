from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import SimulatedClock
from engine.transport.skew import KEPT, ClockSkew, measure

MS = 1_000_000


def test_before_the_first_answer_nothing_is_known() -> None:
    assert ClockSkew().skew_ns is None


def test_the_quickest_round_trip_tells() -> None:
    skew = ClockSkew()
    skew.note(0, 5_200 * MS, 400 * MS)
    skew.note(1_000 * MS, 6_005 * MS, 1_010 * MS)
    skew.note(2_000 * MS, 7_900 * MS, 2_900 * MS)
    assert (skew.skew_ns, skew.within_ns) == (5_000 * MS, 5 * MS)


def test_an_old_answer_is_forgotten() -> None:
    skew = ClockSkew()
    skew.note(0, 0, 0)
    for _ in range(KEPT):
        skew.note(0, 10 * MS, 2 * MS)
    assert skew.skew_ns == 9 * MS


def test_an_answer_from_before_its_question_says_nothing() -> None:
    skew = ClockSkew()
    skew.note(10, 5, 9)
    assert skew.skew_ns is None


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=30),
)
def test_the_truth_is_within_the_error_that_is_told(ahead_ns: int, trips: list[tuple[int, int]]) -> None:
    skew, now = ClockSkew(), 10**15
    for out, back in trips:
        skew.note(now, now + out + ahead_ns, now + out + back)
        now += 10**9
    assert skew.skew_ns is not None
    assert abs(skew.skew_ns - ahead_ns) <= skew.within_ns + 1


@given(
    st.integers(10**9, 10**12),
    st.lists(st.integers(0, 10**8), min_size=1, max_size=40),
    st.lists(st.integers(0, 4 * 10**8), min_size=2, max_size=2),
)
def test_a_clock_that_was_put_is_told_by_the_second_answer_however_slow_it_is(
    put_ns: int, before: list[int], after: list[int]
) -> None:
    skew, now = ClockSkew(), 10**15
    for took_ns in before:
        skew.note(now, now + took_ns // 2, now + took_ns)
    odd = [skew.note(now, now + took_ns // 2 + put_ns, now + took_ns) for took_ns in after]
    assert odd == [True, False]
    assert skew.skew_ns is not None
    assert abs(skew.skew_ns - put_ns) <= skew.within_ns + 1


def test_a_single_answer_that_can_not_be_is_not_believed() -> None:
    skew = ClockSkew()
    for number in range(40):
        late_ms = 2_000 if number % 2 else 0  # a cache answered
        skew.note(0, (5 - late_ms) * MS, 10 * MS)
        assert skew.skew_ns == 0


def test_whole_milliseconds_contradict_no_quick_answer() -> None:
    skew = ClockSkew()
    for micros in range(0, 40_000, 730):
        sent_ns = 10**15 + micros * 1_000
        skew.note(sent_ns, (sent_ns + 100_000) // MS * MS, sent_ns + 200_000)
        assert abs(skew.skew_ns or 0) <= MS
        assert skew._odd is None


def test_one_whose_answers_never_agree_is_asked_again_once() -> None:
    skew = ClockSkew()
    assert [skew.note(0, number * 1_000 * MS, MS) for number in range(9)] == [False, True, *[False] * 7]


@pytest.mark.parametrize(
    ("told", "asked", "known"),
    [((0, 7_000, 7_000), 2, 7_000), ((0, 7_000, 9_000, 9_000), 2, 0), ((0, 0), 1, 0), ((7_000, 7_000), 1, 7_000)],
    ids=["put", "never-the-same", "as-before", "the-first"],
)  # fmt: skip
def test_who_seems_to_have_put_a_clock_is_asked_once_more(
    told: Sequence[int], asked: int, known: int
) -> None:
    skew, clock = ClockSkew(), SimulatedClock(10**15)
    first, *rest = told
    skew.note(clock.now_ns(), clock.now_ns() + first * MS, clock.now_ns())
    answers = iter(rest)

    async def ask() -> int:
        return clock.now_ns() + next(answers) * MS

    asyncio.run(measure(skew, ask, clock))
    assert len(rest) - len(list(answers)) == asked
    assert skew.skew_ns == known * MS
