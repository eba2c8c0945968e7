"""Who arms an account, what disarms it, and what is written down of both."""

from __future__ import annotations

from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.duties.leaving import Leaving
from engine.engine import Engine
from engine.handlers import Handlers
from engine.messages.commands import (
    ArmTrading,
    CancelAll,
    DisarmTrading,
    Flatten,
    SetTradingState,
    TradingState,
)
from engine.messages.events import AlertRaised, Severity
from engine.messages.reports import LinkReport
from engine.messages.views import ViewRequest
from engine.model.account import AccountMode
from engine.model.order import ExitPlan, Order, OrderStatus, OrderType
from engine.model.trade import Side
from engine.rooms import Rooms
from engine.store.disk import FolderFile
from tests.engine_rooms import ABC, NOON_NS, buying, composed, passes, quoted
from tests.journals import records_of

MINUTES = 60.0


class Person:
    """Someone at the desk of an account."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.handlers = Handlers(rooms, Leaving(rooms))
        self.catch = self.handlers.catch
        self.does = self.handlers.handle
        self.heard: list[AlertRaised] = []
        rooms.bus.subscribe(AlertRaised, self.heard.append)

    def is_armed(self) -> bool:
        return self.rooms.arming.armed

    def arms(self, name: str = "PAPER-1") -> bool:
        self.does(ArmTrading(name))
        return self.is_armed()

    def orders(self, quantity: int, limit: int | None = None, plan: ExitPlan | None = None) -> Order:
        """Send an order, to sell where the quantity is below zero."""
        wanted = buying(self.rooms, abs(quantity), limit)
        side = Side.BUY if quantity > 0 else Side.SELL
        self.does(replace(wanted, request=replace(wanted.request, side=side, plan=plan)))
        passes(self.rooms, 0.1)
        return self.rooms.orders.orders[wanted.request.client_id]

    def waits(self, minutes: float) -> None:
        passes(self.rooms, minutes * MINUTES)
        quoted(self.rooms, ABC, 10_000)
        self.catch.look()

    def link(self, *, connected: bool) -> None:
        self.rooms.orders.on_report(LinkReport(connected, "" if connected else "no route", NOON_NS))

    def said(self, severity: Severity) -> list[str]:
        return [alert.text for alert in self.heard if alert.severity is severity and alert.source == "arming"]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Person]:
    with composed(tmp_path, steady_is_own=True, mode=AccountMode.LIVE) as rooms:
        yield Person(rooms)


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Person]:
    with composed(tmp_path, steady_is_own=True) as rooms:
        yield Person(rooms)


def test_a_live_account_is_armed_by_its_name_alone(live: Person) -> None:
    for wrong in ("", "paper-1", "PAPER-1 ", "PAPER-2"):
        assert not live.arms(wrong)
    assert live.orders(10).status is OrderStatus.DENIED
    assert live.arms()
    assert live.orders(10).status is OrderStatus.FILLED


def test_a_wrong_name_says_so_and_every_third_is_loud(live: Person) -> None:
    for _ in range(3):
        live.arms("GUESS")
    assert live.rooms.arming.refused == 3
    assert live.rooms.arming.refusal == "that is not the account's name, 3 times in a row"
    assert len(live.said(Severity.WARNING)) == 2
    assert live.said(Severity.CRITICAL) == [
        "PAPER-1 stays disarmed: that is not the account's name, 3 times in a row"
    ]
    assert not any("GUESS" in alert.text for alert in live.heard)


def test_the_right_name_begins_the_count_anew(live: Person) -> None:
    live.arms("GUESS")
    live.arms("GUESS")
    live.link(connected=False)
    live.arms()
    live.arms("GUESS")
    assert live.said(Severity.CRITICAL) == []


def test_disarmed_everything_that_leads_out_still_works(live: Person) -> None:
    live.arms()
    resting, held = live.orders(10, 9_950), live.orders(30)
    assert held.status is OrderStatus.FILLED
    live.does(DisarmTrading("F12"))
    assert live.orders(5).status is OrderStatus.DENIED
    live.does(CancelAll(ABC))
    passes(live.rooms, 0.1)
    assert resting.status is OrderStatus.CANCELED
    assert live.orders(-10).status is OrderStatus.FILLED
    live.does(SetTradingState(TradingState.HALTED, "fire"))
    live.does(Flatten(ABC))
    passes(live.rooms, 0.1)
    assert live.rooms.ledger.positions[ABC].quantity == 0


def test_the_stop_of_an_entry_goes_out_although_it_was_disarmed_meanwhile(live: Person) -> None:
    live.arms()
    live.rooms.orders.brackets.check()
    entry = live.orders(10, 9_990, ExitPlan(stop=9_900))
    live.does(DisarmTrading("F12"))
    quoted(live.rooms, ABC, 9_980)
    passes(live.rooms, 0.5)
    assert entry.status is OrderStatus.FILLED
    (stop,) = live.rooms.working.of(ABC)
    assert (stop.request.type, stop.request.origin) == (OrderType.STOP, "leg")


@pytest.mark.parametrize("connected", [False, True])
def test_a_live_account_is_disarmed_when_the_way_to_its_broker_changes(
    live: Person, *, connected: bool
) -> None:
    live.arms()
    live.link(connected=connected)
    assert not live.is_armed()
    words = "connected anew" if connected else "gone (no route)"
    assert words in live.rooms.arming.reason


def test_it_is_not_armed_while_the_broker_is_away_and_the_return_does_not_arm_it(live: Person) -> None:
    live.link(connected=False)
    assert not live.arms()
    assert live.rooms.arming.refusal.startswith("no connection to the broker (no route)")
    live.link(connected=True)
    assert not live.is_armed()
    assert live.arms()


def test_idleness_counts_from_the_last_key(live: Person) -> None:
    live.arms()
    live.waits(14)
    live.catch.seen()
    live.waits(14)
    assert live.is_armed()
    live.waits(1)
    assert not live.is_armed()
    assert live.rooms.arming.reason == "no key for 15 minutes"


def test_a_paper_account_is_disarmed_by_idleness_and_armed_by_a_key(paper: Person) -> None:
    paper.waits(60)
    assert paper.is_armed(), "nobody has been there yet"
    paper.catch.seen()
    paper.waits(15)
    assert paper.orders(5).status is OrderStatus.DENIED
    assert paper.arms("")
    assert paper.orders(5).status is OrderStatus.FILLED


def test_a_paper_account_does_not_mind_its_broker_going_and_coming(paper: Person) -> None:
    for connected in (False, True):
        paper.link(connected=connected)
        assert paper.is_armed()


def test_who_armed_and_who_disarmed_is_written_down_and_no_start_arms(tmp_path: Path) -> None:
    with composed(tmp_path, mode=AccountMode.LIVE) as rooms:
        person = Person(rooms)
        person.does(DisarmTrading("nothing to do"))
        person.arms("GUESS")
        person.arms()
        person.arms()
        person.does(DisarmTrading("lunch", "shell"))
        person.arms()
        folder = rooms.folders.data / "journal" / "live"
        journal = rooms.journal
    told = [each for each in records_of(folder) if type(each).__name__.startswith("Trading")]
    assert [(type(each).__name__, getattr(each, "origin", "")) for each in told] == [
        ("TradingArmed", "desk"),
        ("TradingDisarmed", "shell"),
        ("TradingArmed", "desk"),
    ]
    assert journal.sequence
    with composed(tmp_path, later_s=60, mode=AccountMode.LIVE) as rooms:
        assert not rooms.arming.armed
        assert Person(rooms).orders(10).status is OrderStatus.DENIED


def test_an_account_whose_arming_can_not_be_written_down_stays_disarmed(
    live: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(ENOSPC, "the disk is full")

    monkeypatch.setattr(FolderFile, "write_at", full)
    assert not live.arms()
    assert "the disk is full" in live.rooms.arming.refusal


def test_what_a_disarming_is_told_is_cleaned(live: Person) -> None:
    live.arms()
    live.does(DisarmTrading("a\x1b[31mred"))
    assert "\x1b" not in live.rooms.arming.reason


def test_an_engine_counts_the_opened_desk_and_every_key_as_somebody_there(tmp_path: Path) -> None:
    with composed(tmp_path, steady_is_own=True) as rooms:
        engine = Engine(rooms)
        engine._drain(ViewRequest(everything=True), lambda _: None)
        passes(rooms, 14 * MINUTES)
        engine._drain(ViewRequest(), lambda _: None)
        engine._note_key(1)
        passes(rooms, 14 * MINUTES)
        engine._look()
        before = rooms.arming.view().armed
        passes(rooms, MINUTES)
        engine._look()
        assert (before, rooms.arming.view().armed) == (True, False)
