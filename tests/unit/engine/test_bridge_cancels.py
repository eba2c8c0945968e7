"""What is to be cancelled while the gateway is away: kept through everything, and the first to leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.config import SafetySettings
from engine.duties.dead_man import DeadMan
from engine.frames.frame_builder import FrameBuilder
from engine.model.order import OrderStatus
from engine.observe.order_counts import OrderCounts
from engine.readings.vitals import Vitals
from tests.engine_rooms import ABC
from tests.unit.engine.bridge_bench import VenueProcess
from tests.unit.engine.bridged_rooms import BridgedRooms, kinds_since_the_last_hello
from tests.waiting import wait_until

_S = OrderStatus
Open = Callable[..., BridgedRooms]


TOUCH = {"bid": "100.00", "ask": "100.02", "bid_size": "500", "ask_size": "500"}


class Quoted(VenueProcess):
    """A venue that shows a touch from the start, so that nothing trades by chance."""

    def start(self, faults: str = "", drift_ms: float = 0) -> Quoted:
        super().start(faults, drift_ms)
        self.ask("quote", symbol=ABC, **TOUCH)
        return self


@pytest.fixture
def venue() -> Iterator[VenueProcess]:
    venue = Quoted().start()
    yield venue
    venue.remove()


@pytest.fixture
def opened(tmp_path: Path, venue: VenueProcess) -> Iterator[Open]:
    """Open desks one after another on the same account."""
    lives: list[BridgedRooms] = []

    def open_one(safety: SafetySettings | None = None) -> BridgedRooms:
        if lives:
            lives.pop().close()
        lives.append(BridgedRooms(tmp_path, venue.address, safety).begin())
        return lives[-1]

    yield open_one
    for each in lives:
        each.close()


def settled(desk: BridgedRooms) -> None:
    desk.wait_for(lambda: desk.rooms.orders.reconciler.settled)


def at_the_venue(venue: VenueProcess) -> set[str]:
    return {each["status"] for each in venue.ask("state")["orders"].values()}


def test_cancels_asked_while_the_gateway_is_away_leave_first_when_it_is_back(
    venue: VenueProcess, opened: Open
) -> None:
    desk = opened()
    settled(desk)
    orders = [desk.working(), desk.working()]
    desk.loses(venue)
    desk.do(desk.rooms.orders.cancel_all)
    assert {order.status for order in orders} == {_S.PENDING_CANCEL}
    assert desk.rooms.orders.reconciler.view().unknown == 0
    venue.start()
    desk.wait_for(lambda: all(order.status is _S.CANCELED for order in orders))
    desk.wait_for(lambda: "stock" in kinds_since_the_last_hello(venue))
    assert kinds_since_the_last_hello(venue)[:3] == ["cancel", "cancel", "stock"]
    assert at_the_venue(venue) == {"canceled"}


def test_an_order_that_is_sent_the_moment_the_gateway_is_back_leaves_after_the_cancels(
    venue: VenueProcess, opened: Open
) -> None:
    desk = opened()
    settled(desk)
    desk.working()
    desk.loses(venue)
    desk.do(desk.rooms.orders.cancel_all)
    venue.start()
    desk.wait_for(lambda: desk.bridge.connected)
    new = desk.working()
    assert new.status is _S.WORKING
    sent = kinds_since_the_last_hello(venue)
    assert sent.index("cancel") < sent.index("submit")


def test_a_cancel_outlives_the_desk_that_asked_for_it(venue: VenueProcess, opened: Open) -> None:
    desk = opened()
    settled(desk)
    client_id = desk.working().client_id
    desk.loses(venue)
    desk.do(desk.rooms.orders.cancel_all)
    desk = opened()
    venue.start()
    desk.wait_for(lambda: desk.rooms.orders.orders[client_id].status is _S.CANCELED)
    assert kinds_since_the_last_hello(venue)[0] == "cancel"


def test_the_dead_mans_cancels_leave_first_when_the_gateway_is_back(
    venue: VenueProcess, opened: Open
) -> None:
    desk = opened(SafetySettings(dead_man_s=0.05))
    settled(desk)
    order, watch = desk.working(), DeadMan(desk.rooms)
    watch.look()
    desk.loses(venue)

    def fired() -> list[str]:
        watch.look()
        return [text for text in desk.alerts if "dead-man" in text]

    desk.wait_for(fired)
    new = desk.sends()
    assert (new.status, new.reason) == (_S.REJECTED, "not sent: no connection to the broker")
    venue.start()
    desk.wait_for(lambda: order.status is _S.CANCELED)
    assert kinds_since_the_last_hello(venue)[0] == "cancel"
    assert len(fired()) == 1
    assert "cancels that left first: 1" in next(text for text in desk.alerts if "back after" in text)


def test_a_gateway_that_promised_it_cancels_by_itself_once_the_desk_is_gone(
    venue: VenueProcess, opened: Open
) -> None:
    desk = opened(SafetySettings(dead_man_s=0.05))
    settled(desk)
    order = desk.working()
    desk.dies()
    wait_until(lambda: at_the_venue(venue) == {"canceled"})
    desk = opened()
    settled(desk)
    assert desk.rooms.orders.orders[order.client_id].status is _S.CANCELED


def test_a_gateway_is_asked_to_keep_what_only_reduces_where_the_settings_keep_stops(
    venue: VenueProcess, opened: Open
) -> None:
    for keeps in (True, False):
        settled(opened(SafetySettings(dead_man_s=60, dead_man_keeps_stops=keeps)))
        assert hellos(venue)[-1]["cancel_on_disconnect"] == {"after_ms": 60_000, "keep_reduce_only": keeps}
    settled(opened())
    assert "cancel_on_disconnect" not in hellos(venue)[-1]


def test_a_gateway_misses_a_desk_that_died_but_none_that_left_on_purpose_or_is_back(
    venue: VenueProcess, opened: Open
) -> None:
    desk = opened(SafetySettings(dead_man_s=60))
    settled(desk)
    venue.ask("hang_up")
    desk.wait_for(lambda: desk.bridge.counters.links == 2)
    assert venue.ask("presence") == "here"
    desk.close()
    wait_until(lambda: venue.ask("presence") == "gone")
    desk = opened(SafetySettings(dead_man_s=60))
    settled(desk)
    desk.dies()
    wait_until(lambda: venue.ask("presence") == "missed")
    settled(opened())
    assert venue.ask("presence") == "here"


def test_a_desk_that_leaves_while_a_cancel_has_no_answer_is_missed(venue: VenueProcess, opened: Open) -> None:
    desk = opened(SafetySettings(dead_man_s=60))
    settled(desk)
    order = desk.working()
    venue.ask("faults", silent=1)
    desk.do(desk.rooms.orders.cancel_all)
    assert order.status is _S.PENDING_CANCEL
    desk.close()
    wait_until(lambda: venue.ask("presence") == "missed")


def test_health_says_whether_the_gateway_promised_to_cancel(venue: VenueProcess, opened: Open) -> None:
    assert "cancel" not in broker_row(opened())
    desk = opened(SafetySettings(dead_man_s=60))
    settled(desk)
    assert broker_row(desk).endswith("gateway cancels if we go")
    venue.ask("faults", promises_nothing=1)
    desk = opened(SafetySettings(dead_man_s=60))
    settled(desk)
    assert broker_row(desk).endswith("gateway does not cancel if we go")


def broker_row(desk: BridgedRooms) -> str:
    rooms = desk.rooms
    Vitals(rooms, FrameBuilder(rooms), OrderCounts(rooms.bus)).register()
    rooms.health.sample()
    return rooms.health.reading("broker").detail


def hellos(venue: VenueProcess) -> list[dict[str, Any]]:
    entries = [json.loads(line) for line in venue.log.read_text().splitlines()]
    said = [each["message"] for each in entries if each["what"] == "received"]
    return [each for each in said if each["type"] == "hello"]


def test_no_order_leaves_before_the_gateway_told_what_it_has_though_nothing_is_known_of_the_account(
    venue: VenueProcess, opened: Open
) -> None:
    desk = opened()
    denied = desk.sends()
    assert (denied.status, "comparing with the broker" in denied.reason) == (_S.DENIED, True)
    settled(desk)
    assert desk.working().status is _S.WORKING
    assert kinds_since_the_last_hello(venue) == ["stock", "submit"]
