"""The comparison opposite the paper broker, in rooms as the program composes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.messages.commands import TradingState
from engine.messages.comparison_views import ReconcilePhase
from engine.messages.reports import AcceptReport, CancelReport, FillReport, LostReport, Report
from engine.model.order import Order, OrderStatus
from engine.rooms import Rooms
from tests.engine_rooms import ABC, buying, composed, passes, quoted

_S = OrderStatus


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path / "desk", steady_is_own=True) as rooms:
        rooms.orders.begin(had_history=False)
        passes(rooms, 1)
        yield rooms


def losing(rooms: Rooms, lost: Callable[[Report], bool]) -> None:
    """Lose some of what the broker reports."""
    rooms.broker.connect(lambda report: None if lost(report) else rooms.orders.on_report(report))


def sent(rooms: Rooms, limit: int | None) -> Order:
    """Buy ten."""
    command = buying(rooms, 10, limit)
    assert rooms.orders.submit(command.request)
    return rooms.orders.orders[command.request.client_id]


def now(order: Order) -> OrderStatus:
    return order.status


def test_both_books_agree_at_the_start(rooms: Rooms) -> None:
    view = rooms.orders.reconciler.view()
    assert (view.phase, view.breaks, view.unknown) == (ReconcilePhase.AGREED, (), 0)
    assert rooms.orders.reconciler.settled


def test_an_account_with_a_history_waits_for_the_comparison(tmp_path: Path) -> None:
    with composed(tmp_path / "desk", steady_is_own=True) as rooms:
        rooms.orders.begin(had_history=True)
        assert rooms.halts.state_of(ABC) is TradingState.HALTED
        assert not rooms.orders.submit(buying(rooms, 10, 9_000).request)
        passes(rooms, 1)
        assert rooms.orders.submit(buying(rooms, 10, 9_000).request)


def test_an_order_whose_answer_was_lost_is_found(rooms: Rooms) -> None:
    losing(rooms, lambda report: isinstance(report, AcceptReport))
    order = sent(rooms, 9_000)
    passes(rooms, 10.2)
    assert now(order) is _S.UNKNOWN
    passes(rooms, 1)
    assert now(order) is _S.WORKING
    assert order.venue_id


def test_a_fill_that_was_lost_reaches_the_position(rooms: Rooms) -> None:
    losing(rooms, lambda report: isinstance(report, FillReport))
    order = sent(rooms, None)
    passes(rooms, 1)
    assert now(order) is _S.WORKING
    passes(rooms, 30)
    assert now(order) is _S.FILLED
    assert rooms.ledger.positions[ABC].quantity == 10
    assert order.fees_micros


def test_a_cancel_that_was_lost_on_its_way_back_is_known_in_time(rooms: Rooms) -> None:
    order = sent(rooms, 9_000)
    passes(rooms, 1)
    losing(rooms, lambda report: isinstance(report, CancelReport))
    rooms.orders.cancel(order.client_id)
    passes(rooms, 30)
    assert now(order) is _S.CANCELED


def test_an_order_that_the_venue_never_saw_is_not_found(rooms: Rooms) -> None:
    order = sent(rooms, 9_000)
    passes(rooms, 1)
    rooms.broker._register._orders.pop(order.client_id)  # type: ignore[attr-defined]  # as if it never came
    rooms.orders.on_report(LostReport(order.client_id, "reset", rooms.clock.now_ns()))
    passes(rooms, 20)
    assert now(order) is _S.NOT_FOUND


def test_a_busy_hour_in_agreement_makes_no_break_and_writes_nothing(rooms: Rooms) -> None:
    for bid in range(9_990, 10_010):
        quoted(rooms, ABC, bid)
        sent(rooms, bid - 1)
        passes(rooms, 60)
    passes(rooms, 60)
    written = rooms.orders.scribe.sequence
    assert rooms.orders.reconciler.view().phase is ReconcilePhase.AGREED
    for _ in range(40):
        quoted(rooms, ABC, 10_010)
        passes(rooms, 60)
    assert rooms.orders.scribe.sequence == written
    assert not rooms.orders.reconciler.breaks
