"""Who is there, in a real Redis: what each desk says of itself, and what the others know when it says nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import NS_PER_S, SimulatedClock, SystemClock
from engine.config import CredentialSettings, Settings
from engine.credentials import Credentials
from engine.desk.desks import OLD_S, Desks
from engine.desk.redis_link import RedisLink
from engine.desk.redis_presence import DESKS_MAX, RedisPresence
from engine.duties.leaving import Leaving
from engine.duties.presence import presence_of
from engine.engine import Engine
from engine.errors import ConfigError
from engine.handlers import Handlers
from engine.messages.commands import TradingState
from engine.messages.desk_views import Standing
from engine.messages.firm import DeskPresence, Held
from engine.messages.views import HealthState
from engine.settings.redis import CREDENTIAL as NAME
from engine.shell.shared_redis import desks, forget
from tests.engine_rooms import buying, composed, passes
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis

pytestmark = needs_redis
KEY = "desk:{firm}:desks"
AAPL = Held("AAPL", "500", 95_000_000_000, 90_000_000_000)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis") / "r") as server:
        yield server


class Meeting:
    """A server that holds nothing, one way to it, and a steady time that is moved by hand."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.clock = SimulatedClock(1, steady_is_own=True)
        self._runner = asyncio.Runner()
        self._link = RedisLink(server.settings, CREDENTIAL, SystemClock())
        self._store = RedisPresence(self._link)

    def tells(self, desks: Desks, ours: DeskPresence | None) -> None:
        """Let a desk say what it is, and hear of all."""
        desks.ours = ours if ours is not None else desks.ours
        found = self._runner.run(self._store.say(ours))
        desks.take(found, self._store.unread)
        desks.look()

    def desk(self) -> Desks:
        return Desks(self.clock.monotonic_ns)

    def ends(self) -> None:
        self._runner.run(self._link.close())
        self._runner.close()


@pytest.fixture
def meeting(running: RedisServer) -> Iterator[Meeting]:
    with running.own() as own:
        own.flushall()
    one = Meeting(running)
    yield one
    one.ends()


def presence(name: str, *held: Held, run: str = "r1") -> DeskPresence:
    return DeskPresence(
        name=name,
        run=run,
        host="h",
        account="A-1",
        mode="paper",
        operator="ann",
        state=TradingState.ACTIVE,
        version="1",
        currency="USD",
        gross=sum(each.high for each in held),
        high=sum(each.high for each in held),
        low=sum(each.low for each in held),
        held=held,
    )


def standings(desks: Desks) -> dict[str, Standing]:
    return {row.name: row.standing for row in desks.view.rows}


def trouble_of(desks: Desks) -> str:
    return desks.view.trouble


def test_each_desk_knows_the_others_and_what_they_hold(meeting: Meeting) -> None:
    tower, bridge = meeting.desk(), meeting.desk()
    meeting.tells(tower, presence("tower", AAPL))
    meeting.tells(bridge, presence("bridge"))
    meeting.tells(tower, presence("tower", AAPL))
    assert standings(tower) == standings(bridge) == {"bridge": Standing.HERE, "tower": Standing.HERE}
    assert bridge.view.rows[1].held == (("AAPL", "500"),)
    assert [row.is_ours for row in tower.view.rows] == [False, True]
    assert tower.reading()[:2] == (HealthState.OK, "2 here")


def test_a_desk_that_falls_silent_is_known_by_what_it_held_although_redis_lost_it(meeting: Meeting) -> None:
    tower, bridge = meeting.desk(), meeting.desk()
    meeting.tells(tower, presence("tower", AAPL))
    meeting.tells(bridge, presence("bridge"))
    with meeting.server.own() as own:
        own.flushall()
    meeting.clock.advance_to(int((OLD_S + 2) * NS_PER_S))
    meeting.tells(bridge, presence("bridge"))
    assert standings(bridge) == {"bridge": Standing.HERE, "tower": Standing.SILENT}
    assert [may_differ for _, may_differ in bridge.others] == [True]
    assert bridge.reading()[0] is HealthState.DEGRADED


def test_a_desk_that_was_left_in_order_stays_as_it_was_left(meeting: Meeting) -> None:
    bridge = meeting.desk()
    meeting.tells(meeting.desk(), replace(presence("tower", AAPL), has_ended=True))
    meeting.tells(meeting.desk(), replace(presence("flat"), has_ended=True))
    meeting.tells(bridge, presence("bridge"))
    meeting.clock.advance_to(int((OLD_S + 2) * NS_PER_S))
    meeting.tells(bridge, presence("bridge"))
    assert standings(bridge) == {"bridge": Standing.HERE, "tower": Standing.LEFT}
    assert [may_differ for each, may_differ in bridge.others if each.holds] == [False]


def test_a_desk_that_hears_nobody_says_so(meeting: Meeting) -> None:
    tower = meeting.desk()
    meeting.tells(tower, presence("tower"))
    assert not trouble_of(tower)
    meeting.clock.advance_to(int((OLD_S + 2) * NS_PER_S))
    tower.look()
    assert trouble_of(tower) == "the other desks can't be heard"


def test_two_desks_of_one_name_are_told_of_and_a_new_start_of_one_is_not(meeting: Meeting) -> None:
    tower, other = meeting.desk(), meeting.desk()
    meeting.tells(tower, presence("tower", run="before"))
    meeting.tells(tower, presence("tower", run="after"))
    meeting.tells(tower, presence("tower", run="after"))
    assert not trouble_of(tower)
    for _ in range(2):
        meeting.tells(other, presence("tower", run="another"))
        meeting.tells(tower, presence("tower", run="after"))
    assert trouble_of(tower) == "another desk is called tower too"


def test_what_others_write_is_bounded_cleaned_and_never_believed(meeting: Meeting) -> None:
    tower = meeting.desk()
    odd = presence("odd", Held("A\x1b[2J", "1\u202e", 1, 1))
    meeting.tells(meeting.desk(), odd)
    with meeting.server.own() as own:
        said = str(own.hget(KEY, "odd")).split(" ", 2)[2]
        newer = said.replace('"layout":1', '"layout":2')
        soon = f"{2**42} {2**43}"
        own.hset(KEY, "liar", f"{soon} {said}")
        own.hset(KEY, "garbage", f"{soon} no record")
        own.hset(KEY, "newer", f"{soon} {newer}")
        own.hset(KEY, "unmarked", "x")
    meeting.tells(tower, presence("tower"))
    assert {row.name: row.held for row in tower.view.rows} == {"odd": (("A[2J", "1"),), "tower": ()}
    assert tower.view.trouble == "what some desks said can't be read here"
    with meeting.server.own() as own:
        assert not own.hexists(KEY, "unmarked")
        for number in range(2 * DESKS_MAX):
            own.hset(KEY, f"n{number}", f"{soon} {said}")
    late = meeting.desk()
    for _ in range(3):
        meeting.tells(late, presence("late"))
    assert "no room" in trouble_of(late)
    with meeting.server.own() as own:
        assert not own.hexists(KEY, "late"), "there is no room for one more"


def test_a_silent_desk_is_counted_as_flat_by_name_and_one_that_is_there_is_not(
    meeting: Meeting, tmp_path: Path
) -> None:
    settings = Settings(
        credentials=CredentialSettings(key_file=str(tmp_path / "keys")), redis=meeting.server.settings
    )
    kept = Credentials(settings)
    kept.keep(NAME, CREDENTIAL)
    meeting.tells(meeting.desk(), presence("tower", AAPL))
    with pytest.raises(ConfigError, match="tower is there"):
        asyncio.run(forget(settings, kept, "tower"))
    with pytest.raises(ConfigError, match="known are tower"):
        asyncio.run(forget(settings, kept, "toer"))
    meeting.tells(meeting.desk(), replace(presence("tower", AAPL), has_ended=True))
    (row,) = asyncio.run(desks(settings, kept))
    assert (row.name, row.held) == ("tower", (("AAPL", "500"),))
    asyncio.run(forget(settings, kept, "tower"))
    assert asyncio.run(desks(settings, kept)) == []


def test_a_desk_says_what_it_holds_and_could_come_to_hold(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        handlers = Handlers(rooms, Leaving(rooms))
        Engine(rooms)
        handlers.handle(buying(rooms, 100))
        passes(rooms, 1)
        handlers.handle(buying(rooms, 50, limit=9_000))
        passes(rooms, 1)
        rooms.gate.refresh()
        said = presence_of(rooms)
    (held,) = said.held
    assert (held.symbol, held.size) == ("ABC", "100")
    assert (said.gross, said.high, said.low) == (held.high, held.high, held.low)
    assert held.high == 150 * held.low // 100 > 0
