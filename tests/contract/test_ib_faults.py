"""What goes wrong between the desk and a gateway: no order is lost, none is sent twice, and the rest is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    LinkReport,
    LostReport,
    NotFoundReport,
    RejectReport,
    StatusReport,
)
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.ib_bench import IbBench, asked, faults_of
from tests.ib_bench import venue as made
from tests.venues.ib.venue import IbVenue

pytest.importorskip("ib_async", reason="the extra is not installed")


@pytest.fixture
def gateway() -> Iterator[IbVenue]:
    with made() as each:
        yield each


@pytest.fixture
def bench(gateway: IbVenue) -> Iterator[IbBench]:
    each = IbBench(gateway, answer_s=0.3).begin()
    yield each
    each.close()


def test_an_order_whose_connection_ended_before_it_was_taken_is_unknown_and_then_not_found(
    bench: IbBench, gateway: IbVenue
) -> None:
    faults_of(gateway, drop_orders=1)
    bench.broker.submit(request := bench.request(Side.BUY, 10, 95))
    lost = bench.wait_for_report(LostReport)
    assert lost.to_order
    assert lost.reason == "no answer to the order: the gateway ended the connection"
    answer = asked(bench, request.client_id)
    assert isinstance(answer, NotFoundReport)
    assert answer.client_id == request.client_id
    assert gateway.do(lambda: len(gateway.floor.orders)) == 0


def test_an_order_whose_answer_was_lost_is_found_and_never_sent_again(
    bench: IbBench, gateway: IbVenue
) -> None:
    faults_of(gateway, drop_answers=1)
    bench.broker.submit(request := bench.request(Side.BUY, 10, 95))
    assert bench.wait_for_report(LostReport).client_id == request.client_id
    answer = asked(bench, request.client_id)
    assert isinstance(answer, StatusReport)
    assert (answer.order.client_id, answer.order.status) == (request.client_id, OrderStatus.WORKING)
    assert gateway.do(lambda: gateway.floor.placed) == 1
    bench.broker.cancel(request.client_id)
    bench.settle()
    assert bench.of(CancelReport)[-1].client_id == request.client_id


def test_an_order_that_is_not_answered_is_unknown(bench: IbBench, gateway: IbVenue) -> None:
    faults_of(gateway, hold_orders=1)
    bench.broker.submit(bench.request(Side.BUY, 10, 95))
    assert "no answer within" in bench.wait_for_report(LostReport).reason
    assert bench.ib.connected


def test_a_gateway_that_falls_silent_is_given_up_and_dialled_again(bench: IbBench, gateway: IbVenue) -> None:
    faults_of(gateway, mute=True)
    bench.wait_for(lambda: not bench.ib.connected)
    assert "nothing came for" in bench.of(LinkReport)[-1].reason
    faults_of(gateway, mute=False)
    bench.wait_for(lambda: bench.ib.connected)


def test_what_is_no_message_ends_in_silence_and_a_new_connection(bench: IbBench, gateway: IbVenue) -> None:
    gateway.do(lambda: gateway.floor.say_raw(b"\xff\xff\xff\xff"))
    bench.wait_for(lambda: not bench.ib.connected)
    bench.wait_for(lambda: bench.ib.connected)
    assert bench.ib.link.connects == 2


def test_a_message_that_cannot_be_read_is_counted_and_the_others_come(
    bench: IbBench, gateway: IbVenue, capfd: pytest.CaptureFixture[str]
) -> None:
    gateway.do(lambda: gateway.floor.say([5, "x", "?"]))
    bench.wait_for(lambda: bench.ib.telling.unreadable == 1)
    bench.send(Side.BUY, 10, 95)
    assert bench.of(AcceptReport)
    assert capfd.readouterr().err == ""


def test_nothing_leaves_while_the_gateway_itself_reaches_nobody(bench: IbBench, gateway: IbVenue) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    gateway.do(lambda: gateway.floor.cut(off=True))
    bench.wait_for(lambda: not bench.ib.connected)
    assert "has been lost" in bench.of(LinkReport)[-1].reason
    bench.broker.submit(bench.request(Side.BUY, 5, 95))
    bench.broker.cancel(client_id)
    bench.turn(9)
    assert "not sent" in bench.of(RejectReport)[-1].reason
    assert bench.of(CancelRejectReport)[-1].unsent
    gateway.do(lambda: gateway.floor.cut(off=False))
    bench.wait_for(lambda: bench.ib.connected)
    assert gateway.do(lambda: gateway.floor.placed) == 1


def test_a_warning_is_no_refusal(bench: IbBench, gateway: IbVenue) -> None:
    faults_of(gateway, warn_of_orders=399)
    bench.send(Side.BUY, 10, 95)
    assert [type(each) for each in bench.reports] == [AcceptReport]


def test_a_number_that_another_program_uses_is_said(bench: IbBench, gateway: IbVenue) -> None:
    second = IbBench(gateway).begin_alone()
    second.wait_for(lambda: "already in use" in second.ib.link.trouble)
    assert bench.ib.connected
    second.close()


def test_a_cancel_that_is_not_heard_is_doubtful_and_may_be_sent_again(
    bench: IbBench, gateway: IbVenue
) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    faults_of(gateway, stuck_cancels=1)
    bench.broker.cancel(client_id)
    assert not bench.wait_for_report(LostReport).to_order
    bench.broker.cancel(client_id)
    bench.settle()
    assert bench.of(CancelReport)[-1].client_id == client_id
