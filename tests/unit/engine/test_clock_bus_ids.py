"""The small things everything stands on: time, calls between rooms, ids, cleaned text."""

from __future__ import annotations

import asyncio
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bus import Bus
from engine.clock import SimulatedClock, SystemClock
from engine.ids import OrderIds, base36
from engine.model.text import clean


@given(st.lists(st.integers(0, 1000), max_size=30), st.lists(st.integers(0, 1200), max_size=8))
@settings(deadline=None)
def test_timers_run_in_order_each_at_its_own_time(dues: list[int], moves: list[int]) -> None:
    clock = SimulatedClock(0)
    fired: list[tuple[int, int]] = []
    for due in dues:
        clock.call_at(due, lambda due=due: fired.append((due, clock.now_ns())))  # type: ignore[misc]
    for move in moves:
        clock.advance_to(move)
    reached = max(moves, default=-1)
    assert [due for due, _ in fired] == sorted(due for due in dues if due <= reached)
    assert all(now == due for due, now in fired)


@given(st.lists(st.integers(0, 10**6), min_size=1))
@settings(deadline=None)
def test_time_never_goes_back_until_it_is_rewound(moves: list[int]) -> None:
    clock = SimulatedClock(0)
    seen = []
    for move in moves:
        clock.advance_to(move)
        seen.append(clock.now_ns())
    assert seen == sorted(seen)
    clock.rewind_to(5)
    assert clock.now_ns() == 5


def test_a_cancelled_timer_and_one_from_before_a_rewind_never_fire() -> None:
    clock = SimulatedClock(0)
    fired: list[str] = []
    clock.call_at(5, lambda: fired.append("cancelled")).cancel()
    clock.call_at(7, lambda: fired.append("forgotten"))
    clock.rewind_to(0)
    clock.call_at(9, lambda: fired.append("kept"))
    clock.advance_to(10)
    assert fired == ["kept"]


def test_a_timer_set_by_a_timer_runs_in_the_same_move() -> None:
    clock = SimulatedClock(0)
    fired: list[int] = []

    def again() -> None:
        clock.call_at(6, lambda: fired.append(clock.now_ns()))

    clock.call_at(5, again)
    clock.advance_to(10)
    assert fired == [6]


def test_the_system_clock_calls_back_on_the_loop() -> None:
    async def run() -> None:
        clock = SystemClock()
        fired = asyncio.Event()
        clock.call_at(clock.now_ns() + 1_000_000, fired.set)
        async with asyncio.timeout(30):
            await fired.wait()

    asyncio.run(run())


def test_subscribers_hear_only_their_type_in_the_order_they_came() -> None:
    bus, heard = Bus(), []
    bus.subscribe(int, lambda event: heard.append(("first", event)))
    bus.subscribe(int, lambda event: heard.append(("second", event)))
    bus.publish(1)
    bus.publish("nobody listens")
    bus.publish(True)  # a bool is no int here: exactly this type
    assert heard == [("first", 1), ("second", 1)]


def test_a_handler_that_raises_stops_the_publisher() -> None:
    bus = Bus()

    def refuse(_event: object) -> None:
        raise ValueError

    bus.subscribe(int, refuse)
    with pytest.raises(ValueError):  # noqa: PT011  # any will do
        bus.publish(1)


@given(st.integers(0, 2**70))
@settings(deadline=None)
def test_base_36_can_be_read_back(number: int) -> None:
    assert int(base36(number), 36) == number


def test_ids_never_repeat_and_carry_the_short_number() -> None:
    ids = OrderIds(1_723_161_254 * 10**9)
    made = [ids.next() for _ in range(100)]
    assert len({client_id for client_id, _ in made}) == 100
    assert [number for _, number in made] == list(range(1, 101))
    assert all(client_id.endswith(f"-{number}") for client_id, number in made)


@given(st.text(max_size=300), st.integers(1, 50))
@settings(deadline=None)
def test_cleaned_text_is_short_and_holds_nothing_that_a_terminal_obeys(text: str, length_max: int) -> None:
    cleaned = clean(text, length_max)
    assert len(cleaned) <= length_max
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} for c in cleaned)
    assert clean(cleaned, length_max) == cleaned


def test_a_good_text_is_left_alone() -> None:
    assert clean("Größe 5 € 株") == "Größe 5 € 株"
    assert clean("a\x1b[31mb\u202ec\u200bd\r\n") == "a[31mbcd"
