"""A circuit round work that is awaited: one table of states, one probe, and no false failures."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.clock import NS_PER_S, SimulatedClock
from engine.errors import BreakerOpenError, RejectedError, ThrottledError, TransientError
from engine.messages.circuits import CircuitChanged, CircuitState, Operation
from engine.transport.breaker import Breaker

CLOSED, OPEN, HALF_OPEN = CircuitState.CLOSED, CircuitState.OPEN, CircuitState.HALF_OPEN


class Bench:
    """A circuit on a clock that is moved by hand."""

    def __init__(self, failures_max: int = 3, open_s: float = 10.0) -> None:
        self.clock = SimulatedClock(0, steady_is_own=True)
        self.breaker = Breaker("kraken", Operation.DATA, self.clock, failures_max=failures_max, open_s=open_s)
        self.changes: list[CircuitChanged] = []
        self.breaker.changed = self.changes.append

    async def works(self) -> str:
        async def work() -> str:
            await asyncio.sleep(0)
            return "done"

        return await self.breaker.call(work)

    async def fails(self, error: Exception | None = None) -> None:
        failure = error or TransientError("nobody answered")

        async def work() -> None:
            await asyncio.sleep(0)
            raise failure

        with pytest.raises(type(failure)):
            await self.breaker.call(work)

    async def opens(self) -> None:
        while self.breaker.state is not OPEN:
            await self.fails()

    def passes(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now_ns() + int(seconds * NS_PER_S))

    @property
    def states(self) -> list[CircuitState]:
        return [change.after for change in self.changes]


def test_it_opens_after_so_many_failures_in_a_row_and_says_why() -> None:
    async def scenario(bench: Bench) -> None:
        for _ in range(2):
            await bench.fails()
        await bench.works()
        for _ in range(2):
            await bench.fails()
        assert bench.breaker.state is CLOSED
        await bench.fails(TransientError("\x1b[2Jgone"))
        with pytest.raises(BreakerOpenError) as refused:
            await bench.works()
        assert refused.value.retry_after_s == 10.0

    bench = Bench()
    asyncio.run(scenario(bench))
    assert bench.changes == [
        CircuitChanged("kraken", Operation.DATA, CLOSED, OPEN, "[2Jgone", 0),
    ]
    assert bench.breaker.openings == 1


def test_a_refusal_by_the_venue_is_a_healthy_answer() -> None:
    async def scenario(bench: Bench) -> None:
        for _ in range(9):
            await bench.fails(RejectedError("no such pair"))
        for _ in range(2):
            await bench.fails()
        await bench.fails(RejectedError("no such pair"))
        for _ in range(2):
            await bench.fails()

    bench = Bench()
    asyncio.run(scenario(bench))
    assert bench.breaker.state is CLOSED


@pytest.mark.parametrize(("asked_s", "left_s"), [(30.0, 30.0), (2.0, 10.0)])
def test_a_venue_that_was_asked_too_often_is_left_alone_at_once_and_for_as_long_as_it_wants(
    asked_s: float, left_s: float
) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.fails(ThrottledError("answered 429", asked_s))
        assert bench.breaker.retry_after_s == left_s
        bench.passes(left_s)
        await bench.fails(ThrottledError("answered 418", 60.0))
        bench.breaker.leave_alone(20.0, "another route was told so")
        assert bench.breaker.retry_after_s == 60.0
        bench.passes(60.0)
        await bench.works()

    bench = Bench()
    asyncio.run(scenario(bench))
    assert bench.states == [OPEN, HALF_OPEN, OPEN, HALF_OPEN, CLOSED]
    assert bench.changes[0].reason == "answered 429"


def test_a_cancellation_is_no_failure_and_goes_on_as_one() -> None:
    async def scenario(bench: Bench) -> None:
        for _ in range(5):
            task = asyncio.create_task(bench.breaker.call(asyncio.Event().wait))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    bench = Bench(failures_max=2)
    asyncio.run(scenario(bench))
    assert bench.breaker.state is CLOSED


def test_one_question_of_fifty_is_let_through_and_its_answer_decides() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.opens()
        bench.passes(10)
        answers = await asyncio.gather(*(bench.works() for _ in range(50)), return_exceptions=True)
        assert answers.count("done") == 1
        assert sum(isinstance(each, BreakerOpenError) for each in answers) == 49
        assert await bench.works() == "done"

    bench = Bench()
    asyncio.run(scenario(bench))
    assert bench.states == [OPEN, HALF_OPEN, CLOSED]


def test_a_question_that_fails_opens_it_for_another_while() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.opens()
        bench.passes(10)
        await bench.fails()
        bench.passes(9.5)
        with pytest.raises(BreakerOpenError, match=r"kraken data is not answering; next try in 0\.5 s"):
            await bench.works()
        bench.passes(0.5)
        await bench.works()

    bench = Bench()
    asyncio.run(scenario(bench))
    assert bench.states == [OPEN, HALF_OPEN, OPEN, HALF_OPEN, CLOSED]
    assert bench.breaker.openings == 2


def test_a_question_that_is_cancelled_decides_nothing_and_lets_the_next_one_through() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.opens()
        bench.passes(10)
        task = asyncio.create_task(bench.breaker.call(asyncio.Event().wait))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert bench.breaker.state is HALF_OPEN
        await bench.works()

    bench = Bench()
    asyncio.run(scenario(bench))
    assert bench.breaker.state is CLOSED


@pytest.mark.parametrize("late_one_fails", [True, False])
def test_what_began_before_it_opened_says_nothing_any_more(late_one_fails: bool) -> None:
    async def scenario(bench: Bench) -> None:
        gate = asyncio.Event()

        async def late() -> None:
            await gate.wait()
            if late_one_fails:
                raise TransientError("late")

        task = asyncio.create_task(bench.breaker.call(late))
        await asyncio.sleep(0)
        await bench.opens()
        gate.set()
        await asyncio.gather(task, return_exceptions=True)
        assert bench.breaker.state is OPEN
        assert bench.breaker.reason == "nobody answered"

    asyncio.run(scenario(Bench()))


class Circuit(RuleBasedStateMachine):
    """Any sequence of answers and waits against the table of a breaker, written down once more."""

    @initialize(failures_max=st.integers(1, 4))
    def begin(self, failures_max: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.bench = Bench(failures_max, open_s=5)
        self.failures_max = failures_max
        self.state, self.failures, self.left_s, self.openings = CLOSED, 0, 0.0, 0

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()

    @rule(seconds=st.integers(1, 7))
    def wait(self, seconds: int) -> None:
        self.bench.passes(seconds)
        self.left_s = max(0.0, self.left_s - seconds)

    @rule(answer=st.sampled_from(["good", "refused", "failed", "cancelled"]))
    def ask(self, answer: str) -> None:
        let_through = self.loop.run_until_complete(self._ask(answer))
        assert let_through == (self.state is not OPEN or not self.left_s)
        if not let_through:
            return
        self.state = HALF_OPEN if self.state is OPEN else self.state
        if answer in {"good", "refused"}:
            self.state, self.failures = CLOSED, 0
        elif answer == "failed":
            self.failures += 1
            if self.state is HALF_OPEN or self.failures >= self.failures_max:
                self.state, self.failures, self.left_s = OPEN, 0, 5.0
                self.openings += 1

    @invariant()
    def it_is_where_the_table_says(self) -> None:
        if hasattr(self, "bench"):
            assert self.bench.breaker.state is self.state
            assert self.bench.breaker.retry_after_s == (self.left_s if self.state is OPEN else 0)
            assert self.bench.breaker.openings == self.openings
            assert all(
                a.after is b.before for a, b in zip(self.bench.changes, self.bench.changes[1:], strict=False)
            )

    async def _ask(self, answer: str) -> bool:
        errors = {"refused": RejectedError("no"), "failed": TransientError("gone")}

        async def work() -> None:
            if answer == "cancelled":
                raise asyncio.CancelledError
            if answer in errors:
                raise errors[answer]

        try:
            await self.bench.breaker.call(work)
        except BreakerOpenError:
            return False
        except (RejectedError, TransientError, asyncio.CancelledError):
            return True
        return True


Circuit.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestCircuit = Circuit.TestCase
