"""What every place that counts requests promises."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from engine.ports.rates import RateStore, Taken
from engine.security.rates.limit import Decision, Limit, decided

HOURLY = Limit("orders", 10, 36_000)
"""Five at once, then one every two hours: no test lasts that long by itself."""
TOGETHER = Limit("orders-all", 14, 36_000)


class Place:
    """A store, and how its time is made to pass."""

    def __init__(self, store: RateStore, pass_s: Callable[[float], None]) -> None:
        self.store = store
        self.pass_s = pass_s

    async def ask(self, who: str = "ada") -> Decision:
        taken = await self.store.take([HOURLY.counted(who), TOGETHER.counted("")])
        return decided((HOURLY, TOGETHER), taken.passes, taken.ahead_us)


class RatePromises:
    """Inherit this, and make a place that has counted nothing."""

    def place(self) -> AbstractAsyncContextManager[Place]:
        raise NotImplementedError

    def run(self, scene: Callable[[Place], Awaitable[None]]) -> None:
        async def play() -> None:
            async with self.place() as place:
                await scene(place)

        asyncio.run(play())

    def test_half_of_the_quota_passes_at_once_and_the_next_is_told_how_long_to_wait(self) -> None:
        async def scene(place: Place) -> None:
            answers = [await place.ask() for _ in range(7)]
            assert [each.passes for each in answers] == [True] * 5 + [False] * 2
            assert [each.remaining for each in answers] == [4, 3, 2, 1, 0, 0, 0]
            assert all(each.wait_s == 0 for each in answers[:4])
            assert 7_190 < answers[-1].wait_s <= 7_200
            assert answers[-1].limit is HOURLY

        self.run(scene)

    def test_time_gives_back_what_was_taken_one_after_the_other(self) -> None:
        async def scene(place: Place) -> None:
            for _ in range(5):
                await place.ask()
            for _ in range(3):
                assert not (await place.ask()).passes
                place.pass_s(7_200)
                assert (await place.ask()).passes
            place.pass_s(100_000)
            assert [(await place.ask()).passes for _ in range(6)] == [True] * 5 + [False]

        self.run(scene)

    def test_one_who_asks_too_often_takes_nothing_from_the_others(self) -> None:
        async def scene(place: Place) -> None:
            for _ in range(30):
                await place.ask()
            assert [(await place.ask("bob")).passes for _ in range(2)] == [True, True]

        self.run(scene)

    def test_all_together_have_a_limit_too_and_it_is_the_one_that_is_told(self) -> None:
        async def scene(place: Place) -> None:
            for _ in range(5):
                await place.ask()
            answers = [await place.ask("bob") for _ in range(3)]
            assert [each.passes for each in answers] == [True, True, False]
            assert answers[-1].limit is TOGETHER
            assert (await place.ask("eve")).limit is TOGETHER

        self.run(scene)

    def test_what_is_refused_is_counted_nowhere(self) -> None:
        async def scene(place: Place) -> None:
            for _ in range(5):
                await place.ask()
            before: Taken = await place.store.take([TOGETHER.counted("other")])
            for _ in range(20):
                await place.ask()
            place.pass_s(7_200)
            assert before.passes
            assert (await place.ask()).passes

        self.run(scene)

    def test_of_many_at_once_no_more_pass_than_may(self) -> None:
        async def scene(place: Place) -> None:
            answers = await asyncio.gather(*(place.ask() for _ in range(40)))
            assert sum(each.passes for each in answers) == 5

        self.run(scene)

    def test_a_name_from_outside_is_only_a_name(self) -> None:
        async def scene(place: Place) -> None:
            for name in ("", "*", "a\r\nFLUSHALL\r\n", "é☃" * 5_000, "{x}", "\x00"):
                assert (await place.ask(name)).passes

        self.run(scene)
