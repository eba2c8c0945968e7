"""One id from the command to the fill: in the journal, in the log, and at every desk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from msgspec.structs import replace

from engine.account.journal import journal_folder
from engine.clock import SystemClock
from engine.duties.leaving import Leaving
from engine.errors import EngineError
from engine.handlers import Handlers
from engine.messages.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    Flatten,
    LockDesk,
    SetTradingState,
    SubmitOrder,
    TradingState,
)
from engine.messages.events import FlattenAsked, TradingStateChanged
from engine.messages.firm import FirmState
from engine.messages.order_path import CommandTaken
from engine.messages.senders import Sender
from engine.model.order import ExitPlan
from engine.observe.event_notes import EventNotes
from engine.observe.logs import NAME, EventLog
from engine.readings.observation import story_of
from engine.rooms import Rooms
from tests.engine_rooms import ABC, buying, composed, passes
from tests.journals import records_of


class Bench(NamedTuple):
    """Rooms whose log is written, and what carries commands out."""

    rooms: Rooms
    handlers: Handlers
    log: EventLog

    def says(self, command: Command, correlation: str = "") -> str:
        """Carry a command out, as of a program where it comes with an id; return what it is found by."""
        taken: list[CommandTaken] = []
        self.rooms.bus.subscribe(CommandTaken, taken.append)
        self.rooms.sender = Sender("ann", "admin", "gateway", True, correlation) if correlation else None
        try:
            self.handlers.handle(command)
        finally:
            self.rooms.sender = None
        passes(self.rooms, 0.01)
        return taken[0].correlation

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Return the lines that belong to something."""
        self.log.close()
        told = (self.rooms.folders.logs / NAME).read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in told]
        return [line for line in found if name in {line.get("correlation"), line.get("cause")}]

    def record(self, kind: type[msgspec.Struct]) -> Any:
        """Return the last record of a kind."""
        rooms = self.rooms
        folder = journal_folder(rooms.settings, rooms.folders, rooms.account.mode, "")
        return [each for each in records_of(folder) if isinstance(each, kind)][-1]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with composed(tmp_path) as rooms:
        log = EventLog(rooms.folders.logs, SystemClock().now_ns)
        EventNotes(rooms.bus, log, story_of(rooms))
        rooms.orders.begin(had_history=False)
        log.open()
        yield Bench(rooms, Handlers(rooms, Leaving(rooms)), log)
        log.close()


def named(command: SubmitOrder, correlation: str, **changes: object) -> SubmitOrder:
    return SubmitOrder(replace(command.request, correlation=correlation, **changes))


def test_an_order_and_its_exits_have_one_id_in_every_component_they_pass(bench: Bench) -> None:
    order = named(buying(bench.rooms, 10), "key-1", plan=ExitPlan(stop=9_000, target=11_000))
    assert bench.says(order) == "key-1"
    lines = bench.lines("key-1")
    assert {line["component"] for line in lines} == {"commands", "orders", "broker", "ledger"}
    sent = [line["client_id"] for line in lines if line["event"] == "order sent"]
    assert len(sent) == 3, "the entry and its two exits"
    story = [line["event"] for line in lines if line.get("client_id") == order.request.client_id]
    assert story == [
        "command",
        "order submitted",
        "order sent",
        "order changed",
        "order filled",
        "fill booked",
        "order changed",
    ]
    submitted = next(line for line in lines if line["event"] == "order submitted")
    assert bench.rooms.journal.sequence >= submitted["record"] > 0
    assert next(line for line in lines if line["event"] == "fill booked")["held"] == 10


def test_a_cancel_and_a_change_are_found_by_their_own_id_and_by_the_order_s(bench: Bench) -> None:
    order = named(buying(bench.rooms, 10, 9_900), "key-1")
    bench.says(order)
    client_id = order.request.client_id
    changed = bench.says(AmendOrder(client_id, quantity=20), "request-7")
    cancelled = bench.says(CancelOrder(client_id))
    assert changed == "request-7"
    assert bench.record(AmendOrder).correlation == "request-7"
    assert bench.record(CancelOrder).correlation == cancelled != ""
    told = [(line["event"], line.get("request"), line.get("status")) for line in bench.lines("request-7")]
    assert told == [
        ("command", None, None),
        ("order changed", None, "pending_replace"),
        ("order sent", "amend", None),
    ]
    assert {line["correlation"] for line in bench.lines(cancelled)} == {"key-1", cancelled}
    assert [line["request"] for line in bench.lines("key-1") if line["event"] == "order sent"] == [
        "submit",
        "amend",
        "cancel",
    ]


def test_a_flatten_s_cancels_and_its_closing_order_have_the_id_of_what_asked(bench: Bench) -> None:
    bench.says(named(buying(bench.rooms, 10), "key-1"))
    working = named(buying(bench.rooms, 10, 9_900), "key-2")
    bench.says(working)
    asked = bench.says(Flatten(ABC))
    assert bench.record(FlattenAsked).correlation == asked
    assert bench.record(CancelOrder).correlation == asked
    passes(bench.rooms, 0.1)
    (closing,) = [order for order in bench.rooms.orders.orders.values() if order.request.origin == "exit"]
    assert closing.request.correlation == asked
    assert not bench.rooms.ledger.positions[ABC].quantity
    events = [line["event"] for line in bench.lines(asked)]
    assert events[0] == "command"
    assert events.count("order submitted") == events.count("fill booked") == 1


def test_what_is_denied_has_the_id_too(bench: Bench) -> None:
    bench.says(SetTradingState(TradingState.HALTED, "enough", origin="key"), "request-1")
    bench.says(named(buying(bench.rooms, 10), "key-1"))
    assert bench.record(TradingStateChanged).correlation == "request-1"
    assert [line["event"] for line in bench.lines("request-1")] == ["command", "trading state", "alert"]
    assert [(line["component"], line["level"]) for line in bench.lines("key-1")] == [
        ("commands", "info"),
        ("risk", "warning"),
    ]


def test_a_command_that_fails_is_no_cause_of_what_comes_after(bench: Bench) -> None:
    with pytest.raises(EngineError):
        bench.handlers.handle(LockDesk())
    assert bench.rooms.cause.id == ""


def test_a_step_that_was_asked_for_earlier_is_no_cause_of_what_comes_after(bench: Bench) -> None:
    working = named(buying(bench.rooms, 10, 9_900), "key-1")
    bench.says(working)
    bench.says(Flatten(ABC))
    passes(bench.rooms, 1)
    assert bench.rooms.cause.id == ""
    bench.rooms.orders.submit(named(buying(bench.rooms, 11, 9_900), "key-2").request)
    assert all("cause" not in line for line in bench.lines("key-2"))


@pytest.mark.parametrize(
    ("kind", "before"),
    [
        pytest.param(CancelOrder, {"client_id": "a", "origin": "desk"}, id="cancel"),
        pytest.param(AmendOrder, {"client_id": "a", "quantity": 3, "limit": None, "stop": None}, id="change"),
        pytest.param(FlattenAsked, {"symbol": "ABC", "origin": "desk", "event_ns": 1}, id="flatten"),
        pytest.param(
            TradingStateChanged,
            {"state": "halted", "reason": "", "symbol": None, "event_ns": 1},
            id="trading state",
        ),
        pytest.param(
            FirmState, {"version": 1, "state": "halted", "reason": "x", "layout": 1}, id="every desk"
        ),
    ],
)
def test_what_was_written_before_there_was_an_id_is_read(
    kind: type[msgspec.Struct], before: dict[str, object]
) -> None:
    found = msgspec.msgpack.decode(msgspec.msgpack.encode(before), type=kind)
    assert found.correlation == ""  # type: ignore[attr-defined]  # each of them has one
