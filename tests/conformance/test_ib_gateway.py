"""ib_async and the client of Interactive Brokers itself take the local gateway for a real one, and see what the desk does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from ib_async import IB, ExecutionFilter, LimitOrder, MarketOrder, Stock, StopOrder
from ibapi.execution import ExecutionFilter as OfficialFilter

from engine.messages.reports import AcceptReport
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.conformance.ib_clients import official, share
from tests.ib_bench import IbBench
from tests.ib_bench import venue as gateway
from tests.venues.ib.venue import IbVenue
from tests.waiting import until


@pytest.fixture
def venue() -> Iterator[IbVenue]:
    with gateway() as each:
        each.do(lambda: each.floor.quote("AAPL", "189.98", "190.02", "500", "500"))
        yield each


def quote(venue: IbVenue, bid: str, ask: str) -> None:
    venue.do(lambda: venue.floor.quote("AAPL", bid, ask, "500", "500"))


def test_the_official_client_reads_what_a_contract_is(venue: IbVenue) -> None:
    with official(venue) as client:
        client.reqContractDetails(9, share("AAPL"))
        client.wait_for("contractDetailsEnd")
        ((_, details),) = client.of("contractDetails")
        assert (details.contract.conId, details.minTick, details.longName) == (265598, 0.01, "APPLE INC")
        assert (details.contract.primaryExchange, details.timeZoneId) == ("NASDAQ", "US/Eastern")
        assert (details.minSize, details.sizeIncrement) == (Decimal(1), Decimal(1))
        assert details.liquidHours
        client.reqContractDetails(10, share("NOPE"))
        assert client.wait_for("error", lambda about, *_: about == 10)[2] == 200


def test_the_official_client_places_fills_changes_and_cancels(venue: IbVenue) -> None:
    with official(venue) as client:
        number = client.place(share("AAPL"), "BUY", 100, "MKT", orderRef="x-1")
        client.wait_for("orderStatus", lambda order_id, status, *_: (order_id, status) == (number, "Filled"))
        _, _, execution = client.wait_for("execDetails")
        assert (execution.shares, execution.price, execution.orderRef) == (100, 190.02, "x-1")
        (fee,) = client.wait_for("commissionAndFeesReport")
        assert (fee.execId, fee.commissionAndFees, fee.currency) == (execution.execId, 0.35, "USD")

        resting = client.place(share("AAPL"), "SELL", 40, "LMT", lmtPrice=195.0, tif="GTC")
        _, _, order, state = client.wait_for("openOrder", lambda order_id, *_: order_id == resting)
        assert (order.lmtPrice, order.tif, order.clientId, state.status) == (195.0, "GTC", 5, "Submitted")
        order.lmtPrice = 194.0
        client.placeOrder(resting, share("AAPL"), order)
        client.wait_for("openOrder", lambda _id, _contract, told, _state: told.lmtPrice == 194.0)
        client.take_back(resting)
        client.wait_for(
            "orderStatus", lambda order_id, status, *_: (order_id, status) == (resting, "Cancelled")
        )
        client.take_back(resting)
        assert client.wait_for("error", lambda _about, _time, code, *_: code == 10148)[0] == resting
        client.place(share("AAPL"), "SELL", 0, "MKT")
        assert "Order size" in client.wait_for("error", lambda _about, _time, code, *_: code == 201)[3]

        client.reqCompletedOrders(False)
        client.wait_for("completedOrdersEnd")
        assert [(order.filledQuantity, state.status) for _, order, state in client.of("completedOrder")] == [
            (Decimal(100), "Filled"),
            (Decimal(0), "Cancelled"),
        ]


def test_the_official_client_reads_the_account_the_market_and_the_past(venue: IbVenue) -> None:
    with official(venue) as client:
        client.place(share("AAPL"), "BUY", 100, "MKT")
        client.wait_for("commissionAndFeesReport")
        client.reqPositions()
        client.wait_for("positionEnd")
        ((account, contract, quantity, _),) = client.of("position")
        assert (account, contract.symbol, quantity) == ("DU1234567", "AAPL", Decimal(100))
        client.reqExecutions(21, OfficialFilter())
        client.wait_for("execDetailsEnd")
        assert client.of("execDetails")[-1][0] == 21
        client.reqAccountSummary(22, "All", "$LEDGER:ALL")
        client.wait_for("accountSummaryEnd")
        cash = {told[4]: told[3] for told in client.of("accountSummary") if told[2] == "CashBalance"}
        assert Decimal(cash["USD"]) == Decimal(100_000) - 19_002 - Decimal("0.35")
        client.reqMktData(23, share("AAPL"), "233", False, False, [])
        client.wait_for("tickPrice", lambda number, kind, price, _: (number, kind, price) == (23, 1, 189.98))
        venue.do(lambda: venue.floor.trade("AAPL", "buy", "190.02", "70"))
        assert client.wait_for("tickString")[2].startswith("190.02;70;")
        client.reqHistoricalData(24, share("AAPL"), "", "3600 S", "1 min", "TRADES", 0, 2, False, [])
        client.wait_for("historicalDataEnd")
        assert len(client.of("historicalData")) == 60


def test_what_one_side_places_the_other_sees(venue: IbVenue) -> None:
    bench = IbBench(venue).begin()
    with official(venue) as client:
        bench.quote(99, 101)
        ours = bench.send(Side.BUY, 10, 95)
        client.reqAllOpenOrders()
        _, contract, order, _ = client.wait_for("openOrder")
        assert (contract.symbol, order.orderRef, order.totalQuantity, order.lmtPrice) == (
            "WHOLE",
            ours,
            10,
            95.0,
        )
        assert str(order.permId) == bench.of(AcceptReport)[-1].venue_id
        theirs = client.place(share("WHOLE"), "BUY", 7, "MKT", orderRef="my strategy")
        client.wait_for("orderStatus", lambda order_id, status, *_: (order_id, status) == (theirs, "Filled"))
        bench.broker.take_stock(0, 1)
        bench.settle()
        stock = bench.stock()
        other = next(each for each in stock.orders if each.client_id != ours)
        assert (other.client_id, other.status) == (f"ib-{other.venue_id}", OrderStatus.FILLED)
        assert dict(stock.positions) == {"WHOLE": 7}
        assert [each.client_id for each in stock.fills] == [other.client_id]
    bench.close()


def test_ib_async_trades_and_is_told_as_at_a_real_one(venue: IbVenue) -> None:
    async def scenario() -> None:
        ib: Any = IB()
        await ib.connectAsync("127.0.0.1", venue.port, clientId=7)
        (apple,) = await ib.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"))
        ticker = ib.reqMktData(apple)
        await until(lambda: (ticker.bid, ticker.ask) == (189.98, 190.02))
        bought = ib.placeOrder(apple, MarketOrder("BUY", 100))
        await until(lambda: bought.orderStatus.status == "Filled" and bought.fills)
        await until(lambda: bought.fills[0].commissionReport.commission == 0.35)
        await until(lambda: [each.position for each in ib.positions()] == [100.0])
        resting = ib.placeOrder(apple, LimitOrder("BUY", 10, 180.5))
        await until(lambda: resting.orderStatus.status == "Submitted")
        resting.order.lmtPrice = 181.0
        ib.placeOrder(apple, resting.order)
        await until(lambda: any(each.message == "Modified" for each in resting.log))
        ib.cancelOrder(resting.order)
        await until(lambda: resting.orderStatus.status == "Cancelled")
        stop = ib.placeOrder(apple, StopOrder("SELL", 100, 189.0))
        await until(lambda: stop.orderStatus.status == "PreSubmitted")
        await asyncio.to_thread(quote, venue, "188.90", "189.10")
        await until(lambda: stop.orderStatus.status == "Filled")
        assert len(await ib.reqExecutionsAsync(ExecutionFilter())) == 2
        assert len(await ib.reqCompletedOrdersAsync(False)) == 3
        bars = await ib.reqHistoricalDataAsync(apple, "", "3600 S", "1 min", "TRADES", False, 2)
        assert len(bars) == 60
        ib.disconnect()

    asyncio.run(scenario())
