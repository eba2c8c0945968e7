"""An account that several desks could have, at a venue in a process of its own and by a real Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from engine import bootstrap
from engine.clock import SimulatedClock
from engine.config import CredentialSettings, SafetySettings, Settings
from engine.credentials import Credentials
from engine.engine import Engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.messages.events import AccountTaken
from engine.messages.views import OrderPreview
from engine.model.account import AccountMode
from engine.model.order import ExitPlan, OrderStatus
from engine.settings.redis import RedisSettings
from tests.engine_rooms import ABC, NOON_NS, Silent, buying
from tests.journals import records_of
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis
from tests.unit.engine.bridge_bench import VenueProcess
from tests.unit.engine.bridged_rooms import BridgedRooms, kinds_since_the_last_hello

pytestmark = needs_redis
LIFE_S = 0.8
KEY = "desk:{lease/bridge/PAPER-1}"
S = OrderStatus
Open = Callable[[str], BridgedRooms]


@pytest.fixture
def venue() -> Iterator[VenueProcess]:
    venue = VenueProcess().start()
    venue.ask("quote", symbol=ABC, bid="100.00", ask="100.02", bid_size="500", ask_size="500")
    yield venue
    venue.remove()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def opened(tmp_path: Path, venue: VenueProcess, redis: RedisServer) -> Iterator[Open]:
    """Open desks, each with a journal of its own."""
    keys = tmp_path / "keys"
    Credentials(Settings(), keys).keep("redis", CREDENTIAL)
    shared = RedisSettings(
        address=redis.settings.address, timeout_ms=100, lease_s=LIFE_S, lost="go-on"
    )  # the rooms alone hear no other desk
    desks: list[BridgedRooms] = []

    def open_one(name: str) -> BridgedRooms:
        safety = SafetySettings(dead_man_s=60)  # the gateway cancels if we go without a word
        desk = BridgedRooms(tmp_path / name, venue.address, safety, shared, str(keys)).begin()
        desks.append(desk)
        return desk

    yield open_one
    for each in desks:
        each.close()


def why_not(desk: BridgedRooms) -> str:
    """Return why nothing may leave."""
    return " ".join(denial.text for denial in desk.rooms.orders.dispatch.denied())


def is_ready(desk: BridgedRooms) -> bool:
    return not why_not(desk) and desk.bridge.connected and desk.rooms.halts.all_active


def test_a_desk_sends_nothing_before_the_account_is_its_own_and_then_writes_that_down(
    opened: Open, venue: VenueProcess
) -> None:
    desk = opened("one")
    assert "the account is not this desk's yet" in why_not(desk)
    assert desk.sends().status is S.DENIED
    previews: list[OrderPreview] = []
    Engine(desk.rooms)._preview(buying(desk.rooms, 10, 9_900).request, previews.append)
    assert previews[0].denials[-1].rule == "lease"
    desk.wait_for(lambda: is_ready(desk))
    order = desk.working()
    assert list(venue.evidence().submits()) == [order.client_id]
    (taken,) = (
        each for each in records_of(Path(desk.rooms.journal.disk.where)) if isinstance(each, AccountTaken)
    )
    assert taken.epoch == 1
    assert desk.rooms.health.has("lease")


def test_a_second_desk_does_not_even_connect_and_the_first_when_overtaken_leaves_in_order(
    opened: Open, venue: VenueProcess, redis: RedisServer
) -> None:
    one = opened("one")
    one.wait_for(lambda: is_ready(one))
    two = opened("two")
    two.wait_for(lambda: "has it (hold 1)" in why_not(two))
    assert not two.bridge.connected
    with redis.own() as own:
        own.set(f"{KEY}:holder", "b another host, process 2")
        own.set(f"{KEY}:epoch", 2)
    one.wait_for(lambda: not one.bridge.connected)
    assert "another host, process 2 has taken the account over (hold 2)" in why_not(one)
    assert one.sends().status is S.DENIED
    one.wait_for(lambda: kinds_since_the_last_hello(venue)[-1] == "bye")
    assert any("this desk stays out" in text for text in one.alerts)


def test_while_redis_is_gone_cancels_leave_orders_do_not_and_exits_are_made_up_for(
    opened: Open, venue: VenueProcess, redis: RedisServer
) -> None:
    desk = opened("one")
    desk.wait_for(lambda: is_ready(desk))
    resting = desk.working()
    plan = ExitPlan(stop=9_000)
    entry = desk.sends(lambda request: msgspec.structs.replace(request, plan=plan))
    desk.wait_for(lambda: entry.venue_id)
    redis.kill()
    desk.wait_for(lambda: why_not(desk))
    late = desk.sends()
    assert (late.status, "cancels leave, orders do not" in late.reason) == (S.DENIED, True)
    desk.do(lambda: desk.rooms.orders.cancel(resting.client_id))
    desk.wait_for(lambda: resting.status is S.CANCELED)
    venue.ask("quote", symbol=ABC, bid="98.00", ask="98.02", bid_size="500", ask_size="500")
    desk.wait_for(lambda: entry.status is S.FILLED)
    sent = list(venue.evidence().submits())
    assert sent == [resting.client_id, entry.client_id]
    redis.start()
    desk.wait_for(lambda: len(venue.evidence().submits()) == 3)
    stop = desk.rooms.orders.orders[list(venue.evidence().submits())[-1]]
    assert (stop.request.parent, stop.quantity) == (entry.client_id, entry.filled)


def test_a_life_that_is_too_short_for_a_question_is_refused(tmp_path: Path) -> None:
    for life_s in (-1.0, 0.2, 61.0):
        shared = RedisSettings(address="unix:/nowhere", lease_s=life_s)
        with pytest.raises(ConfigError, match=f"redis.lease_s: expected 0, or .* found {life_s}"):
            BridgedRooms(tmp_path / str(life_s), "unix:/nowhere", redis=shared)


def test_a_desk_of_a_paper_account_asks_nobody(tmp_path: Path, redis: RedisServer) -> None:
    folders = Folders(tmp_path / "config", tmp_path / "data", tmp_path / "cache", tmp_path / "logs")
    keys = tmp_path / "keys"
    Credentials(Settings(), keys).keep("redis", CREDENTIAL)
    settings = Settings(redis=redis.settings, credentials=CredentialSettings(key_file=str(keys)))
    rooms = bootstrap._rooms(
        settings, folders, SimulatedClock(NOON_NS), Silent(), None, AccountMode.SIMULATED
    )
    rooms.journal.close()
    assert rooms.orders.dispatch.fence is None
    assert "lease" not in dict(rooms.services)
