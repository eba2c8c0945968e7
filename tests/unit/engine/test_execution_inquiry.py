from __future__ import annotations

from itertools import pairwise
from typing import cast

import pytest

from engine.clock import NS_PER_S
from engine.execution.inquiry import Inquiries
from engine.execution.movement import Movement
from engine.execution.questions import Question
from engine.messages.events import OrderUnanswered
from engine.messages.reports import AcceptReport, CancelReport, LostReport, NotFoundReport, StockReport
from engine.model.order import Order, OrderStatus
from engine.ports.broker import Broker
from tests.simulation.timeline import MachineClock, Timeline
from tests.unit.engine.reconcile_bench import START_NS, Desk, World, status

_S = OrderStatus


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World) -> Desk:
    world.desk.begin()
    world.desk.passes(1)
    return world.desk


def lost(desk: Desk, order: Order) -> None:
    """Let the connection break before the answer to an order came."""
    desk.manager.on_report(LostReport(order.client_id, "connection reset", desk.clock.now_ns()))


def test_an_order_without_an_answer_is_unknown_after_ten_seconds(desk: Desk) -> None:
    desk.venue.deaf = {"submit", "inquire"}
    order = desk.buy()
    desk.passes(9)
    assert status(order) is _S.PENDING_NEW
    desk.passes(2)
    assert status(order) is _S.UNKNOWN
    assert "no answer to the order in 10 s" in desk.journal.of(OrderUnanswered)[0].reason


def test_an_order_that_is_answered_in_time_is_never_asked_for(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(100)
    assert status(order) is _S.WORKING
    assert not desk.venue.times("inquire")


def test_an_unknown_order_is_asked_for_ever_more_seldom_and_never_sent_again(desk: Desk) -> None:
    desk.venue.deaf = {"submit", "inquire"}
    order = desk.buy()
    lost(desk, order)
    desk.passes(75)
    assert desk.venue.times("inquire") == [1.5, 2, 3, 5, 9, 39, 69]
    assert len(desk.venue.times("submit")) == 1
    assert status(order) is _S.UNKNOWN


def test_an_unknown_order_that_is_found_is_worked_again(desk: Desk) -> None:
    desk.venue.loses = lambda report: isinstance(report, AcceptReport)
    order = desk.buy()
    desk.passes(0.1)
    lost(desk, order)
    desk.venue.loses = lambda _: False
    desk.passes(1)
    assert (order.status, order.venue_id) == (_S.WORKING, f"V-{order.client_id}")
    desk.assert_told_by_the_journal()


def test_an_unknown_order_that_is_found_filled_has_its_fills(desk: Desk) -> None:
    desk.venue.loses = lambda _: True
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.fill(order.client_id, 40)
    desk.venue.fill(order.client_id, 60)
    lost(desk, order)
    desk.venue.loses = lambda _: False
    desk.passes(1)
    assert (order.status, order.filled, desk.held()) == (_S.FILLED, 100, 100)
    desk.assert_told_by_the_journal()


def test_an_order_is_not_found_after_two_misses_and_a_whole_stock_that_lacks_it(desk: Desk) -> None:
    desk.venue.deaf = {"submit"}
    order = desk.buy()
    lost(desk, order)
    desk.passes(60)
    assert status(order) is _S.NOT_FOUND
    assert len(desk.journal.of(NotFoundReport)) == 1
    desk.assert_told_by_the_journal()


def test_misses_prove_nothing_while_the_order_may_still_be_on_its_way(desk: Desk) -> None:
    desk.venue.deaf = {"submit"}
    order = desk.buy()
    lost(desk, order)
    desk.passes(3.5)
    assert len(desk.venue.times("inquire")) == 3
    assert status(order) is _S.UNKNOWN


def test_two_misses_without_a_whole_stock_prove_nothing(desk: Desk) -> None:
    desk.venue.deaf, desk.venue.complete = {"submit"}, False
    order = desk.buy()
    lost(desk, order)
    desk.passes(300)
    assert status(order) is _S.UNKNOWN
    desk.venue.complete = True
    desk.passes(60)
    assert desk.manager.orders[order.client_id].status is _S.NOT_FOUND


def test_a_whole_stock_without_two_misses_proves_nothing(desk: Desk) -> None:
    desk.venue.deaf = {"submit", "inquire"}
    order = desk.buy()
    lost(desk, order)
    desk.passes(300)
    assert status(order) is _S.UNKNOWN


def test_a_stock_that_does_not_go_back_far_enough_proves_nothing(desk: Desk) -> None:
    desk.venue.deaf = {"submit"}
    order = desk.buy()
    lost(desk, order)
    desk.venue.forgot_ns = desk.clock.now_ns() + 1
    desk.passes(300)
    assert status(order) is _S.UNKNOWN
    asked_ns = desk.venue.times("take_stock")
    assert len(asked_ns) < 30, "a stock that proves nothing is not asked for again at once"


def test_an_order_sent_after_stock_was_asked_for_is_not_missing(desk: Desk) -> None:
    desk.venue.deaf = {"take_stock"}
    desk.manager.take_stock()
    stock = StockReport(desk.venue.stock(0), desk.venue.question["take_stock"])
    desk.passes(0.1)
    desk.buy()
    desk.passes(0.1)
    desk.venue.deliver(stock)
    desk.passes(3)
    assert not desk.venue.times("inquire")


def test_an_order_that_waits_for_its_first_answer_is_not_doubted_because_a_stock_lacks_it(desk: Desk) -> None:
    desk.venue.deaf = {"submit"}
    order = desk.buy()
    desk.passes(1)
    desk.manager.take_stock()
    desk.passes(5)
    assert status(order) is _S.PENDING_NEW
    assert not desk.venue.times("inquire"), (
        "it may not have left: the time in which it is on its way begins later"
    )
    desk.passes(60)
    assert status(order) is _S.NOT_FOUND


def test_the_same_miss_told_again_is_one_miss_also_after_the_next_question(desk: Desk) -> None:
    desk.venue.deaf = {"submit", "inquire"}
    order = desk.buy()
    lost(desk, order)
    desk.passes(4.5)
    miss = NotFoundReport(order.client_id, desk.clock.now_ns(), desk.venue.question["inquire"])
    for _ in range(3):
        desk.venue.deliver(miss)
        desk.passes(100)
    assert desk.venue.question["inquire"] > miss.question
    assert status(order) is _S.UNKNOWN


def test_a_miss_of_another_order_is_no_miss(desk: Desk) -> None:
    desk.venue.deaf = {"submit", "inquire"}
    order = desk.buy()
    lost(desk, order)
    for _ in range(4):
        desk.passes(30)
        question = desk.venue.question["inquire"]
        desk.venue.deliver(NotFoundReport("another", desk.clock.now_ns(), question))
    assert status(order) is _S.UNKNOWN


def test_misses_that_come_out_of_order_are_counted(desk: Desk) -> None:
    desk.venue.deaf = {"submit", "inquire"}
    order = desk.buy()
    lost(desk, order)
    asked = []
    for _ in range(2):
        desk.passes(30)
        asked.append(desk.venue.question["inquire"])
    for question in reversed(asked):
        desk.venue.deliver(NotFoundReport(order.client_id, desk.clock.now_ns(), question))
    assert status(order) is _S.NOT_FOUND


def test_a_miss_that_was_not_asked_for_is_no_miss(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    for question in range(3):
        desk.venue.deliver(NotFoundReport(order.client_id, desk.clock.now_ns(), question))
    desk.passes(60)
    assert status(order) is _S.WORKING


def test_an_order_that_turns_up_after_it_was_not_found_is_ours(desk: Desk) -> None:
    desk.venue.deaf = {"submit"}
    order = desk.buy()
    lost(desk, order)
    desk.passes(60)
    assert status(order) is _S.NOT_FOUND
    desk.venue.deaf = set()
    desk.venue.submit(order.request)
    desk.passes(60)
    assert (order.status, order.leaves) == (_S.WORKING, 100)
    desk.assert_told_by_the_journal()


def test_an_order_that_was_not_found_and_fills_after_all_works_on(desk: Desk) -> None:
    desk.venue.deaf = {"submit"}
    order = desk.buy()
    lost(desk, order)
    desk.passes(60)
    desk.venue.deaf = set()
    desk.venue.loses = lambda report: isinstance(report, AcceptReport)
    desk.venue.submit(order.request)
    desk.passes(0.1)
    desk.venue.fill(order.client_id, 30)
    desk.passes(1)
    assert (order.status, order.filled, order.leaves) == (_S.PARTIALLY_FILLED, 30, 70)
    desk.assert_told_by_the_journal()


def test_a_cancel_without_an_answer_is_asked_for_and_sent_once_more(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.deaf = {"cancel"}
    desk.manager.cancel(order.client_id)
    desk.passes(10)
    assert status(order) is _S.PENDING_CANCEL
    desk.passes(2)
    assert len(desk.venue.times("cancel")) == 2
    assert status(order) is _S.PENDING_CANCEL, "never presumed cancelled"
    desk.venue.deaf = set()
    desk.passes(15)
    assert status(order) is _S.CANCELED
    desk.assert_told_by_the_journal()


def test_a_cancel_is_chased_by_one_more_at_a_time(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.deaf = {"cancel"}
    desk.manager.cancel(order.client_id)
    desk.passes(60)
    sent = desk.venue.times("cancel")
    assert all(later - earlier >= 10 for earlier, later in pairwise(sent))


def test_a_cancel_that_was_refused_is_not_chased(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda report: isinstance(report, CancelReport)
    desk.manager.cancel(order.client_id)
    desk.passes(60)
    assert status(order) is _S.CANCELED
    assert len(desk.venue.times("cancel")) == 1


def test_a_cancel_of_an_unknown_order_goes_out_and_again_when_it_is_found_open(desk: Desk) -> None:
    desk.venue.loses = lambda report: isinstance(report, AcceptReport)
    order = desk.buy()
    desk.passes(0.1)
    lost(desk, order)
    desk.venue.deaf = {"cancel"}
    assert desk.manager.cancel(order.client_id)
    assert status(order) is _S.UNKNOWN
    assert len(desk.venue.times("cancel")) == 1
    desk.passes(0.3)
    desk.venue.deaf = set()
    desk.passes(1)
    assert len(desk.venue.times("cancel")) == 2
    assert status(order) is _S.CANCELED
    desk.assert_told_by_the_journal()


def test_an_amendment_without_an_answer_ends_with_the_terms_at_the_broker(desk: Desk) -> None:
    for arrives, quantity in ((True, 150), (False, 100)):
        order = desk.buy()
        desk.passes(0.1)
        desk.venue.deaf = set() if arrives else {"amend"}
        desk.venue.loses = lambda report: type(report).__name__ == "ReplaceReport"
        desk.manager.amend(order.client_id, quantity=150)
        desk.passes(12)
        assert (order.status, order.quantity, order.leaves) == (_S.WORKING, quantity, quantity)
    desk.assert_told_by_the_journal()


def test_nothing_is_presumed_while_the_way_is_closed(desk: Desk) -> None:
    desk.venue.deaf = {"submit"}
    order = desk.buy()
    lost(desk, order)
    desk.passes(3)
    desk.venue.link(connected=False)
    asked = len(desk.venue.asked)
    desk.passes(300)
    assert len(desk.venue.asked) == asked
    assert status(order) is _S.UNKNOWN
    desk.venue.link(connected=True)
    desk.passes(60)
    assert desk.manager.orders[order.client_id].status is _S.NOT_FOUND


def test_an_order_that_the_broker_lacks_is_asked_for_and_never_presumed_dead(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    theirs = desk.venue.orders.pop(order.client_id)
    desk.venue.deaf = {"inquire"}
    desk.passes(120)
    assert status(order) is _S.WORKING
    assert desk.venue.times("inquire")
    desk.venue.orders[order.client_id] = theirs
    desk.venue.deaf = set()
    desk.passes(60)
    assert status(order) is _S.WORKING


class Asked:
    """What is asked for one order, and when by steady time."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.clock = MachineClock(self.timeline, START_NS)
        self.asked: list[float] = []
        self.numbers: list[int] = []
        self.inquiries = Inquiries(cast("Broker", self), self.clock, Movement(), 2 * NS_PER_S)
        self.inquiries.begin("mine", START_NS)

    def inquire(self, client_id: str, question: int) -> None:
        assert client_id == "mine"
        self.asked.append(self.timeline.now_ns / NS_PER_S)
        self.numbers.append(question)

    def passes_to(self, seconds: float) -> None:
        self.timeline.run_to(round(seconds * NS_PER_S))

    def counted(self) -> list[int]:
        """Let every question be answered by a miss; return how many were counted after each."""
        inquiry = self.inquiries.get("mine")
        assert inquiry is not None
        counts = []
        for number in self.numbers:
            self.inquiries.missed("mine", number)
            counts.append(inquiry.misses)
        return counts


def test_a_date_that_is_set_forward_brings_no_questions_together() -> None:
    broker = Asked()
    broker.passes_to(0.75)
    broker.clock.set_by(60 * NS_PER_S)
    broker.passes_to(10)
    assert broker.asked == [0.5, 1, 2, 4, 8]


@pytest.mark.parametrize("step_s", [-60, -1, 0, 1, 60])
@pytest.mark.parametrize("at_s", [0.25, 0.75, 1.5, 3])
def test_a_date_that_is_set_lets_no_miss_count_sooner_or_later(step_s: int, at_s: float) -> None:
    broker = Asked()
    broker.passes_to(at_s)
    broker.clock.set_by(step_s * NS_PER_S)
    broker.passes_to(10)
    assert broker.asked == [0.5, 1, 2, 4, 8]
    assert broker.counted() == [0, 0, 1, 2, 3], "asked from two seconds on"


@pytest.mark.parametrize("step_s", [-60, -1, 0, 1, 60])
@pytest.mark.parametrize(("asked_s", "counts"), [(1.5, False), (2.5, True)])
def test_a_date_that_is_set_lets_no_stock_count_sooner_or_later(
    step_s: int, asked_s: float, *, counts: bool
) -> None:
    broker = Asked()
    broker.passes_to(1)
    broker.clock.set_by(step_s * NS_PER_S)
    broker.passes_to(asked_s)
    inquiry = broker.inquiries.get("mine")
    assert inquiry is not None
    question = Question("", broker.clock.now_ns(), broker.clock.monotonic_ns(), 0)
    inquiry.lacked_by(START_NS + 1, question)
    assert not inquiry.lacking, "it does not go back far enough"
    inquiry.lacked_by(START_NS, question)
    assert inquiry.lacking is counts


def test_a_date_that_is_set_back_lets_no_old_word_undo_what_came_after_the_question(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.deaf = {"take_stock"}
    desk.manager.take_stock()
    made = StockReport(desk.venue.stock(0), desk.venue.question["take_stock"])
    desk.clock.rewind_to(desk.clock.now_ns() - 60 * NS_PER_S)
    desk.venue.replace(order.client_id, 150, 99)
    desk.passes(0.1)
    desk.venue.deliver(made)
    assert (order.quantity, order.limit) == (150, 99)
