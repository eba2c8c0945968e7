"""The kill switch of every desk on a real Redis: what was said last holds everywhere, whatever Redis loses or is told by others."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import settings as testing
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from engine.clock import NS_PER_S, SimulatedClock, SystemClock
from engine.desk.desks import Desks
from engine.desk.firm_switch import FirmSwitch
from engine.desk.redis_firm import RedisFirm, version_max
from engine.desk.redis_link import RedisLink
from engine.desk.shared import SharedRedis
from engine.engine import Engine
from engine.errors import ConfigError
from engine.messages.commands import TradingState
from engine.messages.events import AlertRaised, TradingStateChanged
from engine.messages.views import HealthState
from engine.risk.halt import TradingHalts
from engine.settings.redis import RedisSettings
from engine.sharing import share
from tests.engine_rooms import composed
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis
from tests.waiting import wait_until

pytestmark = needs_redis
HALTED, REDUCING, ACTIVE = TradingState.HALTED, TradingState.REDUCING, TradingState.ACTIVE
KEY = "desk:{firm}:switch"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis") / "r") as server:
        yield server


class Meeting:
    """Where desks meet: a server, and one way to it."""

    def __init__(self, settings: RedisSettings) -> None:
        self._runner = asyncio.Runner()
        self._link = RedisLink(settings, CREDENTIAL, SystemClock())
        self._store = RedisFirm(self._link, SystemClock().now_ns)

    def looks(self, switch: FirmSwitch) -> None:
        self._runner.run(switch.look(self._store))

    def ends(self) -> None:
        self._runner.run(self._link.close())
        self._runner.close()


@pytest.fixture(scope="module")
def opened(running: RedisServer) -> Iterator[Meeting]:
    meeting = Meeting(running.settings)
    yield meeting
    meeting.ends()


@pytest.fixture
def meeting(running: RedisServer, opened: Meeting) -> Meeting:
    """Return a place that holds nothing."""
    with running.own() as own:
        own.flushall()
    return opened


class Desk:
    """A desk's halts and its way to the others; `looks` is one look at Redis."""

    def __init__(self, meeting: Meeting, name: str, *, lost: str = "reduce", behind_s: int = 0) -> None:
        self.clock = SimulatedClock(1, steady_is_own=True)
        self.halts = TradingHalts()
        self.written: list[TradingStateChanged] = []
        self.told: list[str] = []
        self.switch = FirmSwitch(
            self.halts,
            self.clock,
            world_ns=lambda: SystemClock().now_ns() - behind_s * NS_PER_S,
            note=self.written.append,
            publish=lambda event: self.told.append(event.text) if isinstance(event, AlertRaised) else None,
        )
        self.switch.who = lambda: f"{name}'s trader"
        self.switch.share(name, lost)
        self._meeting = meeting

    def looks(self) -> None:
        self._meeting.looks(self.switch)

    @property
    def state(self) -> TradingState:
        return self.halts.firm.state


def test_a_halt_holds_here_at_once_and_at_every_other_desk_with_its_next_look(meeting: Meeting) -> None:
    ann, bob = Desk(meeting, "tower"), Desk(meeting, "bridge")
    ann.switch.say(HALTED, "bad fills")
    assert ann.state is HALTED
    ann.looks()
    bob.looks()
    assert bob.halts.everything.reason == "by tower's trader at tower: bad fills (every desk)"
    (event,) = bob.written
    assert (event.origin, event.who, event.state) == ("firm", "tower's trader at tower", HALTED)
    assert ann.written[0].firm_version == event.firm_version > 0


def test_the_others_hear_of_a_halt_while_our_own_disk_hangs(meeting: Meeting) -> None:
    ann, bob, written = Desk(meeting, "tower"), Desk(meeting, "bridge"), Event()

    def hang() -> None:
        written.wait(20)

    ann.halts.keep = hang
    saying = Thread(target=ann.switch.say, args=(HALTED, "fire"))
    saying.start()
    wait_until(lambda: ann.state is HALTED)
    ann.looks()
    bob.looks()
    assert bob.state is HALTED
    assert saying.is_alive(), "it still waits for its disk"
    written.set()
    saying.join()


def test_a_release_holds_nowhere_before_redis_has_it(meeting: Meeting) -> None:
    ann, bob = Desk(meeting, "tower"), Desk(meeting, "bridge")
    ann.switch.say(HALTED, "bad fills")
    ann.looks()
    bob.looks()
    bob.switch.say(ACTIVE, "mended")
    assert bob.state is HALTED
    bob.looks()
    ann.looks()
    assert (ann.state, bob.state) == (ACTIVE, ACTIVE)


def test_a_release_does_not_lift_a_halt_that_its_person_has_not_seen(meeting: Meeting) -> None:
    ann, bob = Desk(meeting, "tower"), Desk(meeting, "bridge")
    ann.switch.say(HALTED, "bad fills")
    ann.looks()
    bob.looks()
    ann.switch.say(HALTED, "fire")
    ann.looks()
    bob.switch.say(ACTIVE, "the fills are mended")
    bob.looks()
    assert "fire" in bob.halts.everything.reason
    assert any("not released" in text for text in bob.told)


def test_a_halt_that_nobody_could_be_told_of_outlasts_a_release_it_did_not_hear(meeting: Meeting) -> None:
    ann, bob = Desk(meeting, "tower", behind_s=3_600), Desk(meeting, "bridge")
    bob.switch.say(HALTED, "drill")
    bob.looks()
    ann.looks()
    ann.switch.say(HALTED, "fire")
    bob.switch.say(ACTIVE, "drill is over")
    bob.looks()
    for desk in (ann, ann, bob):
        desk.looks()
    assert "fire" in ann.halts.everything.reason
    assert "fire" in bob.halts.everything.reason


def test_what_was_said_less_strictly_gives_way_to_a_halt_that_was_not_heard(meeting: Meeting) -> None:
    ann, bob = Desk(meeting, "tower"), Desk(meeting, "bridge", behind_s=3_600)
    ann.looks()
    bob.switch.say(HALTED, "fire")
    bob.looks()
    ann.switch.say(REDUCING, "calmer")
    for desk in (ann, ann, bob):
        desk.looks()
    assert (ann.state, bob.state) == (HALTED, HALTED)


def test_a_desk_that_starts_later_learns_it_and_one_that_knows_tells_a_redis_that_lost_it(
    running: RedisServer, meeting: Meeting
) -> None:
    ann = Desk(meeting, "tower")
    ann.switch.say(HALTED, "fire")
    ann.looks()
    with running.own() as own:
        own.flushall()
    ann.looks()
    late = Desk(meeting, "late")
    late.looks()
    assert (ann.state, late.state) == (HALTED, HALTED)


def test_nothing_in_redis_loosens_what_a_person_said_here(meeting: Meeting) -> None:
    ann, bob = Desk(meeting, "tower"), Desk(meeting, "bridge")
    ann.halts.set(HALTED, "mine")
    bob.switch.say(HALTED, "theirs")
    bob.looks()
    ann.looks()
    bob.switch.say(ACTIVE, "over")
    bob.looks()
    ann.looks()
    assert ann.state is ACTIVE
    assert ann.halts.everything.reason == "mine"


@pytest.mark.parametrize(
    "kept",
    [
        {"version": 5, "rank": 0, "said": "no record"},
        {"version": 5, "rank": 0, "said": '{"version":5,"state":"active","reason":"","layout":2}'},
        {"version": 5, "rank": 0, "said": '{"version":-5,"state":"active","reason":""}'},
        {"version": 2**60, "rank": 2, "said": f'{{"version":{2**53 - 1},"state":"active","reason":""}}'},
    ],
)
def test_what_nobody_can_have_said_counts_as_silence_and_gives_way_to_the_next_saying(
    running: RedisServer, meeting: Meeting, kept: dict[str, str | int]
) -> None:
    desk = Desk(meeting, "tower")
    with running.own() as own:
        own.hset(KEY, mapping={key: str(value) for key, value in kept.items()})
    desk.looks()
    assert desk.halts.everything.state is REDUCING
    assert desk.state is ACTIVE
    desk.switch.say(HALTED, "fire")
    desk.looks()
    late = Desk(meeting, "late")
    late.looks()
    assert late.state is HALTED


def test_text_from_redis_is_cleaned(running: RedisServer, meeting: Meeting) -> None:
    said = '{"version":5,"state":"halted","reason":"fire\\u001b]0;x\\u0007","who":"ann\\u202e"}'
    with running.own() as own:
        own.hset(KEY, mapping={"version": "5", "rank": "2", "said": said})
    desk = Desk(meeting, "tower")
    desk.looks()
    assert desk.halts.firm.reason == "fire]0;x"
    assert desk.written[0].who == "ann"


@pytest.mark.parametrize(("lost", "held"), [("reduce", REDUCING), ("halt", HALTED), ("go-on", ACTIVE)])
def test_a_desk_that_hears_nobody_does_as_its_setting_says_until_it_does(
    meeting: Meeting, lost: str, held: TradingState
) -> None:
    desk = Desk(meeting, "tower", lost=lost)
    assert desk.halts.everything.state is held, "nobody was heard yet"
    desk.looks()
    assert desk.halts.all_active
    desk.clock.advance_to(4 * NS_PER_S)
    desk.switch.judge()
    assert desk.halts.everything.state is held
    assert desk.switch.reading().state is HealthState.DOWN
    assert any("can't be heard" in text for text in desk.told)
    desk.looks()
    assert desk.halts.all_active
    assert desk.told[-1] == "the other desks are heard again"


def test_without_redis_a_halt_holds_and_a_release_says_why_it_does_not(tmp_path: Path) -> None:
    nowhere = Meeting(RedisSettings(address=f"unix:{tmp_path}/nobody"))
    desk = Desk(nowhere, "tower")
    desk.switch.say(HALTED, "fire")
    desk.looks()
    desk.switch.say(ACTIVE, "out")
    desk.looks()
    assert desk.state is HALTED
    assert any("not released: the other desks can't be told" in text for text in desk.told)
    nowhere.ends()


def test_a_halt_of_every_desk_holds_although_the_engine_is_stuck(
    running: RedisServer, meeting: Meeting, tmp_path: Path
) -> None:
    stuck, goes_on = Event(), Event()

    def stick() -> None:
        stuck.set()
        goes_on.wait()

    with composed(tmp_path) as rooms:
        link = RedisLink(running.settings, CREDENTIAL, SystemClock())
        rooms.shared, rooms.desks = SharedRedis(link, SystemClock().now_ns), Desks(rooms.clock.monotonic_ns)
        rooms.firm.share("bridge", "reduce")
        engine = Engine(rooms)
        engine.start()
        try:
            wait_until(lambda: rooms.halts.all_active)
            engine._thread.call(stick)
            stuck.wait()
            ann = Desk(meeting, "tower")
            ann.switch.say(HALTED, "fire")
            ann.looks()
            wait_until(lambda: rooms.halts.firm.state is HALTED)
            goes_on.set()
            wait_until(lambda: rooms.firm._noted == ann.halts.firm_version)
        finally:
            goes_on.set()
            engine.stop()
    with composed(tmp_path) as rooms:
        assert rooms.halts.firm.state is HALTED
        assert rooms.recovered.halts == (
            "every desk is halted: by tower's trader at tower: fire (every desk)",
        )


def test_going_on_unheard_is_refused_in_production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    with composed(tmp_path) as rooms:
        redis = RedisSettings(address="unix:/nowhere", lost="go-on")
        rooms.settings = replace(rooms.settings, redis=redis)
        with pytest.raises(ConfigError, match="in production expected reduce or halt"):
            share(rooms, lambda _: None)
        rooms.settings = replace(rooms.settings, redis=replace(redis, lost="reduce", desk="tower"))
        share(rooms, lambda _: None)
        assert rooms.halts.everything.state is REDUCING
        assert rooms.firm.name == "tower"


class SeveralDesks(RuleBasedStateMachine):
    """Three desks with clocks that differ; Redis forgets everything, or goes back to what it had."""

    server: RedisServer
    meeting: Meeting

    def __init__(self) -> None:
        super().__init__()
        with self.server.own() as own:
            own.flushall()
        self.desks = [Desk(self.meeting, f"desk{n}", behind_s=100 * n) for n in range(3)]
        self.backup: dict[Any, Any] = {}
        self.last = ACTIVE
        self.versions = [0, 0, 0]
        self.counter = itertools.count()

    @rule(at=st.integers(0, 2), state=st.sampled_from(TradingState))
    def say(self, at: int, state: TradingState) -> None:
        before = self.desks[at].state
        self.desks[at].switch.say(state, f"saying {next(self.counter)}")
        self.last = state
        if state is HALTED or (state is REDUCING and before is ACTIVE):
            assert self.desks[at].state is state, "it holds here at once"

    @rule(at=st.integers(0, 2))
    def look(self, at: int) -> None:
        self.desks[at].looks()

    @rule()
    def redis_forgets(self) -> None:
        with self.server.own() as own:
            own.flushall()

    @rule()
    def redis_is_backed_up(self) -> None:
        with self.server.own() as own:
            self.backup = own.hgetall(KEY)

    @rule()
    def redis_goes_back(self) -> None:
        with self.server.own() as own:
            own.flushall()
            if self.backup:
                own.hset(KEY, mapping=self.backup)

    @rule()
    def all_hear_each_other(self) -> None:
        for _ in range(3):
            for desk in self.desks:
                desk.looks()
        latest = {(desk.state, desk.halts.firm_version) for desk in self.desks}
        assert len(latest) == 1, "all desks hold the same"
        if self.last is HALTED:
            assert latest.pop()[0] is HALTED

    @invariant()
    def versions_only_grow(self) -> None:
        for at, desk in enumerate(self.desks):
            assert desk.halts.firm_version >= self.versions[at]
            self.versions[at] = desk.halts.firm_version


def test_desks_come_to_agree_and_the_last_halt_is_never_lost(running: RedisServer, meeting: Meeting) -> None:
    SeveralDesks.server, SeveralDesks.meeting = running, meeting
    run_state_machine_as_test(
        SeveralDesks, settings=testing(max_examples=15, stateful_step_count=15, deadline=None)
    )


def test_no_version_is_beyond_what_a_script_counts_exactly() -> None:
    assert version_max(2**64) == 2**53 - 1
