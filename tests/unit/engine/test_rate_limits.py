"""The limits themselves: what may pass in any window, what is told, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import TypeVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S, SimulatedClock
from engine.security.rates.connections import ADMIN_MAX, USER_MAX, Connections, NoConnectionFree
from engine.security.rates.fields import rate_fields
from engine.security.rates.limit import US_PER_S, Decision, Limit, decided
from engine.security.rates.limiter import Limiter
from engine.security.rates.memory import MemoryRates
from engine.security.rates.table import TABLE, WINDOW_S, Kind, limits_of
from tests.documented import code, page, rows

T = TypeVar("T")
LIMITS = st.builds(Limit, st.just("data"), st.integers(2, 40), st.integers(1, 90))
STEPS = st.lists(st.one_of(st.integers(0, 3_000_000), st.just(0), st.integers(0, 90_000_000)), max_size=120)


def at_once(asked: Coroutine[None, None, T]) -> T:
    """Return what a coroutine returns that waits for nothing."""
    try:
        asked.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    raise AssertionError("it waited")


class Bench:
    """One count and its clock."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.clock = SimulatedClock(NS_PER_S, steady_is_own=True)
        self.store = MemoryRates(self.clock)

    @property
    def now_us(self) -> int:
        return self.clock.monotonic_ns() // 1_000

    def ask(self) -> Decision:
        taken = at_once(self.store.take([self.limit.counted("ada")]))
        return decided((self.limit,), taken.passes, taken.ahead_us)

    def pass_us(self, microseconds: int) -> None:
        self.clock.advance_to(self.clock.now_ns() + microseconds * 1_000)


@settings(max_examples=150, deadline=None)
@given(LIMITS, STEPS)
def test_no_window_wherever_it_begins_sees_more_than_the_quota(limit: Limit, steps: list[int]) -> None:
    bench = Bench(limit)
    passed: list[int] = []
    for step in steps:
        bench.pass_us(step)
        if bench.ask().passes:
            passed.append(bench.now_us)
    for begin_us in passed:
        end_us = begin_us + limit.window_s * US_PER_S
        assert sum(begin_us <= at_us < end_us for at_us in passed) <= limit.quota


@settings(max_examples=100, deadline=None)
@given(LIMITS, STEPS)
def test_who_is_refused_passes_after_the_wait_that_was_told_and_not_before(
    limit: Limit, steps: list[int]
) -> None:
    bench = Bench(limit)
    for step in steps:
        bench.pass_us(step)
        decision = bench.ask()
        if not decision.passes:
            wait_us = round(decision.wait_s * US_PER_S)
            bench.pass_us(wait_us - 1)
            assert not bench.ask().passes
            bench.pass_us(1)
            assert bench.ask().passes


@settings(max_examples=100, deadline=None)
@given(LIMITS, STEPS)
def test_as_many_pass_as_were_told_to_remain(limit: Limit, steps: list[int]) -> None:
    bench = Bench(limit)
    for step in steps[:20]:
        bench.pass_us(step)
        bench.ask()
    remaining = bench.ask().remaining
    assert [bench.ask().passes for _ in range(remaining + 1)] == [True] * remaining + [False]


def test_a_quota_is_used_up_whole_by_who_asks_evenly() -> None:
    bench = Bench(Limit("data", 10, 60))
    passed = 0
    for _ in range(61):
        passed += bench.ask().passes
        bench.pass_us(US_PER_S)
    assert passed == 10


def test_a_flood_of_strangers_is_refused_once_there_is_no_room_and_makes_room_again() -> None:
    limit = Limit("auth", 4, 10)
    clock = SimulatedClock(NS_PER_S, steady_is_own=True)
    store = MemoryRates(clock, keys_max=3)
    passes = [at_once(store.take([limit.counted(str(number))])).passes for number in range(5)]
    assert passes == [True, True, True, False, False]
    assert (len(store), store.no_room) == (3, 2)
    clock.advance_to(clock.now_ns() + 5 * NS_PER_S)
    assert at_once(store.take([limit.counted("new")])).passes
    assert len(store) == 1


def test_an_admin_may_ask_more_often_than_a_trader() -> None:
    for kind in set(Kind) - {Kind.AUTH}:
        admin, everyone = limits_of(kind, "admin")
        trader, same = limits_of(kind, "trader")
        assert trader.quota < admin.quota < everyone.quota
        assert everyone == same


def test_kinds_are_counted_apart_and_by_who_asks() -> None:
    store = MemoryRates(SimulatedClock(NS_PER_S, steady_is_own=True))
    limiter = Limiter(store, store, production=True)
    while at_once(limiter.decide(Kind.ADMIN, "ada", "trader")).passes:
        pass
    assert at_once(limiter.decide(Kind.DATA, "ada", "trader")).passes
    assert at_once(limiter.decide(Kind.ADMIN, "bob", "trader")).passes
    assert (limiter.refused, limiter.uncounted) == (1, 0)


def test_the_fields_of_an_answer_are_those_of_the_draft() -> None:
    limits = limits_of(Kind.ORDERS, "trader")
    passed = Decision(True, limits[0], 59, 1.2, 0.0)
    assert rate_fields(passed, limits) == {
        "RateLimit-Policy": '"orders";q=120;w=60, "orders-all";q=1200;w=60',
        "RateLimit": '"orders";r=59;t=2',
    }
    refused = rate_fields(Decision(False, limits[1], 0, 30.0, 0.05), limits)
    assert refused["RateLimit"] == '"orders-all";r=0;t=30'
    assert refused["Retry-After"] == "1"
    uncounted = rate_fields(Decision(False, limits[0], 0, 0.0, 1.0, is_counted=False), limits)
    assert "RateLimit" not in uncounted
    assert uncounted["Retry-After"] == "1"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(Kind), st.booleans(), st.integers(0, 2**40), st.integers(0, 2**40))
def test_a_field_is_always_a_list_of_names_with_whole_numbers(
    kind: Kind, passes: bool, own_us: int, all_us: int
) -> None:
    limits = limits_of(kind, "trader")
    fields = rate_fields(decided(limits, passes, (own_us, all_us)), limits)
    assert re.fullmatch(r'"[a-z-]+";r=\d+;t=\d+', fields["RateLimit"])
    assert re.fullmatch(r'"[a-z-]+";q=\d+;w=\d+, "[a-z-]+";q=\d+;w=\d+', fields["RateLimit-Policy"])
    assert ("Retry-After" in fields) is not passes


def test_a_user_may_hold_so_many_sockets_and_all_together_so_many() -> None:
    connections = Connections(everyone_max=USER_MAX + ADMIN_MAX)
    with ExitStack() as held:
        for _ in range(USER_MAX):
            held.enter_context(connections.one("ada", "trader"))
        with pytest.raises(NoConnectionFree, match=f"{USER_MAX} of {USER_MAX}"):
            held.enter_context(connections.one("ada", "trader"))
        for _ in range(ADMIN_MAX):
            held.enter_context(connections.one("bob", "admin"))
        with pytest.raises(NoConnectionFree):
            held.enter_context(connections.one("eve", "viewer"))
        assert (len(connections), connections.refused) == (USER_MAX + ADMIN_MAX, 2)
    assert len(connections) == 0
    with connections.one("ada", "trader"):
        assert len(connections) == 1


def test_the_page_tells_every_limit() -> None:
    told = rows(page("docs/rate-limits.md"))
    assert [(code(row[0]), *(int(cell.replace(",", "")) for cell in row[2:5])) for row in told] == [
        (kind.value, *quotas) for kind, quotas in TABLE.items()
    ]
    assert WINDOW_S == 60
