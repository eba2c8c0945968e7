from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.observe.grown import LOOKS_MAX, Grown


def test_what_came_before_the_last_while_is_not_told() -> None:
    now_ns = 0
    grown = Grown(lambda: now_ns, 60)
    assert grown.take(4) == 4, "what came before the first look counts"
    now_ns = 59
    assert grown.take(5) == 5
    now_ns = 60
    assert grown.take(5) == 1
    now_ns = 119
    assert grown.take(5) == 0


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=60), st.integers(1, 50))
def test_it_tells_what_came_since_the_last_look_before_that_time(
    steps: list[tuple[int, int]], within_ns: int
) -> None:
    now_ns = count = 0
    grown = Grown(lambda: now_ns, within_ns)
    looks = [(0, 0)]
    for passed_ns, more in steps:
        now_ns, count = now_ns + passed_ns, count + more
        looks.append((now_ns, count))
        before = [seen for at_ns, seen in looks if at_ns <= now_ns - within_ns]
        assert grown.take(count) == count - (before[-1] if before else 0)


def test_one_who_looks_too_often_sees_a_shorter_time_and_keeps_no_more() -> None:
    now_ns = 0
    grown = Grown(lambda: now_ns, 10**9)
    for _ in range(LOOKS_MAX * 2):
        now_ns += 1
        told = grown.take(now_ns)
    assert told == LOOKS_MAX - 1
