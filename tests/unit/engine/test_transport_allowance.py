"""How often a venue may be asked: its own word counts, and the reserve is for cancels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import NS_PER_S, SimulatedClock
from engine.transport.allowance import Allowance

NOON_S = 1_795_532_400


def made(limit: int = 10, reserve: int = 3) -> tuple[Allowance, SimulatedClock]:
    clock = SimulatedClock(NOON_S * NS_PER_S, steady_is_own=True)
    return Allowance(clock, limit=limit, reserve=reserve), clock


def headers(left: int, ends_s: int, limit: int = 10) -> dict[str, str]:
    return {
        "x-ratelimit-limit": f"{limit}",
        "x-ratelimit-remaining": f"{left}",
        "x-ratelimit-reset": f"{ends_s}",
    }


def test_the_reserve_is_left_for_cancels() -> None:
    allowance, _ = made()
    assert [allowance.take() for _ in range(9)] == [True] * 7 + [False] * 2
    assert (allowance.left, allowance.refused) == (3, 2)
    for _ in range(5):
        allowance.count()
    assert allowance.left == 0


def test_what_can_wait_leaves_some_for_what_can_less() -> None:
    allowance, _ = made()
    assert [allowance.take(leaving=4) for _ in range(4)] == [True] * 3 + [False]
    assert allowance.take()


def test_what_the_venue_says_counts() -> None:
    allowance, _ = made()
    allowance.heard(headers(4, NOON_S + 30, limit=20))
    assert (allowance.left, allowance.limit) == (4, 20)
    assert 29 < allowance.ends_in_s <= 30


def test_an_answer_that_was_overtaken_gives_nothing_back() -> None:
    allowance, _ = made()
    allowance.heard(headers(4, NOON_S + 30))
    allowance.heard(headers(6, NOON_S + 30))
    allowance.heard(headers(9, NOON_S - 30))
    assert allowance.left == 4


def test_a_new_window_has_as_many_as_ever() -> None:
    allowance, clock = made()
    allowance.heard(headers(0, NOON_S + 30))
    assert not allowance.take()
    clock.advance_to(clock.now_ns() + 30 * NS_PER_S)
    assert allowance.left == 10
    assert allowance.take()


def test_the_window_of_a_venue_whose_clock_is_behind_lasts_until_it_ends_there() -> None:
    allowance, clock = made()
    allowance.heard(headers(0, NOON_S + 30))
    clock.advance_to(clock.now_ns() + 30 * NS_PER_S)
    allowance.heard(headers(0, NOON_S + 30))
    assert allowance.left == 0


@pytest.mark.parametrize("odd", [{}, {"x-ratelimit-limit": "x"}, {"x-ratelimit-remaining": "-1"}])
def test_headers_that_say_nothing_change_nothing(odd: dict[str, str]) -> None:
    allowance, _ = made()
    allowance.take()
    allowance.heard(odd)
    assert allowance.left == 9


@given(
    st.lists(st.tuples(st.sampled_from(["take", "count", "heard", "wait"]), st.integers(0, 70)), max_size=40)
)
def test_it_never_lets_more_through_than_the_reserve_allows(steps: list[tuple[str, int]]) -> None:
    allowance, clock = made()
    for what, number in steps:
        if what == "take":
            left = allowance.left
            assert allowance.take() is (left > allowance.reserve)
        elif what == "count":
            allowance.count()
        elif what == "heard":
            allowance.heard(headers(number % 11, NOON_S + number))
        else:
            clock.advance_to(clock.now_ns() + number * NS_PER_S)
        assert 0 <= allowance.left <= allowance.limit
