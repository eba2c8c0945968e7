"""A stop and a target that Binance holds as one list: what is lost, late, partial, or done elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from msgspec.structs import replace

from engine.adapter_contract.pair_contract import STOP, TARGET, pair
from engine.adapters.binance.account_reading import is_ours
from engine.messages.reports import ExpireReport, LostReport, NotFoundReport, RejectReport, StatusReport
from engine.messages.stock import BrokerOrder
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.binance_broker_bench import BinanceBench
from tests.venues.binance.floor import RestFault
from tests.venues.binance.stock import BTC as PAIR
from tests.venues.binance.venue import BinanceVenue

S = OrderStatus
OCO = "/api/v3/orderList/oco"


@pytest.fixture
def bench() -> Iterator[BinanceBench]:
    with BinanceVenue([PAIR]) as venue:
        bench = BinanceBench(venue).begin()
        bench.quote(99, 101)
        yield bench
        bench.close()


def send_pair(bench: BinanceBench) -> None:
    bench.binance.submit_pair(*pair(bench))
    bench.settle()


def fault(bench: BinanceBench, *, done: bool) -> None:
    each = RestFault("error", "POST", OCO, 1, done)
    bench.venue.do(lambda: bench.venue.floor.faults.rest.append(each))


def told(bench: BinanceBench) -> dict[str, BrokerOrder]:
    bench.broker.take_stock(0, 1)
    bench.settle()
    return {each.client_id: each for each in bench.stock().orders}


@pytest.mark.parametrize("done", [True, False])
def test_a_pair_whose_answer_is_lost_is_unknown_twice_and_each_is_found_by_its_id(
    bench: BinanceBench, done: bool
) -> None:
    fault(bench, done=done)
    bench.venue.do(lambda: setattr(bench.venue.floor.faults, "lose_events", 2 if done else 0))
    send_pair(bench)
    assert {each.client_id for each in bench.of(LostReport)} == {STOP, TARGET}
    for number, client_id in enumerate((STOP, TARGET), 1):
        bench.broker.inquire(client_id, number)
        bench.settle()
    if done:
        assert {each.order.status for each in bench.of(StatusReport)} == {S.WORKING}
    else:
        assert [each.client_id for each in bench.of(NotFoundReport)] == [STOP, TARGET]
    assert list(bench.venue.floor.signed).count(f"POST {OCO}") == 1


def test_the_first_fill_of_the_target_ends_the_stop(bench: BinanceBench) -> None:
    send_pair(bench)
    bench.quote(120, 122, bid_size=4)
    assert [each.client_id for each in bench.of(ExpireReport)] == [STOP]
    orders = told(bench)
    assert (orders[STOP].status, orders[TARGET].status) == (S.EXPIRED, S.PARTIALLY_FILLED)
    bench.broker.cancel(TARGET)
    bench.settle()
    assert bench.venue.do(lambda: bench.venue.floor.exchange.purse.told("BTC"))["l"] == "0.00000000"


def test_a_desk_that_comes_after_knows_the_pair_by_our_ids(bench: BinanceBench) -> None:
    first, second = (replace(each, client_id=each.client_id.replace("e", "mdr1x")) for each in pair(bench))
    bench.binance.submit_pair(first, second)
    bench.settle()
    with closing(BinanceBench(bench.venue).begin()) as later:
        orders = told(later)
        assert {first.client_id, second.client_id} == set(orders)
        assert {each.group for each in orders.values()} == {"list-1"}


def test_a_pair_that_binance_refuses_is_refused_whole(bench: BinanceBench) -> None:
    bench.binance.submit_pair(*pair(bench, stop=130))
    bench.settle()
    assert {each.client_id for each in bench.of(RejectReport)} == {STOP, TARGET}
    assert told(bench) == {}


@pytest.mark.parametrize(
    ("name", "ours"),
    [("mdr1x-7", True), ("mdr1x-7-s1", True), ("mdr1x-7-t12", True), ("mdr1x-7-x1", False), ("web_A", False)],
)
def test_the_ids_of_exits_are_ours(name: str, ours: bool) -> None:
    assert is_ours(name) is ours


def test_a_list_from_elsewhere_is_told_with_what_it_has_in_common(bench: BinanceBench) -> None:
    terms = {
        "symbol": "BTCUSDT", "side": "SELL", "quantity": "3", "aboveType": "LIMIT_MAKER", "abovePrice": "120",
        "belowType": "STOP_LOSS", "belowStopPrice": "90",
    }  # fmt: skip
    bench.venue.do(lambda: bench.venue.floor.exchange.submit_list(terms))
    bench.settle()
    orders = told(bench)
    assert len(orders) == 2
    assert {each.group for each in orders.values()} == {"list-1"}
    assert {each.side for each in orders.values()} == {Side.SELL}
