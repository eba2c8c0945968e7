"""Working orders are cancelled when the screen or the way to the broker is gone for too long, if that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import NS_PER_S, SimulatedClock
from engine.config import SafetySettings
from engine.dead_man import DeadMan
from engine.messages.events import AlertRaised
from engine.messages.reports import LinkReport
from engine.rooms import Rooms
from tests.engine_rooms import NOON_NS, buying, composed, passes


class HandClock(SimulatedClock):
    """A clock whose steady time is moved by hand, too."""

    steady_ns = 1

    def monotonic_ns(self) -> int:
        return self.steady_ns

    def waits(self, seconds: float) -> None:
        self.steady_ns += round(seconds * NS_PER_S)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON_NS)


@pytest.fixture
def rooms(tmp_path: Path, clock: HandClock) -> Iterator[Rooms]:
    """Have an order working, with ten seconds until the dead man's switch lets go."""
    with composed(tmp_path) as made:
        works(made)
        made.clock, market = clock, made.clock
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
    if not isinstance(rooms.clock, HandClock):
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
    assert asked(said) == ["the screen has been gone for 11 s: 1 cancels were asked (dead-man)"]


def test_a_screen_that_comes_back_arms_it_again(rooms: Rooms, clock: HandClock, said: list[str]) -> None:
    watch = DeadMan(rooms)
    for _ in range(2):
        watch.seen()
        watch.look()
        clock.waits(11)
        watch.look()
        works(rooms, 11)
    assert len(asked(said)) == 2


def test_a_broker_that_can_not_be_reached_is_answered(
    rooms: Rooms, clock: HandClock, said: list[str]
) -> None:
    watch = DeadMan(rooms)
    rooms.orders.begin(had_history=False)
    watch.look()
    rooms.orders.on_report(LinkReport(connected=False, reason="no route", event_ns=NOON_NS))
    clock.waits(11)
    watch.seen()
    watch.look()
    assert [text.split(" has")[0] for text in asked(said)] == ["the broker"]


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
