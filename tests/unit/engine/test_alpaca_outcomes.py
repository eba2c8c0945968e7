"""What is known of a request to Alpaca when something goes wrong with it: refused, not sent, or unknown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapter_contract.reported import subject
from engine.messages.circuits import CircuitState
from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    FillReport,
    LostReport,
    NotFoundReport,
    RejectReport,
    StatusReport,
)
from engine.model.order import OrderStatus
from engine.model.trade import Side
from engine.transport import once
from tests.alpaca_bench import AlpacaBench
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.refusal import TOO_MANY
from tests.venues.alpaca.venue import AlpacaVenue

POSTS = "POST /v2/orders"


@pytest.fixture
def bench() -> Iterator[AlpacaBench]:
    with AlpacaVenue() as venue:
        bench = AlpacaBench(venue).begin()
        bench.quote(99, 101)
        yield bench
        bench.close()


def fault(
    bench: AlpacaBench, kind: str, method: str, *, times: int = 1, done: bool = False, **more: object
) -> None:
    each = RestFault(kind, method, "/v2/orders", times=times, done=done, **more)  # type: ignore[arg-type]
    bench.venue.do(lambda: bench.venue.floor.faults.rest.append(each))


def posts(bench: AlpacaBench) -> int:
    return [each for each in bench.venue.floor.requests if each.startswith("POST")].count(POSTS)


@pytest.mark.parametrize(
    ("kind", "done"),
    [*((kind, done) for kind in ("error", "drop", "garbage") for done in (True, False)), ("cut", True)],
)
def test_an_order_without_a_good_answer_is_unknown_and_never_sent_again(
    bench: AlpacaBench, kind: str, done: bool
) -> None:
    fault(bench, kind, "POST", done=done)
    client_id = bench.send(Side.BUY, 10, 95)
    assert [each.client_id for each in bench.of(LostReport)] == [client_id]
    assert bench.of(RejectReport) == []
    assert posts(bench) == 1
    bench.broker.inquire(client_id, 7)
    bench.settle()
    if done:
        assert bench.of(StatusReport)[-1].order.status is OrderStatus.WORKING
    else:
        assert bench.of(NotFoundReport)[-1].question == 7


def test_an_order_that_is_not_answered_in_time_is_unknown(
    bench: AlpacaBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "ONCE_S", 0.3)
    slow = AlpacaBench(bench.venue).begin()
    fault(bench, "hang", "POST", done=True)
    client_id = slow.send(Side.BUY, 10, 95)
    assert [each.client_id for each in slow.of(LostReport)] == [client_id]
    slow.close()


def test_a_request_leaves_in_less_time_than_its_answer_is_waited_for() -> None:
    assert once.ONCE_S < 10


def test_a_refused_order_is_rejected_in_the_venues_words(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 100_000, 95)
    assert bench.of(RejectReport)[-1].client_id == client_id
    assert "insufficient buying power" in bench.of(RejectReport)[-1].reason
    assert bench.requests.submit_circuit.state is CircuitState.CLOSED


def test_an_order_that_is_rejected_after_it_was_taken_is_rejected(bench: AlpacaBench) -> None:
    bench.venue.do(lambda: bench.venue.floor.faults.rejections.append("no such route"))
    client_id = bench.send(Side.BUY, 10, 95)
    (rejected,) = bench.of(RejectReport)
    assert (rejected.client_id, rejected.reason) == (client_id, "no such route")


def test_where_nobody_listens_an_order_was_not_sent(bench: AlpacaBench) -> None:
    bench.venue.close()
    bench.alpaca.submit(request := bench.request(Side.BUY, 10, 95))
    bench.wait_for(lambda: not bench.alpaca.underway and len(bench.of(RejectReport)) == 1)
    assert bench.of(RejectReport)[-1].client_id == request.client_id
    assert bench.of(RejectReport)[-1].reason.startswith("not sent: ")
    assert bench.of(LostReport) == []
    bench.venue.open()


def test_a_cancel_that_finds_nobody_is_still_wanted(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    bench.venue.close()
    bench.broker.cancel(client_id)
    bench.wait_for(lambda: bool(bench.of(CancelRejectReport)))
    assert bench.of(CancelRejectReport)[-1].unsent
    bench.venue.open()


@pytest.mark.parametrize("kind", ["error", "drop"])
def test_a_cancel_without_a_good_answer_is_unknown(bench: AlpacaBench, kind: str) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    fault(bench, kind, "DELETE")
    bench.broker.cancel(client_id)
    bench.settle()
    assert [each.client_id for each in bench.of(LostReport)] == [client_id]


def test_orders_that_fail_leave_the_cancels_alone(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    fault(bench, "error", "POST", times=3)
    for _ in range(3):
        bench.send(Side.BUY, 10, 95)
    assert bench.requests.submit_circuit.openings == 1
    sent = posts(bench)
    bench.broker.submit(bench.request(Side.BUY, 10, 95))
    bench.broker.cancel(client_id)
    bench.settle()
    assert "not sent: alpaca submit is not answering" in bench.of(RejectReport)[-1].reason
    assert posts(bench) == sent
    assert [each.client_id for each in bench.of(CancelReport)] == [client_id]


def test_cancels_have_a_reserve_of_the_limit(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    bench.requests.allowance.reserve = bench.requests.allowance.left
    sent = posts(bench)
    refused = bench.send(Side.BUY, 10, 95)
    assert (bench.of(RejectReport)[-1].client_id, posts(bench)) == (refused, sent)
    assert "kept for cancels" in bench.of(RejectReport)[-1].reason
    bench.broker.cancel(client_id)
    bench.settle()
    assert [each.client_id for each in bench.of(CancelReport)] == [client_id]


def test_questions_leave_some_of_the_limit_for_orders(bench: AlpacaBench) -> None:
    bench.requests.allowance.reserve = bench.requests.allowance.left - 30
    bench.broker.inquire("never-sent", 1)
    bench.settle()
    assert bench.of(NotFoundReport) == []
    assert "for orders" in bench.alpaca.questions.trouble
    bench.send(Side.BUY, 10, 95)
    assert len(bench.of(AcceptReport)) == 1


def test_what_is_left_of_the_limit_is_what_the_venue_says(bench: AlpacaBench) -> None:
    allowance = bench.requests.allowance
    before = allowance.left
    bench.send(Side.BUY, 1, 95)
    assert allowance.limit == 200
    assert before - allowance.left >= 1


def test_a_venue_that_was_asked_too_often_took_no_order_and_no_cancel(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    fault(bench, "error", "POST", error=TOO_MANY)
    fault(bench, "error", "DELETE", error=TOO_MANY)
    refused = bench.send(Side.BUY, 10, 95)
    bench.broker.cancel(client_id)
    bench.settle()
    assert bench.of(RejectReport)[-1].client_id == refused
    assert "asked too often" in bench.of(RejectReport)[-1].reason
    assert bench.of(CancelRejectReport)[-1].unsent


def test_a_cancel_refused_since_the_order_ended_tells_the_end(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    bench.venue.do(lambda: setattr(bench.venue.floor.faults, "lose_updates", 9))
    bench.broker.cancel(client_id)
    bench.wait_for(lambda: not bench.alpaca.underway)
    assert bench.of(CancelReport) == []
    bench.broker.cancel(client_id)
    bench.wait_for(lambda: not bench.alpaca.underway)
    assert [each.client_id for each in bench.of(CancelReport)] == [client_id]
    assert bench.of(CancelRejectReport) == []


def test_a_cancel_that_the_venue_takes_back_is_refused(bench: AlpacaBench) -> None:
    bench.venue.do(lambda: setattr(bench.venue.floor.faults, "refuse_cancels", True))
    client_id = bench.send(Side.BUY, 10, 95)
    bench.broker.cancel(client_id)
    bench.settle()
    assert [each.client_id for each in bench.of(CancelRejectReport)] == [client_id]


def test_an_amendment_that_the_venue_takes_back_is_refused(bench: AlpacaBench) -> None:
    bench.venue.do(lambda: setattr(bench.venue.floor.faults, "refuse_replaces", True))
    client_id = bench.send(Side.BUY, 10, 95)
    bench.broker.amend(client_id, 12, 96, None)
    bench.settle()
    assert [each.client_id for each in bench.of(CancelRejectReport)] == [client_id]
    bench.venue.do(lambda: setattr(bench.venue.floor.faults, "refuse_replaces", False))
    bench.broker.cancel(client_id)
    bench.settle()
    assert [each.client_id for each in bench.of(CancelReport)] == [client_id]


def test_a_cancel_asked_for_before_the_order_is_answered_follows_it(bench: AlpacaBench) -> None:
    fault(bench, "late", "POST", done=True, late_s=0.2)
    request = bench.request(Side.BUY, 10, 95)
    bench.broker.submit(request)
    bench.broker.cancel(request.client_id)
    bench.settle()
    assert [type(each) for each in bench.reports] == [AcceptReport, CancelReport]


def test_updates_that_come_twice_and_in_disorder_make_one_order(bench: AlpacaBench) -> None:
    def disorder() -> None:
        bench.venue.floor.faults.duplicate_updates = bench.venue.floor.faults.reorder_updates = True

    bench.venue.do(disorder)
    client_id = bench.request(Side.BUY, 10).client_id
    bench.broker.submit(bench.request(Side.BUY, 10, client_id=client_id))
    bench.broker.submit(
        bench.request(Side.BUY, 10, 95)
    )  # what it is told lets the fill of the first one come
    bench.wait_for(lambda: bool(bench.of(FillReport)))
    mine = [each for each in bench.reports if subject(each) == client_id]
    assert type(mine[0]) is AcceptReport
    assert {type(each) for each in mine[1:]} == {FillReport}
    assert len({each.fill.fill_id for each in bench.of(FillReport)}) == 1
