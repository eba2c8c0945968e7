"""What the paper broker answers when it is asked, and how long it remembers."""

from __future__ import annotations

import pytest

from engine.adapters.paper import register
from engine.adapters.paper.register import KEPT_NS
from engine.config import PaperSettings
from engine.messages.reports import FillReport, NotFoundReport, RejectReport, StatusReport, StockReport
from engine.messages.stock import BrokerStock
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from tests.unit.engine.paper_bench import START_NS, SYMBOL, PaperBench

S = OrderStatus


@pytest.fixture
def bench() -> PaperBench:
    bench = PaperBench()
    bench.quote(99, 101)
    return bench


def asked(bench: PaperBench, client_id: str) -> StatusReport:
    bench.broker.inquire(client_id, 1)
    bench.settle()
    return bench.last(StatusReport)


def stock(bench: PaperBench, since_ns: int = 0) -> BrokerStock:
    bench.broker.take_stock(since_ns, 1)
    bench.settle()
    return bench.last(StockReport).stock


def test_an_answer_comes_after_what_was_reported_before_it(bench: PaperBench) -> None:
    request = bench.request(Side.BUY, 10)
    bench.broker.submit(request)
    bench.broker.inquire(request.client_id, 1)
    bench.broker.take_stock(0, 1)
    bench.settle()
    assert [type(report) for report in bench.reports[-3:]] == [FillReport, StatusReport, StockReport]
    assert bench.last(StatusReport).order.status is S.FILLED


def test_an_answer_takes_the_latency_both_ways() -> None:
    bench = PaperBench(PaperSettings(latency_ms=3))
    bench.broker.inquire("nobody", 1)
    bench.settle(5_999_999)
    assert not bench.reports
    bench.settle(1)
    assert bench.last(NotFoundReport).event_ns == START_NS + 3_000_000


def test_a_rejected_order_is_remembered_as_rejected(bench: PaperBench) -> None:
    client_id = bench.send(Side.BUY, 10, type=OrderType.LIMIT)
    status = asked(bench, client_id)
    assert (status.order.status, status.order.venue_id) == (S.REJECTED, "")
    assert status.order.reason == bench.last(RejectReport).reason


def test_an_id_that_is_used_twice_leaves_the_first_order_as_it_was(bench: PaperBench) -> None:
    request = bench.request(Side.BUY, 10, 95)
    for _ in range(2):
        bench.broker.submit(request)
    bench.settle()
    assert bench.kinds(request.client_id) == ["Accept", "Reject"]
    assert asked(bench, request.client_id).order.status is S.WORKING


def test_an_order_that_is_amended_to_what_it_filled_is_filled(bench: PaperBench) -> None:
    client_id = bench.send(Side.BUY, 150, 101)
    bench.amend(client_id, 100)
    order = asked(bench, client_id).order
    assert (order.status, order.quantity, order.filled) == (S.FILLED, 100, 100)


def test_an_expired_order_says_so() -> None:
    bench = PaperBench(calendar="24/7")
    bench.quote(99, 101)
    client_id = bench.send(Side.BUY, 10, 95)
    bench.settle(KEPT_NS // 2)
    bench.settle(KEPT_NS // 2)
    status = asked(bench, client_id)
    assert (status.order.status, status.order.reason) == (S.EXPIRED, "the day ended at midnight UTC")


def test_a_symbol_that_is_not_listed_is_rejected_and_remembered(bench: PaperBench) -> None:
    client_id = bench.send(Side.BUY, 10, symbol=Symbol("NONE"))
    assert asked(bench, client_id).order.status is S.REJECTED


def test_an_ended_order_is_forgotten_after_a_day_and_the_stock_does_not_claim_otherwise(
    bench: PaperBench,
) -> None:
    old = bench.send(Side.BUY, 10)
    kept = bench.send(Side.BUY, 10, 95, tif=TimeInForce.GTC)
    ended_ns = asked(bench, old).order.updated_ns
    bench.settle(KEPT_NS)
    recent = bench.send(Side.SELL, 3)
    bench.broker.inquire(old, 1)
    bench.settle()
    assert bench.last(NotFoundReport).client_id == old
    told = stock(bench)
    assert told.since_ns == ended_ns + 1
    assert {order.client_id for order in told.orders} == {kept, recent}
    assert {fill.client_id for fill in told.fills} == {recent}
    assert told.positions == {SYMBOL: 7}


def test_the_fills_of_an_open_order_are_never_forgotten(bench: PaperBench) -> None:
    client_id = bench.send(Side.BUY, 150, 101, tif=TimeInForce.GTC)
    bench.settle(2 * KEPT_NS)
    bench.send(Side.SELL, 1)
    assert asked(bench, client_id).fills == tuple(bench.fills(client_id))


def test_no_more_ended_orders_are_kept_than_there_is_room_for(
    bench: PaperBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "KEPT_MAX", 3)
    ids = [bench.send(Side.BUY, 1) for _ in range(5)]
    told = stock(bench)
    assert [order.client_id for order in told.orders] == ids[2:]
    assert told.since_ns == bench.fills(ids[1])[0].event_ns + 1
    assert told.positions == {SYMBOL: 5}


def test_questions_that_are_underway_when_the_replay_jumps_are_answered(bench: PaperBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    bench.broker.inquire(client_id, 1)
    bench.broker.take_stock(0, 1)
    bench.paper.reset("the replay jumped")
    assert bench.last(StatusReport).order.status is S.CANCELED
    assert [order.status for order in bench.last(StockReport).stock.orders] == [S.CANCELED]
