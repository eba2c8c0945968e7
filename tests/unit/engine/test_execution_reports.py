"""The order state change matrices of FIX, and what else a venue may say."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest

from engine.frames.order_views import order_view
from engine.messages.events import OrderChanged, OrderFilled
from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    ExpireReport,
    LostReport,
    QueueReport,
    RejectReport,
    ReplaceReport,
    TrailReport,
    TriggerReport,
)
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus, OrderType, TimeInForce
from tests.unit.engine.execution_bench import ExecutionBench, terms_of

S = OrderStatus
ACCEPT = AcceptReport("t-1", "V1", 1)
CANCELED = CancelReport("t-1", "", 2)
REFUSED = CancelRejectReport("t-1", "too late", 2)
LOST = LostReport("t-1", "no answer in 10 s", 2)


@pytest.fixture
def bench(tmp_path: Path) -> ExecutionBench:
    return ExecutionBench(tmp_path)


def replaced(quantity: int, limit: int | None = 100) -> ReplaceReport:
    return ReplaceReport("t-1", quantity, limit, None, 3)


def test_an_order_is_filled_in_parts(bench: ExecutionBench) -> None:
    order = bench.working_order(quantity=10_000)
    bench.report(bench.fill(2_000, price=100, fee_micros=3), bench.fill(8_000, price=105, fee_micros=4))
    assert terms_of(order) == (S.FILLED, 10_000, 10_000, 0)
    assert order.average_price == 104
    assert order.fees_micros == 7
    assert len(order.fills) == 2
    assert not len(bench.working)


@pytest.mark.parametrize(("kind", "end"), [(CancelReport, S.CANCELED), (ExpireReport, S.EXPIRED)])
@pytest.mark.parametrize("counted", [None, 0, 40])
def test_an_end_is_one_where_the_venue_counts_no_more_fills_than_were_told(
    kind: type[CancelReport | ExpireReport], end: OrderStatus, counted: int | None, bench: ExecutionBench
) -> None:
    order = bench.working_order()
    bench.report(bench.fill(40), kind("t-1", "", 2, counted))
    assert terms_of(order) == (end, 100, 40, 0)


@pytest.mark.parametrize("kind", [CancelReport, ExpireReport])
def test_an_end_at_which_the_venue_counts_a_fill_that_was_not_told_is_doubted(
    kind: type[CancelReport | ExpireReport], bench: ExecutionBench
) -> None:
    order = bench.working_order()
    bench.report(bench.fill(40), kind("t-1", "", 2, 70), kind("t-1", "", 2, 70))
    assert terms_of(order) == (S.UNKNOWN, 100, 40, 60)
    assert bench.alerts == [
        "#1 ACME ended with 30 more filled than was told; it counts as live until they are named"
    ]
    bench.report(bench.fill(30), kind("t-1", "", 2, 70))
    assert order.status is (S.EXPIRED if kind is ExpireReport else S.CANCELED)
    assert (order.filled, order.leaves) == (70, 0)


def test_a_fill_before_the_acceptance_counts_and_the_late_acceptance_adds_only_the_venues_id(
    bench: ExecutionBench,
) -> None:
    order = bench.submit()
    bench.report(bench.fill(40))
    assert terms_of(order) == (S.PARTIALLY_FILLED, 100, 40, 60)
    bench.report(ACCEPT)
    assert terms_of(order) == (S.PARTIALLY_FILLED, 100, 40, 60)
    assert order.venue_id == "V1"


@pytest.mark.parametrize("proof", [ACCEPT, None], ids=["acceptance", "fill"])
def test_an_order_that_the_venue_has_proven_to_have_needs_no_answer(
    proof: AcceptReport | None, bench: ExecutionBench
) -> None:
    order = bench.submit()
    bench.report(proof or bench.fill(40))
    status = order.status
    bench.report(msgspec.structs.replace(LOST, to_order=True))
    assert (order.status, bench.alerts) == (status, [])
    bench.report(LOST)
    assert order.status is S.UNKNOWN


def test_an_order_of_which_nothing_is_proven_is_unknown_without_its_answer(bench: ExecutionBench) -> None:
    order = bench.submit()
    bench.manager.cancel("t-1")
    bench.report(msgspec.structs.replace(LOST, to_order=True))
    assert order.status is S.UNKNOWN


def test_the_ledger_hears_of_a_fill_before_anybody_hears_of_the_state(bench: ExecutionBench) -> None:
    bench.working_order()
    bench.report(bench.fill(100))
    kinds = [type(event) for event in bench.events if isinstance(event, OrderFilled | OrderChanged)]
    assert kinds == [OrderChanged, OrderFilled, OrderChanged]


def test_fills_while_a_cancel_is_pending_count(bench: ExecutionBench) -> None:
    order = bench.working_order(quantity=10_000)
    bench.report(bench.fill(2_000))
    bench.manager.cancel("t-1")
    bench.report(bench.fill(5_000))
    assert terms_of(order) == (S.PENDING_CANCEL, 10_000, 7_000, 3_000)
    bench.report(CANCELED)
    assert terms_of(order) == (S.CANCELED, 10_000, 7_000, 0)


def test_a_cancel_that_came_too_late_is_no_error(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.cancel("t-1")
    bench.report(bench.fill(100), REFUSED)
    assert terms_of(order) == (S.FILLED, 100, 100, 0)
    assert bench.manager.tally.anomalies == 0


def test_a_refused_cancel_puts_the_order_back_to_work_and_may_be_asked_again(bench: ExecutionBench) -> None:
    bench.working_order()
    bench.manager.cancel("t-1")
    bench.report(REFUSED)
    assert bench.status() is S.WORKING
    assert bench.alerts == ["cancel of #1 ACME was refused: too late"]
    bench.manager.cancel("t-1")
    bench.report(CANCELED)
    assert bench.status() is S.CANCELED


def test_a_cancel_nobody_asked_for_ends_the_order_and_is_told(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.report(CancelReport("t-1", "corporate \x1b[2Jaction", 2))
    assert bench.status() is S.CANCELED
    assert order.reason == "corporate [2Jaction"
    assert bench.alerts == ["#1 ACME was cancelled by the venue: corporate [2Jaction"]


def test_the_rest_of_an_immediate_order_ends_without_an_alert(bench: ExecutionBench) -> None:
    order = bench.working_order(tif=TimeInForce.IOC)
    bench.report(bench.fill(40), CANCELED)
    assert terms_of(order) == (S.CANCELED, 100, 40, 0)
    assert not bench.alerts


def test_a_fill_after_the_cancel_is_booked_and_told(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.cancel("t-1")
    bench.report(CANCELED, bench.fill(30))
    assert terms_of(order) == (S.CANCELED, 100, 30, 0)
    assert bench.position.quantity == 30
    assert bench.manager.tally.late_fills == 1
    assert bench.alerts == ["#1 ACME was filled after it was canceled"]
    bench.report(bench.fill(70))
    assert terms_of(order) == (S.FILLED, 100, 100, 0)


def test_a_replacement_changes_the_terms_and_keeps_the_fills(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.report(bench.fill(10))
    bench.manager.amend("t-1", quantity=110, limit=99)
    bench.report(bench.fill(5))
    assert bench.status() is S.PENDING_REPLACE
    bench.report(replaced(110, 99))
    assert terms_of(order) == (S.PARTIALLY_FILLED, 110, 15, 95)
    assert order.limit == 99
    assert order.amend_quantity is None


@pytest.mark.parametrize(("answer", "expected"), [("replaced", S.PARTIALLY_FILLED), ("refused", S.FILLED)])
def test_an_order_that_fills_while_an_increase_is_pending_waits_for_the_answer(
    bench: ExecutionBench, answer: str, expected: OrderStatus
) -> None:
    order = bench.working_order()
    bench.manager.amend("t-1", quantity=120)
    bench.report(bench.fill(100))
    assert terms_of(order) == (S.PENDING_REPLACE, 100, 100, 0)
    bench.report(replaced(120) if answer == "replaced" else REFUSED)
    assert bench.status() is expected
    assert order.leaves == order.quantity - order.filled


def test_a_fill_beyond_the_old_quantity_proves_the_increase(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.amend("t-1", quantity=200)
    bench.report(bench.fill(150))
    assert terms_of(order) == (S.PENDING_REPLACE, 200, 150, 50)
    bench.report(replaced(200))
    assert terms_of(order) == (S.PARTIALLY_FILLED, 200, 150, 50)
    assert bench.manager.tally.overfills == 0


def test_an_order_that_fills_while_a_price_change_is_pending_is_filled(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.amend("t-1", limit=99)
    bench.report(bench.fill(100), REFUSED)
    assert terms_of(order) == (S.FILLED, 100, 100, 0)


@pytest.mark.parametrize(("reported", "expected"), [(70, 70), (50, 70)])
def test_a_replacement_down_to_what_is_filled_or_less_ends_the_order(
    bench: ExecutionBench, reported: int, expected: int
) -> None:
    order = bench.working_order()
    bench.manager.amend("t-1", quantity=80)
    bench.report(bench.fill(70), replaced(reported))
    assert terms_of(order) == (S.FILLED, expected, 70, 0)
    assert not len(bench.working)


def test_a_refused_amendment_leaves_price_and_quantity(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.amend("t-1", quantity=50, limit=90)
    bench.report(REFUSED)
    assert terms_of(order) == (S.WORKING, 100, 0, 100)
    assert order.limit == 100
    assert bench.alerts == ["amendment of #1 ACME was refused: too late"]


def test_a_cancel_while_an_amendment_is_pending_survives_either_answer(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.amend("t-1", quantity=50)
    bench.manager.cancel("t-1")
    bench.report(REFUSED)
    assert bench.status() is S.PENDING_CANCEL
    bench.report(REFUSED)
    assert bench.status() is S.WORKING
    bench.manager.amend("t-1", quantity=50)
    bench.manager.cancel("t-1")
    bench.report(replaced(50))
    assert terms_of(order) == (S.PENDING_CANCEL, 50, 0, 50)
    bench.report(CANCELED)
    assert terms_of(order) == (S.CANCELED, 50, 0, 0)


def test_terms_that_the_venue_changed_by_itself_are_taken(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.report(replaced(60, 99))
    assert terms_of(order) == (S.WORKING, 60, 0, 60)
    assert order.limit == 99


@pytest.mark.parametrize("accepted", [False, True])
def test_a_rejection_ends_the_order_before_or_after_the_acceptance(
    bench: ExecutionBench, accepted: bool
) -> None:
    order = bench.working_order() if accepted else bench.submit()
    bench.report(RejectReport("t-1", "no permission", 2))
    assert terms_of(order) == (S.REJECTED, 100, 0, 0)
    assert order.reason == "no permission"


def test_a_rejection_of_an_order_with_fills_is_not_believed(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.report(bench.fill(10), RejectReport("t-1", "no", 2))
    assert terms_of(order) == (S.PARTIALLY_FILLED, 100, 10, 90)
    assert bench.manager.tally.anomalies == 1
    assert "was not believed" in bench.alerts[0]


@pytest.mark.parametrize("late", [ExpireReport("t-1", "", 3), RejectReport("t-1", "no", 3), replaced(50)])
def test_an_ended_order_stays_ended_and_the_contradiction_is_told(
    bench: ExecutionBench, late: ExpireReport | RejectReport | ReplaceReport
) -> None:
    order = bench.working_order()
    bench.manager.cancel("t-1")
    bench.report(CANCELED, late)
    assert terms_of(order) == (S.CANCELED, 100, 0, 0)
    assert bench.manager.tally.anomalies == 1
    assert len(bench.alerts) == 1


def test_an_order_without_an_answer_is_unknown_still_open_and_never_sent_again(bench: ExecutionBench) -> None:
    order = bench.submit()
    bench.report(LOST)
    assert bench.status() is S.UNKNOWN
    assert order.is_open
    assert list(bench.working) == [order]
    assert bench.working.leaves(order.symbol, order.side) == 100
    assert bench.venue.sent == [("submit", "t-1")]
    assert "is not sent again" in bench.alerts[0]


@pytest.mark.parametrize(
    ("proof", "status"),
    [
        (ACCEPT, S.WORKING),
        (CANCELED, S.CANCELED),
        (ExpireReport("t-1", "", 3), S.EXPIRED),
        (RejectReport("t-1", "no", 3), S.REJECTED),
        (replaced(80), S.WORKING),
    ],
)
def test_proof_from_the_venue_ends_the_doubt(
    bench: ExecutionBench, proof: AcceptReport, status: OrderStatus
) -> None:
    bench.submit()
    bench.report(LOST, proof)
    assert bench.status() is status


def test_a_fill_proves_that_a_lost_order_arrived(bench: ExecutionBench) -> None:
    order = bench.submit()
    bench.report(LOST, bench.fill(10))
    assert terms_of(order) == (S.PARTIALLY_FILLED, 100, 10, 90)


def test_a_fill_does_not_prove_what_became_of_a_lost_cancel(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.cancel("t-1")
    bench.report(LOST, bench.fill(10))
    assert terms_of(order) == (S.UNKNOWN, 100, 10, 90)
    bench.report(bench.fill(90))
    assert bench.status() is S.FILLED


def test_a_cancel_of_an_unknown_order_goes_out_and_it_stays_unknown_until_answered(
    bench: ExecutionBench,
) -> None:
    bench.submit()
    bench.report(LOST)
    assert bench.manager.cancel("t-1")
    assert bench.venue.sent[-1] == ("cancel", "t-1")
    assert bench.status() is S.UNKNOWN
    bench.report(CANCELED)
    assert bench.status() is S.CANCELED


def test_the_same_fill_twice_is_one_fill(bench: ExecutionBench) -> None:
    order = bench.working_order()
    fill = bench.fill(40)
    bench.report(fill, fill)
    assert terms_of(order) == (S.PARTIALLY_FILLED, 100, 40, 60)
    assert bench.position.quantity == 40
    assert bench.manager.tally.duplicates == 1
    assert not bench.alerts


def test_a_known_fill_id_with_other_terms_is_told_and_not_booked(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.report(bench.fill(40, fill_id="X"), bench.fill(50, fill_id="X"))
    assert order.filled == 40
    assert "came again with other terms" in bench.alerts[0]


def test_an_overfill_is_booked_and_told(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.report(bench.fill(130))
    assert terms_of(order) == (S.FILLED, 100, 130, 0)
    assert bench.position.quantity == 130
    assert "30 beyond its quantity" in bench.alerts[0]


def test_a_fill_of_an_order_that_is_not_ours_makes_the_position_true(bench: ExecutionBench) -> None:
    bench.report(bench.fill(25, "foreign-1"))
    order = bench.manager.orders["foreign-1"]
    assert terms_of(order) == (S.FILLED, 25, 25, 0)
    assert order.request.origin == "external"
    assert bench.position.quantity == 25
    assert "belongs to no order of ours" in bench.alerts[0]


def test_a_foreign_fill_of_an_unlisted_symbol_is_told(bench: ExecutionBench) -> None:
    bench.report(bench.fill(25, "foreign-1", symbol=Symbol("NOPE")))
    assert "foreign-1" not in bench.manager.orders
    assert "nothing is booked" in bench.alerts[0]


def test_any_other_report_about_a_foreign_order_is_counted_and_told(bench: ExecutionBench) -> None:
    bench.report(AcceptReport("foreign-1", "V", 1), QueueReport("foreign-1", 5))
    assert bench.manager.tally.orphans == 2
    assert bench.alerts[0] == "AcceptReport about order foreign-1, which is not ours"


def test_a_trigger_is_an_event_once(bench: ExecutionBench) -> None:
    order = bench.working_order(type=OrderType.STOP, limit=None, stop=110)
    changes = len(bench.of(OrderChanged))
    bench.report(TriggerReport("t-1", 2), TriggerReport("t-1", 2))
    assert order.triggered
    assert len(bench.of(OrderChanged)) == changes + 1


def test_the_queue_position_is_a_change_without_an_event_or_a_record(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.take_changed()
    events, journalled = len(bench.events), bench.journalled
    bench.report(QueueReport("t-1", 500), QueueReport("t-1", 500))
    assert order.queue_ahead == 500
    assert bench.manager.take_changed() == (order,)
    assert len(bench.events) == events
    assert bench.journalled == journalled


def test_where_a_trailing_stop_stands_is_a_change_without_an_event_or_a_record(bench: ExecutionBench) -> None:
    order = bench.working_order(type=OrderType.TRAILING, limit=None, trail=5)
    bench.manager.take_changed()
    events, journalled = len(bench.events), bench.journalled
    bench.report(TrailReport("t-1", 95), TrailReport("t-1", 95))
    assert (order.trigger, order.stop) == (95, None)
    assert order_view(order).stop == 95
    assert bench.manager.take_changed() == (order,)
    assert (len(bench.events), bench.journalled) == (events, journalled)


def test_every_other_report_is_journalled_before_it_is_believed(bench: ExecutionBench) -> None:
    bench.working_order()
    bench.report(bench.fill(100))
    assert bench.journalled == ["OrderSubmitted", "AcceptReport", "FillReport"]


def test_the_end_does_not_depend_on_the_order_of_arrival(tmp_path: Path) -> None:
    ends = set()
    for arrival in itertools.permutations(range(4)):
        bench = ExecutionBench(tmp_path)
        order = bench.submit()
        reports = (ACCEPT, bench.fill(20), bench.fill(30), CANCELED)
        bench.report(*(reports[index] for index in arrival))
        ends.add((*terms_of(order), order.venue_id, bench.position.quantity))
    assert ends == {(S.CANCELED, 100, 50, 0, "V1", 50)}


def test_reports_replayed_after_a_reconnect_change_nothing(bench: ExecutionBench) -> None:
    order = bench.working_order()
    fills = (bench.fill(20), bench.fill(30))
    bench.manager.cancel("t-1")
    bench.report(*fills, CANCELED)
    before = (*terms_of(order), order.turnover, bench.position.quantity, order.version)
    bench.report(ACCEPT, *fills, CANCELED)
    assert (*terms_of(order), order.turnover, bench.position.quantity, order.version) == before
    assert bench.manager.tally.duplicates == 4


def test_an_acceptance_after_doubt_about_a_filled_up_order_ends_it(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.amend("t-1", quantity=120)
    bench.report(bench.fill(100), LOST)
    assert terms_of(order) == (S.UNKNOWN, 100, 100, 0)
    bench.report(ACCEPT)
    assert terms_of(order) == (S.FILLED, 100, 100, 0)


def test_a_cancel_of_an_order_that_waits_for_an_increase_with_nothing_left_is_a_fill(
    bench: ExecutionBench,
) -> None:
    order = bench.working_order()
    bench.manager.amend("t-1", quantity=120)
    bench.report(bench.fill(100), CANCELED)
    assert terms_of(order) == (S.FILLED, 100, 100, 0)


def test_a_late_fill_beyond_the_quantity_is_an_overfill_too(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.cancel("t-1")
    bench.report(CANCELED, bench.fill(130))
    assert terms_of(order) == (S.FILLED, 100, 130, 0)
    assert bench.manager.tally.overfills == bench.manager.tally.late_fills == 1


def test_an_expired_order_is_expired(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.report(bench.fill(10), ExpireReport("t-1", "the session ended", 3))
    assert terms_of(order) == (S.EXPIRED, 100, 10, 0)
    assert order.reason == "the session ended"


def test_a_late_replacement_with_the_terms_we_know_changes_nothing(bench: ExecutionBench) -> None:
    order = bench.working_order()
    bench.manager.cancel("t-1")
    bench.report(CANCELED, replaced(100))
    assert terms_of(order) == (S.CANCELED, 100, 0, 0)
    assert bench.manager.tally.duplicates == 1
