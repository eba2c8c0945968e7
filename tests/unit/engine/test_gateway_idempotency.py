"""Keys: done once, answered the same, kept for a day and so many."""

from __future__ import annotations

import asyncio

import pytest

from engine.clock import SimulatedClock
from engine.gateway import idempotency
from engine.gateway.asking import Answer
from engine.gateway.idempotency import KEPT_NS, REPLAYED, Idempotency, order_id_of
from engine.gateway.refusals import Code, Refused

ONE, OTHER = b"one request", b"another"


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0
        self.fails: BaseException | None = None
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def __call__(self) -> Answer:
        self.done += 1
        await self.goes_on.wait()
        if self.fails is not None:
            raise self.fails
        return Answer(self.done)


def test_what_comes_at_the_same_time_waits_for_the_first_and_has_its_answer() -> None:
    async def play() -> None:
        work, keys = Work(), Idempotency(SimulatedClock(0))
        work.goes_on.clear()
        asked = [asyncio.create_task(keys.once("ann", "k", ONE, work)) for _ in range(3)]
        await asyncio.sleep(0)
        asked[1].cancel()
        work.goes_on.set()
        first, _, third = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(first, Answer)
        assert isinstance(third, Answer)
        assert (work.done, first.body, third.body, third.headers[REPLAYED]) == (1, 1, 1, "true")

    asyncio.run(play())


def test_what_was_refused_may_come_again_and_another_request_may_not() -> None:
    async def play() -> None:
        work, keys = Work(), Idempotency(SimulatedClock(0))
        work.fails = Refused(Code.UNAVAILABLE)
        with pytest.raises(Refused):
            await keys.once("ann", "k", ONE, work)
        work.fails = None
        assert (await keys.once("ann", "k", ONE, work)).body == 2
        with pytest.raises(Refused) as error:
            await keys.once("ann", "k", OTHER, work)
        assert error.value.code is Code.KEY_CONFLICT
        assert (await keys.once("bob", "k", OTHER, work)).body == 3

    asyncio.run(play())


def test_a_key_is_kept_for_a_day_and_no_more_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        clock = SimulatedClock(0, steady_is_own=True)
        work, keys = Work(), Idempotency(clock)
        for key in ("a", "b", "c"):
            await keys.once("ann", key, ONE, work)
        assert len(keys) == 2, "the oldest made room"
        assert REPLAYED in (await keys.once("ann", "c", ONE, work)).headers
        assert REPLAYED not in (await keys.once("ann", "a", ONE, work)).headers
        clock.advance_to(KEPT_NS + 1)
        assert REPLAYED not in (await keys.once("ann", "a", ONE, work)).headers

    monkeypatch.setattr(idempotency, "KEYS_MAX", 2)
    asyncio.run(play())


def test_the_id_of_an_order_follows_from_who_asks_and_the_key() -> None:
    assert order_id_of("ann", "k") == order_id_of("ann", "k")
    assert len({order_id_of("ann", "k"), order_id_of("bob", "k"), order_id_of("ann", "l")}) == 3
    assert len(order_id_of("ann", "k" * 64)) == 21, "venues take 36 characters, and exits add some"
