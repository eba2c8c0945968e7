"""Working orders are cancelled when the screen or the way to the broker is gone for too long, if that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.clock import NS_PER_S, SimulatedClock
from engine.config import SafetySettings
from engine.duties.dead_man import DeadMan
from engine.messages.events import AlertRaised
from engine.messages.reports import LinkReport
from engine.model.order import Order, OrderType, TimeInForce
from engine.model.trade import Side
from engine.rooms import Rooms
from tests.engine_rooms import NOON_NS, XYZ, buying, composed, passes
from tests.hand_clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock(SimulatedClock(NOON_NS, steady_is_own=True))


@pytest.fixture
def rooms(tmp_path: Path, clock: HandClock) -> Iterator[Rooms]:
    """Have an order working, with ten seconds until the dead man's switch lets go."""
    with composed(tmp_path) as made:
        works(made)
        made.clock, market = clock.clock, made.clock
        made.settings = replace(made.settings, safety=SafetySettings(dead_man_s=10))
        yield made
        made.clock = market


@pytest.fixture
def said(rooms: Rooms) -> list[str]:
    heard: list[str] = []
    rooms.bus.subscribe(AlertRaised, lambda alert: heard.append(alert.text))
    return heard


def works(rooms: Rooms, quantity: int = 10) -> None:
    rooms.orders.submit(buying(rooms, quantity, 9_950).request)
    if rooms.clock is rooms.orders.scribe._clock:
        passes(rooms, 0.1)


def asked(said: list[str]) -> list[str]:
    return [text for text in said if "dead-man" in text]


def test_a_screen_that_is_gone_is_answered_once(rooms: Rooms, clock: HandClock, said: list[str]) -> None:
    watch = DeadMan(rooms)
    watch.seen()
    clock.waits(9)
    watch.look()
    assert not asked(said)
    for _ in range(3):
        clock.waits(2)
        watch.look()
    assert asked(said) == ["the screen has been gone for 11 s: cancels asked: 1 (dead-man)"]


def test_a_screen_that_comes_back_arms_it_again(rooms: Rooms, clock: HandClock, said: list[str]) -> None:
    watch = DeadMan(rooms)
    for _ in range(2):
        watch.seen()
        watch.look()
        clock.waits(11)
        watch.look()
        works(rooms, 11)
    assert len(asked(said)) == 2


def test_a_broker_that_can_not_be_reached_is_answered_once(
    rooms: Rooms, clock: HandClock, said: list[str]
) -> None:
    watch = DeadMan(rooms)
    watch.look()
    rooms.orders.on_report(LinkReport(connected=False, reason="no route", event_ns=NOON_NS))
    for _ in range(3):
        clock.waits(11)
        watch.seen()
        watch.look()
    said_then = (
        "the broker has been gone for 11 s: cancels asked: 1, which leave first when it is back (dead-man)"
    )
    assert asked(said) == [said_then]


def test_it_is_off_unless_asked_for(rooms: Rooms, clock: HandClock, said: list[str]) -> None:
    rooms.settings = replace(rooms.settings, safety=SafetySettings())
    watch = DeadMan(rooms)
    watch.seen()
    clock.waits(1_000)
    watch.look()
    assert not asked(said)


def test_it_says_nothing_where_nothing_works(rooms: Rooms, clock: HandClock, said: list[str]) -> None:
    rooms.orders.cancel_all()
    clock_of_market = rooms.orders.scribe._clock
    assert isinstance(clock_of_market, SimulatedClock)
    clock_of_market.advance_to(clock_of_market.now_ns() + NS_PER_S)
    assert not len(rooms.working)
    watch = DeadMan(rooms)
    watch.seen()
    clock.waits(11)
    watch.look()
    assert not asked(said)


def holds(rooms: Rooms, quantity: int) -> None:
    """Let the account hold shares of XYZ."""
    rooms.orders.submit(buying(rooms, quantity, symbol=XYZ).request)
    passes(rooms, 0.1)


def sells(rooms: Rooms, quantity: int, **terms: Any) -> Order:
    """Let an order to sell XYZ work."""
    request = replace(buying(rooms, quantity, symbol=XYZ).request, side=Side.SELL, **terms)
    assert rooms.orders.submit(request)
    passes(rooms, 0.1)
    return rooms.orders.orders[request.client_id]


STOP: dict[str, Any] = {"type": OrderType.STOP, "stop": 9_900, "tif": TimeInForce.GTC}
TARGET: dict[str, Any] = {"type": OrderType.LIMIT, "limit": 10_100}


def left_working(rooms: Rooms, settings: SafetySettings) -> list[Order]:
    """Return what of XYZ works once the screen has been gone for too long."""
    rooms.settings = replace(rooms.settings, safety=settings)
    clock = HandClock(SimulatedClock(NOON_NS, steady_is_own=True))
    market, rooms.clock = rooms.clock, clock.clock
    watch = DeadMan(rooms)
    watch.seen()
    clock.waits(11)
    watch.look()
    rooms.clock = market
    passes(rooms, 1)
    return list(rooms.working.of(XYZ))


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Rooms]:
    """Have 100 shares of XYZ held."""
    with composed(tmp_path) as made:
        holds(made, 100)
        yield made


KEEPING = SafetySettings(dead_man_s=10)


def test_it_keeps_the_stop_of_a_position_and_takes_off_its_target(held: Rooms) -> None:
    stop, _ = sells(held, 100, **STOP), sells(held, 100, **TARGET)
    assert left_working(held, KEEPING) == [stop]


def test_it_keeps_no_more_stops_than_there_is_a_position(held: Rooms) -> None:
    first, second = sells(held, 60, **STOP), sells(held, 40, **{**STOP, "stop": 9_800})
    sells(held, 1, **{**STOP, "stop": 9_700})
    assert left_working(held, KEEPING) == [first, second]


def test_it_takes_off_a_stop_that_would_open_or_increase_a_position(held: Rooms) -> None:
    assert held.orders.submit(replace(buying(held, 10, symbol=XYZ).request, **{**STOP, "stop": 10_100}))
    passes(held, 0.1)
    assert [order.request.type for order in held.working.of(XYZ)] == [OrderType.STOP]
    assert left_working(held, KEEPING) == []


def test_it_keeps_no_stop_where_the_settings_say_so(held: Rooms) -> None:
    sells(held, 100, **STOP)
    assert left_working(held, SafetySettings(dead_man_s=10, dead_man_keeps_stops=False)) == []


def test_it_says_nothing_where_only_stops_that_stay_work(held: Rooms) -> None:
    heard: list[str] = []
    held.bus.subscribe(AlertRaised, lambda alert: heard.append(alert.text))
    stop = sells(held, 100, **STOP)
    assert left_working(held, KEEPING) == [stop]
    assert not asked(heard)
