"""Leaving on purpose: what is kept, cancelled or flattened, and what is written down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from engine.config import SafetySettings
from engine.duties.leaving import Leaving, Resume
from engine.messages.commands import Leave, LeaveChoice, TradingState
from engine.messages.events import AlertRaised
from engine.model.order import OrderStatus
from engine.rooms import Rooms
from tests.engine_rooms import ABC, buying, composed, passes, quoted


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path) as made:
        made.orders.submit(buying(made, 100).request)
        made.orders.submit(buying(made, 10, 9_950).request)
        passes(made, 0.1)
        quoted(made, ABC, 10_000)
        yield made


def resume_of(rooms: Rooms) -> Resume:
    return msgspec.json.decode((rooms.folders.data / "sim.resume.json").read_bytes(), type=Resume)


@pytest.mark.parametrize(
    ("choice", "working", "held"),
    [
        (LeaveChoice.KEEP, ["99.50"], {"ABC": "100"}),
        (LeaveChoice.CANCEL, [], {"ABC": "100"}),
        (LeaveChoice.FLATTEN, [], {}),
    ],
)
def test_what_was_chosen_is_done_and_written_down(
    rooms: Rooms, choice: LeaveChoice, working: list[str], held: dict[str, str]
) -> None:
    leaving = Leaving(rooms)
    leaving.begin(Leave(choice))
    passes(rooms, 2)
    leaving.finish()
    resume = resume_of(rooms)
    assert resume.choice == choice.value
    assert [order.limit for order in resume.orders] == working
    assert resume.positions == held
    assert resume.digest == rooms.replica.digest()


def test_no_order_is_taken_while_leaving_and_staying_takes_them_again(rooms: Rooms) -> None:
    leaving = Leaving(rooms)
    leaving.begin(Leave(LeaveChoice.KEEP))
    assert rooms.halts.everything.state is TradingState.HALTED
    refused = buying(rooms, 7, 9_940).request
    assert not rooms.orders.submit(refused)
    assert rooms.orders.orders[refused.client_id].status is OrderStatus.DENIED
    leaving.stay()
    assert rooms.orders.submit(buying(rooms, 8, 9_940).request)


@pytest.mark.parametrize("end", ["keep", "cancel", "stay"])
def test_a_flatten_ends_when_the_desk_is_left_otherwise_or_stays(rooms: Rooms, end: str) -> None:
    heard: list[str] = []
    rooms.bus.subscribe(AlertRaised, lambda event: heard.append(event.text))
    leaving = Leaving(rooms)
    leaving.begin(Leave(LeaveChoice.FLATTEN))
    assert [*rooms.orders.flattening] == [ABC]
    if end == "stay":
        leaving.stay()
    else:
        leaving.begin(Leave(LeaveChoice(end)))
    assert not rooms.orders.flattening
    assert "flatten ABC ended: the desk" in heard[-1]
    passes(rooms, 5)
    assert rooms.ledger.positions[ABC].quantity == 100


def test_only_its_owner_may_read_the_file_even_over_an_open_one(rooms: Rooms) -> None:
    path = rooms.folders.data / "sim.resume.json"
    path.write_text("old")
    path.chmod(0o644)
    Leaving(rooms).finish()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [order.side for order in resume_of(rooms).orders] == ["buy"]


def test_where_it_can_not_be_written_a_sentence_says_so(rooms: Rooms) -> None:
    heard: list[AlertRaised] = []
    rooms.bus.subscribe(AlertRaised, heard.append)
    (rooms.folders.data / "sim.resume.json").mkdir()
    Leaving(rooms).finish()
    assert [alert.text.split(": ")[1] for alert in heard] == ["Is a directory"]


def test_an_end_that_nobody_sees_keeps_orders_and_says_why(rooms: Rooms) -> None:
    leaving = Leaving(rooms)
    leaving.end("the terminal was closed")
    asyncio.run(leaving.until_over())
    refused = buying(rooms, 7, 9_940).request
    assert not rooms.orders.submit(refused)
    leaving.finish()
    assert rooms.replica.ended is not None
    assert rooms.replica.ended.reason == resume_of(rooms).reason == "the terminal was closed"
    assert resume_of(rooms).choice == "keep"


def test_with_a_dead_man_such_an_end_waits_for_the_proof_of_each_cancel(rooms: Rooms) -> None:
    rooms.settings = replace(rooms.settings, safety=SafetySettings(dead_man_s=10))
    leaving = Leaving(rooms)

    async def ending() -> None:
        waits = asyncio.create_task(leaving.until_over())
        leaving.end("the terminal was closed")
        rooms.orders.cancel_all(origin="dead-man")
        await asyncio.sleep(0.2)
        assert not waits.done()
        assert leaving.unproven == 1
        passes(rooms, 2)
        await waits

    asyncio.run(ending())
    assert not leaving.unproven
    leaving.finish()
    assert resume_of(rooms).choice == "cancel"


def test_the_wait_for_a_proof_is_over_in_time(rooms: Rooms) -> None:
    rooms.settings = replace(rooms.settings, safety=SafetySettings(dead_man_s=10, end_within_s=0.1))
    leaving = Leaving(rooms)
    leaving.end("told to end")
    rooms.orders.cancel_all(origin="dead-man")
    asyncio.run(leaving.until_over())
    assert leaving.unproven == 1


def test_what_a_person_chose_before_stays_chosen(rooms: Rooms) -> None:
    leaving = Leaving(rooms)
    leaving.begin(Leave(LeaveChoice.FLATTEN))
    leaving.end("the terminal was closed")
    assert leaving.unproven == 2
    passes(rooms, 2)
    quoted(rooms, ABC, 10_000)
    passes(rooms, 2)
    asyncio.run(leaving.until_over())
    leaving.finish()
    assert (resume_of(rooms).choice, resume_of(rooms).positions) == ("flatten", {})
