"""Frames tell the screen everything once: what changed, no order left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.duties.leaving import Leaving
from engine.frames.frame_builder import FrameBuilder
from engine.handlers import Handlers
from engine.messages.commands import CancelAll
from engine.messages.views import ViewRequest
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.order import OrderStatus
from engine.rooms import Rooms
from tests.engine_rooms import ABC, XYZ, buying, composed, passes, quoted, share

ALL, ABC_ONLY = ViewRequest(focus=ABC, everything=True), ViewRequest(focus=ABC)


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path) as made:
        yield made


@pytest.fixture
def frames(rooms: Rooms) -> FrameBuilder:
    builder = FrameBuilder(rooms)
    builder.build(ALL)
    return builder


def test_the_first_frame_holds_everything(rooms: Rooms) -> None:
    frame = FrameBuilder(rooms).build(ALL)
    assert [instrument.symbol for instrument in frame.instruments] == [ABC, XYZ]
    assert [quote.symbol for quote in frame.quotes] == [ABC, XYZ]
    assert frame.account is not None
    assert frame.risk is not None
    assert frame.chart is not None
    assert frame.depth is not None
    assert frame.depth.synced
    assert frame.depth.bids == frame.depth.asks == (), "without a book the quote is all there is"


def test_what_did_not_change_is_not_sent_again(rooms: Rooms, frames: FrameBuilder) -> None:
    frame = frames.build(ABC_ONLY)
    assert (frame.instruments, frame.quotes, frame.orders, frame.alerts) == ((), (), (), ())
    assert (frame.depth, frame.chart, frame.account, frame.risk, frame.positions) == (None,) * 5
    assert frame.sequence == 2
    assert frame.now_ns == rooms.clock.now_ns()


def test_a_frame_says_since_when_the_source_had_the_oldest_that_is_new(
    rooms: Rooms, frames: FrameBuilder
) -> None:
    passes(rooms, 0.01)
    first_ns = rooms.clock.now_ns()
    quoted(rooms, ABC, 10_001)
    passes(rooms, 0.01)
    quoted(rooms, XYZ, 10_001)
    passes(rooms, 0.01)
    assert frames.build(ABC_ONLY).source_ns == first_ns
    rooms.market.states[ABC].version += 1
    assert frames.build(ABC_ONLY).source_ns == 0


def test_only_the_symbol_that_moved_is_sent_and_only_its_latest_quote(
    rooms: Rooms, frames: FrameBuilder
) -> None:
    for bid in (10_001, 10_002, 10_003):
        quoted(rooms, XYZ, bid)
    (quote,) = frames.build(ABC_ONLY).quotes
    assert (quote.symbol, quote.bid) == (XYZ, 10_003)


def test_asking_for_everything_sends_it_all_again(rooms: Rooms, frames: FrameBuilder) -> None:
    again = frames.build(ALL)
    assert len(again.instruments) == len(again.quotes) == 2
    assert again.positions is not None
    assert again.account is not None
    assert again.account == FrameBuilder(rooms).build(ALL).account


def test_a_symbol_listed_later_is_told_once(rooms: Rooms, frames: FrameBuilder) -> None:

    rooms.market.on_listed(share(Symbol("NEW")))
    assert [instrument.symbol for instrument in frames.build(ABC_ONLY).instruments] == ["NEW"]
    assert frames.build(ABC_ONLY).instruments == ()


def test_every_order_that_changed_between_two_frames_is_in_the_second(
    rooms: Rooms, frames: FrameBuilder
) -> None:
    handlers = Handlers(rooms, Leaving(rooms))
    sent = [buying(rooms, 10 + index, 9_950 - index) for index in range(20)]
    for command in sent:
        handlers.handle(command)
        passes(rooms, 1.0)
        quoted(rooms, ABC, 10_000)
    ids = [command.request.client_id for command in sent]
    frame = frames.build(ABC_ONLY)
    assert [order.client_id for order in frame.orders] == ids
    assert {order.status for order in frame.orders} == {OrderStatus.WORKING}
    handlers.handle(CancelAll())
    passes(rooms, 1.0)
    frame = frames.build(ABC_ONLY)
    assert sorted(order.client_id for order in frame.orders) == sorted(ids)
    assert {order.status for order in frame.orders} == {OrderStatus.CANCELED}
    assert frames.build(ABC_ONLY).orders == ()


def test_a_fill_reaches_order_position_and_account_in_one_frame(rooms: Rooms, frames: FrameBuilder) -> None:
    Handlers(rooms, Leaving(rooms)).handle(buying(rooms, 100))
    passes(rooms, 0.1)
    rooms.valuation.refresh()
    frame = frames.build(ABC_ONLY)
    (order,) = frame.orders
    assert (order.status, order.filled, len(order.fills)) == (OrderStatus.FILLED, 100, 1)
    assert frame.positions is not None
    (position,) = frame.positions
    assert (position.symbol, position.quantity) == (ABC, 100)
    assert frame.account is not None
    assert frame.account.fees_micros > 0


def test_silence_is_news(rooms: Rooms, frames: FrameBuilder) -> None:
    passes(rooms, 3600)
    rooms.changes.note_aged(rooms.clock.now_ns())
    aged = frames.build(ABC_ONLY).quotes
    assert {(quote.symbol, quote.trust) for quote in aged} == {(ABC, Trust.STALE), (XYZ, Trust.STALE)}
    rooms.changes.note_aged(rooms.clock.now_ns())
    assert frames.build(ABC_ONLY).quotes == ()


def test_a_focus_that_is_not_listed_is_no_fault(frames: FrameBuilder) -> None:

    frame = frames.build(ViewRequest(focus=Symbol("NOPE")))
    assert (frame.depth, frame.chart, frame.tape) == (None, None, None)


def test_a_faulty_frame_only_says_so(frames: FrameBuilder) -> None:
    frame = frames.faulty("it broke")
    assert [alert.text for alert in frame.alerts] == ["it broke"]
    assert frame.quotes == ()
