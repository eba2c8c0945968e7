"""The way to Alpaca closes and opens, and what is told afterwards is whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    FillReport,
    LinkReport,
    LostReport,
    NotFoundReport,
    RejectReport,
    ReplaceReport,
    StatusReport,
    StockReport,
)
from engine.messages.stock import BrokerStock
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus, OrderType
from engine.model.trade import Side
from engine.ports.secrets import Credential
from tests.alpaca_bench import AAPL, AlpacaBench
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.venue import AlpacaVenue


@pytest.fixture
def venue() -> Iterator[AlpacaVenue]:
    with AlpacaVenue() as each:
        yield each


@pytest.fixture
def bench(venue: AlpacaVenue) -> Iterator[AlpacaBench]:
    bench = AlpacaBench(venue).begin()
    bench.quote(99, 101)
    yield bench
    bench.close()


def stock(bench: AlpacaBench, since_ns: int = 0) -> BrokerStock:
    bench.broker.take_stock(since_ns, 1)
    bench.settle()
    return bench.of(StockReport)[-1].stock


def place(venue: AlpacaVenue, **terms: Any) -> str:
    """Place an order as the broker's own page does; return its id there."""
    body: dict[str, Any] = {
        "symbol": "AAPL",
        "qty": "5",
        "side": "buy",
        "type": "market",
        "time_in_force": "day",
        **terms,
    }
    return venue.do(lambda: venue.floor.exchange.submit(body).id)


def change(venue: AlpacaVenue, order_id: str, **terms: str) -> str:
    return venue.do(lambda: venue.floor.exchange.replace(order_id, terms).id)


def reconnected(bench: AlpacaBench, links: int) -> None:
    bench.wait_for(lambda: bench.links()[-1:] == [True] and len(bench.links()) >= links)


# Connections


def test_a_lost_stream_closes_the_way_and_the_next_one_opens_it(bench: AlpacaBench) -> None:
    bench.venue.do(lambda: bench.venue.floor.drop("trades"))
    reconnected(bench, 2)
    assert bench.links() == [False, True]


def test_no_order_leaves_while_no_update_comes(bench: AlpacaBench) -> None:
    bench.venue.do(lambda: setattr(bench.venue.floor.faults, "refuse_streams", 503))
    bench.venue.do(lambda: bench.venue.floor.drop("trades"))
    bench.wait_for(lambda: bench.links() == [False])
    bench.broker.submit(bench.request(Side.BUY, 10, 95))
    bench.turn()
    assert bench.of(RejectReport)[-1].reason == "not sent: no connection to the broker"


def test_a_cancel_leaves_though_no_update_comes(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    bench.venue.do(lambda: setattr(bench.venue.floor.faults, "refuse_streams", 503))
    bench.venue.do(lambda: bench.venue.floor.drop("trades"))
    bench.wait_for(lambda: bench.links() == [False])
    bench.broker.cancel(client_id)
    bench.wait_for(lambda: not bench.alpaca.underway)
    assert bench.venue.do(lambda: bench.venue.floor.exchange.open) == []


def test_a_venue_that_is_not_there_at_the_start_is_said_to_be_down(venue: AlpacaVenue) -> None:
    venue.close()
    bench = AlpacaBench(venue).begin_alone()
    assert not bench.wait_for_report(LinkReport).connected
    venue.open()
    reconnected(bench, 2)
    bench.close()


@pytest.mark.parametrize("how", ["mute", "half_open"])
def test_a_stream_that_says_nothing_is_given_up(bench: AlpacaBench, how: str) -> None:
    floor = bench.venue.floor
    if how == "mute":
        bench.venue.do(lambda: floor.faults.mute.add("trades"))
    else:
        bench.venue.do(lambda: floor.half_open("trades"))
    bench.wait_for(lambda: bench.links()[:1] == [False])
    bench.venue.do(floor.faults.mute.clear)
    reconnected(bench, 2)


@pytest.mark.parametrize("junk", [b"{", b"\xff\xfe", b"[]", b'{"stream":"trade_updates","data":{"event":1}}'])
def test_what_can_not_be_read_is_counted_and_the_rest_lives(bench: AlpacaBench, junk: bytes) -> None:
    bench.venue.do(lambda: bench.venue.floor.say(junk, "trades"))
    bench.wait_for(lambda: bench.alpaca.telling.unreadable == 1)
    bench.send(Side.BUY, 10, 95)
    assert [type(each) for each in bench.reports] == [AcceptReport]


def test_a_fill_that_can_not_be_read_makes_its_order_doubtful(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    (order,) = bench.venue.do(lambda: [each.json() for each in bench.venue.floor.exchange.open])
    update = {"event": "fill", "execution_id": "e", "price": "NaN", "qty": "10", "order": order}
    frame = json.dumps({"stream": "trade_updates", "data": update}).encode()
    bench.venue.do(lambda: bench.venue.floor.say(frame, "trades"))
    assert bench.wait_for_report(LostReport).client_id == client_id


def test_a_key_that_is_not_accepted_is_not_tried_again_and_again(venue: AlpacaVenue) -> None:
    bench = AlpacaBench(venue, Credential("PKWRONG", "wrong")).begin_alone()
    bench.wait_for(lambda: bool(bench.of(LinkReport)))
    assert bench.of(LinkReport)[-1].reason == "Alpaca does not accept the key"
    assert len(bench.alerts) == 1
    connections = venue.floor.connections
    bench.loop.run_until_complete(asyncio.sleep(0.3))
    assert venue.floor.connections == connections == 1
    assert "wrong" not in f"{bench.reports}{bench.alerts}"
    bench.close()


def test_the_key_of_another_account_opens_nothing(venue: AlpacaVenue) -> None:
    bench = AlpacaBench(venue, account_number="PA3OTHER").begin_alone()
    bench.wait_for(lambda: bool(bench.alerts))
    assert not bench.alpaca.connected
    assert "PA3LOCAL0001" in bench.of(LinkReport)[-1].reason
    bench.close()


def test_a_blocked_account_is_said_to_be_so(venue: AlpacaVenue) -> None:
    venue.do(lambda: venue.floor.account.flags.__setitem__("trading_blocked", True))
    bench = AlpacaBench(venue).begin()
    assert bench.alerts == ["Alpaca has blocked trading on the account"]
    bench.close()


def test_an_account_that_can_not_be_read_is_read_again(
    venue: AlpacaVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.rest.admission.ASK_AGAIN_S", 0.05)
    fault = RestFault("garbage", "GET", "/v2/account", times=2)
    venue.do(lambda: venue.floor.faults.rest.append(fault))
    bench = AlpacaBench(venue).begin()
    bench.close()


def test_how_far_the_venues_clock_is_off_is_known(venue: AlpacaVenue) -> None:
    venue.do(lambda: setattr(venue.floor.faults, "skew_s", 10.0))
    bench = AlpacaBench(venue).begin()
    skew_ns = bench.alpaca.skew.skew_ns
    assert skew_ns is not None
    assert 9_000_000_000 < skew_ns < 11_000_000_000
    bench.quote(99, 101)
    client_id = bench.send(Side.BUY, 10, 95)
    assert [order.client_id for order in stock(bench, bench.clock.now_ns()).orders] == [client_id]
    bench.close()


# What was missed


def test_what_the_stream_lost_is_in_the_stock(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 10, 98)
    floor = bench.venue.floor
    bench.venue.do(lambda: setattr(floor.faults, "lose_updates", 1))
    bench.venue.do(lambda: floor.quote("AAPL", "97", "98"))
    told = stock_after_loss(bench)
    assert {order.client_id: order.status for order in told.orders} == {client_id: OrderStatus.FILLED}
    assert [(fill.client_id, fill.price, fill.quantity) for fill in told.fills] == [(client_id, 98, 10)]
    assert told.positions == {AAPL: 10}
    assert told.complete


def stock_after_loss(bench: AlpacaBench) -> BrokerStock:
    bench.broker.take_stock(0, 1)
    return bench.wait_for_report(StockReport).stock


def test_an_order_of_an_earlier_desk_is_cancelled_and_changed_by_its_id_alone(venue: AlpacaVenue) -> None:
    first = AlpacaBench(venue).begin()
    first.quote(99, 101)
    kept, gone = first.send(Side.BUY, 10, 95), first.send(Side.BUY, 10, 94)
    first.broker.amend(kept, 12, 96, None)
    first.settle()
    first.close()
    bench = AlpacaBench(venue).begin()
    stock(bench)
    bench.broker.cancel(gone)
    bench.broker.amend(kept, 13, 97, None)
    bench.settle()
    assert [each.client_id for each in bench.of(CancelReport)] == [gone]
    assert [(each.client_id, each.quantity, each.limit) for each in bench.of(ReplaceReport)] == [
        (kept, 13, 97)
    ]
    bench.close()


def test_an_order_of_an_earlier_desk_is_cancelled_before_any_stock(venue: AlpacaVenue) -> None:
    first = AlpacaBench(venue).begin()
    first.quote(99, 101)
    client_id = first.send(Side.BUY, 10, 95)
    first.broker.amend(client_id, 12, 96, None)
    first.settle()
    first.close()
    bench = AlpacaBench(venue).begin()
    bench.broker.cancel(client_id)
    bench.settle()
    bench.broker.inquire(client_id, 3)
    bench.settle()
    assert bench.of(StatusReport)[-1].order.status is OrderStatus.CANCELED
    assert [each.client_id for each in bench.of(CancelReport)] == [client_id]
    bench.close()


def test_an_order_of_an_earlier_desk_that_is_asked_for_has_its_newest_terms(venue: AlpacaVenue) -> None:
    first = AlpacaBench(venue).begin()
    first.quote(99, 101)
    client_id = first.send(Side.BUY, 150, 101)
    for quantity, limit in ((160, 100), (170, 99)):
        first.broker.amend(client_id, quantity, limit, None)
        first.settle()
    first.close()
    bench = AlpacaBench(venue).begin()
    bench.broker.inquire(client_id, 3)
    bench.settle()
    (status,) = bench.of(StatusReport)
    assert (status.order.quantity, status.order.filled, status.order.limit) == (170, 100, 99)
    assert [fill.quantity for fill in status.fills] == [100]
    bench.close()


def test_an_order_of_an_earlier_desk_is_changed_before_any_stock(venue: AlpacaVenue) -> None:
    first = AlpacaBench(venue).begin()
    first.quote(99, 101)
    client_id = first.send(Side.BUY, 10, 95)
    first.close()
    bench = AlpacaBench(venue).begin()
    bench.broker.amend(client_id, 12, 96, None)
    bench.settle()
    bench.broker.inquire(client_id, 3)
    bench.settle()
    assert [(each.quantity, each.limit) for each in bench.of(ReplaceReport)] == [(12, 96)]
    assert bench.of(StatusReport)[-1].order.limit == 96
    bench.close()


def test_a_stock_with_something_that_can_not_be_read_proves_nothing(bench: AlpacaBench) -> None:
    venue = bench.venue
    venue.do(lambda: venue.floor.quote("BTC/USD", "60999", "61000", "1", "1"))
    place(venue, symbol="BTC/USD", qty="0.5", time_in_force="gtc")
    fault = RestFault("garbage", "GET", "/v2/assets", times=9)
    venue.do(lambda: venue.floor.faults.rest.append(fault))
    told = stock(bench)
    assert not told.complete
    assert told.positions == {}
    assert bench.alpaca.stocktaker.readable.faults > 0


def test_a_fill_that_is_taken_back_is_told_by_its_own_id(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 10)
    fill = bench.of(FillReport)[-1].fill
    bench.venue.do(lambda: bench.venue.floor.pit.bust(fill.fill_id))
    bench.settle()
    (bust,) = bench.of(BustReport)
    assert (bust.client_id, bust.fill_id, bust.reason) == (client_id, fill.fill_id, "TRADE_BUST")
    bench.broker.inquire(client_id, 3)
    bench.settle()
    assert (bench.of(StatusReport)[-1].order.filled, bench.of(StatusReport)[-1].fills) == (0, ())


# One life, many orders


def test_a_partly_filled_order_keeps_its_fills_through_new_terms(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 150, 101)
    bench.broker.amend(client_id, 160, 102, None)
    bench.settle()
    replaced = bench.of(ReplaceReport)[-1]
    assert (replaced.quantity, replaced.limit) == (160, 102)
    bench.quote(101, 102)
    assert sum(each.fill.quantity for each in bench.of(FillReport)) == 160
    bench.broker.inquire(client_id, 3)
    bench.settle()
    status = bench.of(StatusReport)[-1]
    assert (status.order.quantity, status.order.filled, status.order.status) == (160, 160, OrderStatus.FILLED)
    assert sum(fill.quantity for fill in status.fills) == 160
    assert {fill.fill_id for fill in status.fills} == {each.fill.fill_id for each in bench.of(FillReport)}


def test_the_end_of_a_partly_filled_order_counts_what_it_filled_under_its_terms_before(
    bench: AlpacaBench,
) -> None:
    client_id = bench.send(Side.BUY, 150, 101)
    bench.broker.amend(client_id, 160, 95, None)
    bench.settle()
    bench.broker.cancel(client_id)
    bench.settle()
    (end,) = bench.of(CancelReport)
    assert end.filled == sum(each.fill.quantity for each in bench.of(FillReport)) == 100


def test_new_terms_for_less_than_is_filled_are_refused_here(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 150, 101)
    bench.broker.amend(client_id, 100, 101, None)
    bench.settle()
    assert "100 of it are filled already" in bench.of(CancelRejectReport)[-1].reason


def test_an_order_changed_at_the_brokers_own_page_stays_ours(bench: AlpacaBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    (order,) = bench.venue.do(lambda: bench.venue.floor.exchange.open)
    change(bench.venue, order.id, limit_price="94")
    bench.settle()
    assert bench.of(ReplaceReport)[-1].limit == 94
    told = stock(bench)
    assert [(each.client_id, each.limit, each.status) for each in told.orders] == [
        (client_id, 94, OrderStatus.WORKING)
    ]


def test_an_order_changed_elsewhere_while_the_desk_was_gone_stays_ours(venue: AlpacaVenue) -> None:
    first = AlpacaBench(venue).begin()
    first.quote(99, 101)
    client_id = first.send(Side.BUY, 150, 101)
    first.close()
    (order,) = venue.do(lambda: venue.floor.exchange.open)
    again = change(venue, order.id, limit_price="94", qty="50")
    change(venue, again, limit_price="93", qty="40")
    bench = AlpacaBench(venue).begin()
    told = stock(bench, bench.clock.now_ns())
    (found,) = told.orders
    assert (found.client_id, found.quantity, found.filled, found.limit) == (client_id, 140, 100, 93)
    bench.close()


def test_an_order_changed_elsewhere_before_the_desk_knew_it_is_ours_once_it_does(venue: AlpacaVenue) -> None:
    first = AlpacaBench(venue).begin()
    first.quote(99, 101)
    client_id = first.send(Side.BUY, 10, 95)
    first.close()
    bench = AlpacaBench(venue).begin()
    (order,) = venue.do(lambda: venue.floor.exchange.open)
    change(venue, order.id, limit_price="94")
    bench.settle()
    assert bench.reports == []
    (found,) = stock(bench).orders
    assert (found.client_id, found.limit) == (client_id, 94)
    bench.quote(93, 94)
    assert [(each.fill.client_id, each.fill.quantity) for each in bench.of(FillReport)] == [(client_id, 10)]
    bench.close()


# Orders from elsewhere


def test_an_order_from_elsewhere_is_in_the_stock_and_silent_before(bench: AlpacaBench) -> None:
    venue_id = place(bench.venue, type="limit", limit_price="90")
    bench.settle()
    assert bench.reports == []
    (order,) = stock(bench).orders
    assert (order.venue_id, order.quantity, order.limit) == (venue_id, 5, 90)
    bench.reports.clear()
    bench.broker.cancel(order.client_id)
    bench.settle()
    assert [each.client_id for each in bench.of(CancelReport)] == [order.client_id]


def test_what_happened_before_the_stock_to_an_order_from_elsewhere_is_told_after_it(
    bench: AlpacaBench,
) -> None:
    place(bench.venue)
    bench.settle()
    told = stock(bench)
    assert [fill.quantity for fill in told.fills] == [5]
    after = bench.reports[bench.reports.index(bench.of(StockReport)[-1]) + 1 :]
    assert {each.fill.fill_id for each in after if isinstance(each, FillReport)} == {
        fill.fill_id for fill in told.fills
    }


def test_what_is_held_in_a_symbol_that_the_desk_did_not_ask_for_is_listed(bench: AlpacaBench) -> None:
    venue = bench.venue
    venue.do(lambda: venue.floor.quote("BTC/USD", "60999.12", "61000.55", "1", "1"))
    place(venue, symbol="BTC/USD", qty="0.0123", time_in_force="gtc")
    told = stock(bench)
    btc = bench.instruments[Symbol("BTC/USD")]
    assert told.complete
    assert {symbol: btc.size(units) for symbol, units in told.positions.items()} == {
        btc.symbol: Decimal("0.0123")
    }
    assert btc.price(told.fills[0].price) == Decimal("61000.55")


def test_an_id_that_is_too_long_gives_way_to_the_venues(bench: AlpacaBench) -> None:
    venue_id = place(bench.venue, type="limit", limit_price="90", client_order_id="x" * 100)
    (order,) = stock(bench).orders
    assert order.client_id == venue_id
    bench.broker.inquire(venue_id, 5)
    bench.settle()
    assert bench.of(StatusReport)[-1].order == order
    assert bench.of(NotFoundReport) == []


def test_the_legs_of_a_bracket_are_orders_of_their_own(bench: AlpacaBench) -> None:
    body = {"type": "limit", "limit_price": "90", "order_class": "bracket", "time_in_force": "gtc"}
    exits = {"take_profit": {"limit_price": "120"}, "stop_loss": {"stop_price": "80"}}
    place(bench.venue, **body, **exits)
    told = stock(bench)
    assert sorted((order.type, order.status) for order in told.orders) == [
        (OrderType.LIMIT, OrderStatus.WORKING),
        (OrderType.LIMIT, OrderStatus.WORKING),
        (OrderType.STOP, OrderStatus.WORKING),
    ]


# Pages


def test_more_fills_and_orders_than_a_page_holds_are_all_there(
    bench: AlpacaBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.alpaca.books.ORDERS_A_PAGE", 4)
    monkeypatch.setattr("engine.adapters.alpaca.books.FILLS_A_PAGE", 3)
    monkeypatch.setattr("engine.adapters.alpaca.stock.FILLS_A_PAGE", 3)
    for _ in range(7):
        bench.send(Side.BUY, 1, 101)
    resting = [bench.send(Side.BUY, 1, 90) for _ in range(9)]
    told = stock(bench)
    assert len(told.fills) == 7
    assert {order.client_id for order in told.orders if order.status is OrderStatus.WORKING} == set(resting)
    assert len(told.orders) == 16
    assert told.complete


def test_a_page_that_does_not_come_makes_no_stock(bench: AlpacaBench) -> None:
    fault = RestFault("error", "GET", "/v2/positions", times=99)
    bench.venue.do(lambda: bench.venue.floor.faults.rest.append(fault))
    bench.broker.take_stock(0, 1)
    bench.wait_for(lambda: not bench.alpaca.questions.open)
    assert bench.of(StockReport) == []
    assert bench.alpaca.questions.trouble


def test_more_orders_in_one_moment_than_a_page_holds_prove_nothing(
    bench: AlpacaBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.alpaca.books.ORDERS_A_PAGE", 2)
    for _ in range(4):
        bench.send(Side.BUY, 1, 90)

    def stand_still() -> None:
        for order in bench.venue.floor.exchange.orders.values():
            order.times["submitted"] = 1_795_532_400_000_000_000

    bench.venue.do(stand_still)
    assert not stock(bench).complete


def test_the_cash_is_the_accounts(bench: AlpacaBench) -> None:
    bench.send(Side.BUY, 10)
    assert stock(bench).cash_micros == {"USD": (100_000 - 1010) * 1_000_000}
