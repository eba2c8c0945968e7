"""One engine for one account, by a real Redis: whoever may send, nobody else may."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import integers, sampled_from
from redis import Redis

from engine.clock import NS_PER_MS, NS_PER_S, SimulatedClock
from engine.desk.lease import Lease
from engine.desk.redis_link import RedisLink
from engine.messages.events import Severity
from engine.messages.views import HealthState
from engine.settings.redis import RedisSettings
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis

pytestmark = needs_redis
LIFE_S = 3
LIFE_NS = LIFE_S * NS_PER_S
KEY = "desk:{lease/bridge/PAPER-1}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as one:
        yield one


@pytest.fixture
def own(server: RedisServer) -> Iterator[Redis]:
    """Return a client that may do everything, on a server that holds nothing."""
    with server.own() as client:
        client.flushall()
        yield client


class Desk:
    """A lease with clocks of its own, and what it told."""

    def __init__(self, name: str, settings: RedisSettings, known: int = 0) -> None:
        self.clock = SimulatedClock(NS_PER_S, steady_is_own=True)
        self.link = RedisLink(settings, CREDENTIAL, self.clock)
        self.lease = Lease(self.link, "bridge/PAPER-1", f"{name} host, process {name}", LIFE_S, self.clock)
        self.told: list[tuple[Severity, str]] = []
        self.taken: list[int] = []
        self.frees = 0
        self.lease.known = lambda: known
        self.lease.say = lambda severity, text: self.told.append((severity, text))
        self.lease.on_taken = self.taken.append
        self.lease.on_free = self._freed

    def _freed(self) -> None:
        self.frees += 1

    def later(self, passed_ns: int) -> None:
        self.clock.advance_to(self.clock.now_ns() + passed_ns)

    async def settles(self) -> None:
        """Take the account, and let the time pass in which nothing leaves yet."""
        for _ in range(4):
            await self.lease.look()
            self.later(LIFE_NS // 3)
        await self.lease.look()


def play(scene: Callable[..., Awaitable[None]], settings: RedisSettings, *names: str) -> None:
    """Play a scene with a desk of each name."""

    @asynccontextmanager
    async def desks() -> Any:
        there = [Desk(name, settings) for name in names]
        try:
            yield there
        finally:
            for each in there:
                await each.link.close()

    async def playing() -> None:
        async with desks() as there:
            await scene(*there)

    asyncio.run(playing())


@pytest.mark.usefixtures("own")
def test_one_of_two_desks_has_the_account_and_the_other_is_told_who(server: RedisServer) -> None:
    async def scene(one: Desk, two: Desk) -> None:
        await one.settles()
        await two.settles()
        assert one.lease.refusal() == ""
        assert "host, process a has it (hold 1)" in two.lease.refusal()
        assert (one.taken, two.taken) == ([1], [])
        assert one.lease.reading()[:2] == (HealthState.OK, "ours")
        assert two.lease.reading()[:2] == (HealthState.DEGRADED, "waits")

    play(scene, server.settings, "a", "b")


@pytest.mark.usefixtures("own")
def test_no_order_leaves_within_the_first_life_since_another_may_still_trust_its_own(
    server: RedisServer,
) -> None:
    async def scene(one: Desk) -> None:
        await one.lease.look()
        one.later(LIFE_NS // 3)
        await one.lease.look()
        assert one.lease.refusal() == "the account is ours, and orders leave in 2.0 s"
        assert one.frees == 0
        await one.settles()
        assert (one.lease.refusal(), one.frees) == ("", 1)
        assert one.told == [(Severity.INFO, "the account is ours (hold 1): orders leave")]

    play(scene, server.settings, "a")


def test_a_holder_that_is_cut_off_stops_while_the_key_still_stands(server: RedisServer, own: Redis) -> None:
    async def scene(one: Desk) -> None:
        await one.settles()
        with server.held():
            await one.lease.look()
            assert one.lease.refusal() == ""
            one.later(LIFE_NS * 9 // 10 + 1)
            await one.lease.look()
            assert "not known (redis gave no answer" in one.lease.refusal()
            assert one.told[-1] == (Severity.CRITICAL, one.lease.refusal())
        assert own.pttl(f"{KEY}:holder") > 0
        one.later(NS_PER_S)
        await one.lease.look()
        assert (one.lease.refusal(), one.frees, one.taken) == ("", 2, [1])  # its key had stood all the time

    play(scene, RedisSettings(address=server.settings.address, timeout_ms=50), "a")


@pytest.mark.usefixtures("own")
def test_a_machine_that_slept_stops_though_its_steady_clock_stood(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(one: Desk) -> None:
        await one.settles()
        awake_ns = one.clock.now_ns()
        monkeypatch.setattr(one.clock, "monotonic_ns", lambda: awake_ns)
        one.later(LIFE_NS)
        assert "not known" in one.lease.refusal()

    play(scene, server.settings, "a")


def test_who_was_overtaken_stays_out_even_when_the_other_lets_go(server: RedisServer, own: Redis) -> None:
    async def scene(one: Desk, two: Desk) -> None:
        await one.settles()
        own.delete(f"{KEY}:holder")  # its life is over
        await two.settles()
        assert (two.lease.refusal(), two.lease.epoch) == ("", 2)
        running = asyncio.create_task(two.lease.run())
        await asyncio.sleep(0)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert own.get(f"{KEY}:holder") is None
        await one.lease.look()
        assert one.lease.is_lost
        assert (
            one.lease.refusal()
            == "another desk has taken the account over (hold 2): this desk stays out, so close it"
        )
        assert one.told[-1][0] is Severity.CRITICAL
        await one.lease.run()  # ends by itself
        assert own.get(f"{KEY}:holder") is None

    play(scene, server.settings, "a", "b")


def test_a_redis_that_lost_everything_gives_a_number_that_the_journal_does_not_know(
    server: RedisServer, own: Redis
) -> None:
    async def scene() -> None:
        one, two = Desk("a", server.settings, known=41), Desk("b", server.settings, known=41)
        await one.settles()
        assert one.taken == [42]
        own.flushall()
        await one.lease.look()
        assert one.lease.refusal() == "the account is ours, and orders leave in 3.0 s"
        await two.lease.look()
        assert "has it (hold 43)" in two.lease.refusal()
        await one.settles()
        assert (one.lease.refusal(), one.taken) == ("", [42, 43])
        for each in (one, two):
            await each.link.close()

    asyncio.run(scene())


def test_an_answer_that_was_lost_is_given_again(server: RedisServer, own: Redis) -> None:
    async def scene(one: Desk, again: Desk) -> None:
        await one.lease.look()
        await again.lease.look()
        assert (one.taken, again.taken) == ([1], [1])
        assert own.get(f"{KEY}:epoch") == "1"

    play(scene, server.settings, "a", "a")


@pytest.mark.parametrize("nonsense", ["", "no number", "-7e300", "nan"])
def test_a_number_that_is_none_lets_nobody_trade(server: RedisServer, own: Redis, nonsense: str) -> None:
    own.set(f"{KEY}:epoch", nonsense)
    own.set(f"{KEY}:holder", "x \x1b[31m" + "y" * 500)

    async def scene(one: Desk) -> None:
        await one.settles()
        own.delete(f"{KEY}:holder")
        await one.settles()
        assert one.lease.refusal() == "" or "not this desk's yet" in one.lease.refusal()
        assert all(epoch > 0 for epoch in one.taken)
        assert "\x1b" not in one.lease.refusal()

    play(scene, server.settings, "a")


class Leases(RuleBasedStateMachine):
    """Three engines with clocks that drift, a Redis that ends keys when it is told to, and loses all."""

    server: RedisServer

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.redis = Redis(
            unix_socket_path=str(self.server.socket),
            username="desk",
            password=CREDENTIAL.secret,
            decode_responses=True,
        )
        self._forget()
        self.desks = [Desk(name, self.server.settings) for name in "abc"]
        self.drift = [950, 1_000, 1_050]
        self.left_ns = 0
        """How long the key has to live."""

    def teardown(self) -> None:
        for desk in self.desks:
            self.loop.run_until_complete(desk.link.close())
        self.loop.close()
        self.redis.close()

    def _forget(self) -> None:
        self.redis.delete(f"{KEY}:holder", f"{KEY}:epoch")

    @rule(which=integers(0, 2))
    def look(self, which: int) -> None:
        desk = self.desks[which]
        if desk.lease.is_lost:
            return
        self.loop.run_until_complete(desk.lease.look())
        if str(self.redis.get(f"{KEY}:holder")).startswith("abc"[which]):
            self.left_ns = LIFE_NS

    @rule(part=sampled_from([20, 30, 90, 110]))
    def time_passes(self, part: int) -> None:
        passed_ns = LIFE_NS * part // 100
        for desk, drift in zip(self.desks, self.drift, strict=True):
            desk.later(passed_ns * drift // 1_000)
        self.left_ns -= passed_ns
        if self.left_ns <= 0:
            self.redis.delete(f"{KEY}:holder")

    @rule()
    def redis_loses_everything(self) -> None:
        self._forget()

    @rule(which=integers(0, 2))
    @precondition(lambda self: any(desk.lease.is_lost for desk in self.desks))
    def who_is_out_is_started_again(self, which: int) -> None:
        if self.desks[which].lease.is_lost:
            old = self.desks[which]
            self.loop.run_until_complete(old.link.close())
            self.desks[which] = Desk(
                "abc"[which] + str(old.clock.now_ns() // NS_PER_MS), self.server.settings
            )

    @invariant()
    def at_most_one_may_send(self) -> None:
        assert sum(not desk.lease.refusal() for desk in self.desks) <= 1


def test_never_may_two_send_whatever_is_lost_and_however_clocks_drift(server: RedisServer) -> None:
    from hypothesis.stateful import run_state_machine_as_test  # noqa: PLC0415

    with server.own() as own:
        own.flushall()
    Leases.server = server
    run_state_machine_as_test(
        Leases, settings=hypothesis_settings(max_examples=30, stateful_step_count=30, deadline=None)
    )
