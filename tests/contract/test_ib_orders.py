"""What becomes of orders at a gateway, of the desk's own and of those from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from engine.adapters.ib import fees
from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    FillReport,
    Refusal,
    RejectReport,
    ReplaceReport,
    StatusReport,
)
from engine.model.order import OrderStatus, OrderType, TimeInForce
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


def test_a_refusal_is_told_in_the_venues_own_words(bench: IbBench, gateway: IbVenue) -> None:
    faults_of(gateway, refuse_orders="YOUR ORDER IS NOT ACCEPTED. MINIMUM OF 2000 USD")
    client_id = bench.send(Side.BUY, 10, 95)
    assert bench.of(RejectReport)[-1].reason == "YOUR ORDER IS NOT ACCEPTED. MINIMUM OF 2000 USD (201)"
    assert bench.of(RejectReport)[-1].client_id == client_id


def test_an_order_that_works_after_what_was_taken_for_a_refusal_is_told_as_working(
    bench: IbBench, gateway: IbVenue
) -> None:
    faults_of(gateway, warn_of_orders=10_999)
    client_id = bench.send(Side.BUY, 10, 95)
    assert [type(each) for each in bench.reports] == [RejectReport, AcceptReport]
    assert bench.of(AcceptReport)[-1].again
    bench.broker.cancel(client_id)
    bench.settle()
    assert bench.of(CancelReport)[-1].client_id == client_id


def test_an_ended_order_is_as_large_as_it_was(bench: IbBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    bench.broker.cancel(client_id)
    bench.settle()
    answer = asked(bench, client_id)
    assert isinstance(answer, StatusReport)
    assert (answer.order.status, answer.order.quantity, answer.order.filled) == (OrderStatus.CANCELED, 10, 0)


def test_refused_terms_leave_the_order_as_it_is(bench: IbBench, gateway: IbVenue) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    faults_of(gateway, refuse_orders="no")
    bench.broker.amend(client_id, 12, 96, None)
    bench.settle()
    assert bench.of(CancelRejectReport)[-1].reason == "no (201)"
    answer = asked(bench, client_id)
    assert isinstance(answer, StatusReport)
    assert (answer.order.quantity, answer.order.limit) == (10, 95)


def test_a_fill_whose_fee_comes_late_is_told_without_it_and_corrected(
    bench: IbBench, gateway: IbVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fees, "FEE_S", 0.02)
    bench.quote(99, 101)
    faults_of(gateway, hold_commissions=True)
    bench.broker.submit(bench.request(Side.BUY, 10))
    fill = bench.wait_for_report(FillReport).fill
    gateway.do(gateway.floor.tell_commissions)
    corrected = bench.wait_for_report(CorrectReport).fill
    assert (fill.fee_micros, corrected.fee_micros) == (0, 350_000)
    assert corrected.fill_id == fill.fill_id


def test_a_fill_that_is_told_again_with_another_version_takes_the_place_of_the_first(
    bench: IbBench, gateway: IbVenue
) -> None:
    bench.quote(99, 101)
    client_id = bench.send(Side.BUY, 10)
    fill = bench.of(FillReport)[-1].fill
    gateway.do(lambda: gateway.floor.correct(gateway.floor.executions[-1].exec_id, "100"))
    corrected = bench.wait_for_report(CorrectReport).fill
    assert (corrected.fill_id, corrected.price) == (fill.fill_id, 100)
    answer = asked(bench, client_id)
    assert isinstance(answer, StatusReport)
    assert [each.price for each in answer.fills] == [100]


def test_a_fill_that_is_told_twice_is_one(bench: IbBench, gateway: IbVenue) -> None:
    bench.quote(99, 101)
    bench.send(Side.BUY, 10)
    gateway.do(lambda: gateway.floor.say(gateway.floor.executions[-1].fields(-1)))
    bench.settle()
    assert len(bench.of(FillReport)) == 1
    assert not bench.of(CorrectReport)


def test_an_order_from_elsewhere_is_told_by_its_number_and_left_alone(
    bench: IbBench, gateway: IbVenue
) -> None:
    order = gateway.do(lambda: gateway.floor.place_elsewhere("WHOLE", "buy", "7", "90"))
    bench.broker.take_stock(0, 1)
    bench.settle()
    (told,) = bench.stock().orders
    assert (told.client_id, told.quantity, told.limit) == (f"ib-{order.perm_id}", 7, 90)
    bench.broker.cancel(told.client_id)
    bench.settle()
    assert bench.of(CancelRejectReport)[-1].reason == "it was placed over TWS: only there it can be changed"
    assert not order.ended


def test_an_order_of_another_connection_with_the_same_number_is_another(
    bench: IbBench, gateway: IbVenue
) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    ours = gateway.do(lambda: gateway.floor.orders[-1])

    def place() -> None:
        gateway.floor._last_ids[3] = ours.order_id - 1
        other = gateway.floor.place_elsewhere("WHOLE", "sell", "7", "120", client_id=3)
        assert other.order_id == ours.order_id

    gateway.do(place)
    bench.broker.take_stock(0, 1)
    bench.settle()
    assert sorted((each.side, each.quantity) for each in bench.stock().orders) == [
        (Side.SELL, 7),
        (Side.BUY, 10),
    ]
    assert not bench.of(ReplaceReport)
    bench.broker.cancel(client_id)
    bench.settle()
    assert (ours.status, bench.of(CancelReport)[-1].client_id) == ("Cancelled", client_id)


def test_a_desk_that_comes_back_finds_its_orders_and_changes_them(gateway: IbVenue) -> None:
    before = IbBench(gateway).begin()
    client_id = before.send(Side.BUY, 10, 95, client_id="mi0abc12-1")
    before.close()
    bench = IbBench(gateway).begin()
    bench.broker.take_stock(0, 1)
    bench.settle()
    assert [each.client_id for each in bench.stock().orders] == [client_id]
    bench.broker.amend(client_id, 12, 96, None)
    bench.settle()
    replaced = bench.of(ReplaceReport)[-1]
    assert (replaced.client_id, replaced.quantity, replaced.limit) == (client_id, 12, 96)
    bench.broker.cancel(client_id)
    bench.settle()
    assert bench.of(CancelReport)[-1].client_id == client_id
    bench.close()


@pytest.mark.parametrize(
    ("account", "live", "reason"),
    [
        ("DU7", False, "the gateway has the account DU1234567, venues.ib.account is DU7"),
        ("", True, "DU1234567 is a paper account, and account.live says that it is a live one"),
    ],
)
def test_no_order_leaves_to_another_account_than_the_one_that_is_meant(
    gateway: IbVenue, account: str, live: bool, reason: str
) -> None:
    bench = IbBench(gateway, account, live=live).begin_alone()
    bench.wait_for(lambda: bool(bench.alerts))
    bench.broker.submit(bench.request(Side.BUY, 10, 95))
    bench.turn()
    assert bench.alerts == [f"{reason}: no order leaves"]
    assert "not sent" in bench.of(RejectReport)[-1].reason
    assert gateway.do(lambda: gateway.floor.placed) == 0
    bench.close()


def test_every_type_of_order_is_taken_and_does_what_it_says(bench: IbBench) -> None:
    bench.quote(99, 101)
    stop = bench.send(Side.SELL, 5, type=OrderType.STOP, stop=95)
    both = bench.send(Side.SELL, 5, 90, type=OrderType.STOP_LIMIT, stop=94)
    trail = bench.send(Side.SELL, 5, type=OrderType.TRAILING, trail=3, tif=TimeInForce.GTC)
    assert {each.client_id for each in bench.of(AcceptReport)} == {stop, both, trail}
    bench.quote(105, 107)
    assert not bench.of(FillReport)
    bench.quote(102, 104)
    assert [each.fill.client_id for each in bench.of(FillReport)] == [trail]
    bench.quote(93, 96)
    assert {each.fill.client_id for each in bench.of(FillReport)} == {stop, both, trail}


def test_an_id_that_was_used_is_refused_here(bench: IbBench, gateway: IbVenue) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    bench.send(Side.BUY, 10, 95, client_id=client_id)
    assert bench.of(RejectReport)[-1].kind is Refusal.DUPLICATE_ID
    assert gateway.do(lambda: gateway.floor.placed) == 1


def test_the_stock_tells_cash_and_what_is_held_of_contracts_that_nobody_followed(
    bench: IbBench, gateway: IbVenue
) -> None:
    def trade() -> None:
        gateway.floor.quote("ESZ6", "6000", "6000.25")
        gateway.floor.place_elsewhere("ESZ6", "buy", "2", "6000.25")

    gateway.do(trade)
    bench.broker.take_stock(0, 1)
    bench.settle()
    stock = bench.stock()
    assert stock.complete
    assert dict(stock.positions) == {"ESZ6@CME": 2}
    assert stock.cash_micros == {
        "USD": int((Decimal(100_000) - 2 * 50 * Decimal("6000.25") - Decimal("0.35")) * 10**6)
    }
