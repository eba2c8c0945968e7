"""A cancel that is asked while the broker can't be reached is kept, and leaves before anything else."""

from __future__ import annotations

import pytest

from engine.messages.commands import CancelOrder
from engine.messages.reports import CancelRejectReport, LostReport
from engine.model.order import Order, OrderStatus
from tests.unit.engine.reconcile_bench import XYZ, World, status

_S = OrderStatus


class Refusing(World):
    """A venue behind a way that can be closed: over a closed one a cancel is told as not sent."""

    def __init__(self) -> None:
        super().__init__()
        self.desk.begin()
        self.desk.passes(1)

    def working(self, **terms: object) -> Order:
        order = self.desk.buy(**terms)  # type: ignore[arg-type]  # an order's own terms
        self.desk.passes(0.1)
        return order

    def cut(self) -> None:
        self.venue.deaf = {"submit", "cancel", "amend", "inquire", "take_stock"}
        self.venue.link(connected=False)

    def back(self, deaf: set[str] | None = None) -> None:
        self.venue.deaf = deaf or set()
        self.venue.link(connected=True)

    def cancels(self, order: Order) -> None:
        """Ask for a cancel, and let the adapter say that it could not be sent."""
        self.desk.manager.cancel(order.client_id)
        now_ns = self.clock.now_ns()
        self.venue.deliver(CancelRejectReport(order.client_id, "not sent: no way", now_ns, unsent=True))

    def sent_since(self, count: int) -> list[str]:
        return [kind for kind, _ in self.venue.asked[count:]]


@pytest.fixture
def world() -> Refusing:
    return Refusing()


def test_a_cancel_that_was_not_sent_is_still_wanted(world: Refusing) -> None:
    order = world.working()
    world.cut()
    world.cancels(order)
    assert (status(order), order.cancel_wanted) == (_S.PENDING_CANCEL, True)
    world.desk.assert_told_by_the_journal()


def test_wanted_cancels_leave_before_anything_is_asked_or_ordered(world: Refusing) -> None:
    orders = [world.working(), world.working(symbol=XYZ)]
    world.cut()
    for order in orders:
        world.cancels(order)
    before = len(world.venue.asked)
    world.back()
    assert world.sent_since(before) == ["cancel", "cancel", "take_stock"]
    world.desk.passes(1)
    assert [status(order) for order in orders] == [_S.CANCELED, _S.CANCELED]
    world.desk.assert_told_by_the_journal()


def test_a_cancel_that_waits_for_the_way_is_not_unanswered(world: Refusing) -> None:
    order = world.working()
    world.cut()
    world.cancels(order)
    world.desk.passes(3600)
    assert status(order) is _S.PENDING_CANCEL


def test_a_cancel_that_left_at_last_and_has_no_answer_makes_the_order_unknown(world: Refusing) -> None:
    order = world.working()
    world.cut()
    world.cancels(order)
    world.desk.passes(15)
    world.back(deaf={"cancel", "inquire", "take_stock"})
    world.desk.passes(8)
    assert status(order) is _S.PENDING_CANCEL
    world.desk.passes(5)
    assert status(order) is _S.UNKNOWN


def test_a_cancel_whose_answer_was_lost_with_the_way_leaves_once_more(world: Refusing) -> None:
    order = world.working()
    world.venue.deaf = {"cancel"}
    world.desk.manager.cancel(order.client_id)
    world.cut()
    world.venue.deliver(LostReport(order.client_id, "the connection ended", world.clock.now_ns()))
    assert status(order) is _S.UNKNOWN
    before = len(world.venue.asked)
    world.back()
    assert world.sent_since(before)[0] == "cancel"
    world.desk.passes(3)
    assert status(order) is _S.CANCELED


def test_a_desk_that_was_killed_meanwhile_lets_the_cancel_out_all_the_same(world: Refusing) -> None:
    order = world.working()
    world.cut()
    world.cancels(order)
    desk = world.restart()
    before = len(world.venue.asked)
    world.back()
    assert world.sent_since(before)[0] == "cancel"
    desk.passes(3)
    assert desk.manager.orders[order.client_id].status is _S.CANCELED
    desk.assert_told_by_the_journal()


def test_a_cancel_that_the_broker_refused_is_not_asked_again(world: Refusing) -> None:
    order = world.working()
    world.venue.deaf = {"cancel"}
    world.desk.manager.cancel(order.client_id)
    world.venue.deliver(CancelRejectReport(order.client_id, "not now", world.clock.now_ns()))
    world.cut()
    world.back()
    world.desk.passes(3)
    assert status(order) is _S.WORKING
    assert len(world.journal.of(CancelOrder)) == 1


def test_a_way_that_closes_and_opens_is_told_once_each(world: Refusing) -> None:
    desk = world.desk
    desk.alerts.clear()
    world.cut()
    world.cut()
    assert [text.split(" (")[0] for text in desk.alerts] == ["no connection to the broker"]
    assert "the test says so" in desk.alerts[0]
    desk.alerts.clear()
    world.back()
    world.back()
    assert [text.split(" after")[0] for text in desk.alerts] == ["the broker is back"]


def test_who_asks_for_cancels_while_the_way_is_closed_is_told_that_they_wait(world: Refusing) -> None:
    world.working()
    world.working(symbol=XYZ)
    world.cut()
    assert world.desk.manager.cancel_all() == 2
    assert "cancels kept: 2" in world.desk.alerts[-1]
