"""Alpaca's adapter keeps the promises of every broker, with a venue that speaks its protocols behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapter_contract.broker_contract import BrokerContract
from engine.adapter_contract.reported import told
from engine.adapter_contract.served import BrokerVenue as Venue
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.alpaca_bench import AlpacaBench
from tests.venues.alpaca.venue import AlpacaVenue


class TestAlpacaBroker(BrokerContract):
    """Over HTTP and a WebSocket."""

    @pytest.fixture
    def venue(self) -> Iterator[Venue]:
        with AlpacaVenue() as venue:
            bench = AlpacaBench(venue).begin()
            yield bench
            bench.close()

    def test_the_stock_has_every_order_and_every_fill(self, venue: Venue) -> None:
        """As for every broker, but nothing is sold at the market while a bid rests: Alpaca takes that for a wash."""
        resting = self._send(venue, Side.BUY, 10, 95)
        filled = self._send(venue, Side.BUY, 30)
        venue.broker.cancel(canceled := self._send(venue, Side.SELL, 5, 120))
        venue.settle()
        partly = self._send(venue, Side.BUY, 150, 101)
        stock = self._stock(venue)
        assert {order.client_id: order.status for order in stock.orders} == {
            resting: OrderStatus.WORKING,
            partly: OrderStatus.PARTIALLY_FILLED,
            filled: OrderStatus.FILLED,
            canceled: OrderStatus.CANCELED,
        }
        assert told(stock.fills) == told(self._fills(venue))
        assert stock.complete

    def test_the_positions_of_the_stock_are_the_sum_of_the_fills(self, venue: Venue) -> None:
        """As for every broker, but no order takes a position through nothing: Alpaca sells what is held, or short."""
        for side, quantity in ((Side.BUY, 30), (Side.SELL, 30), (Side.SELL, 27)):
            self._send(venue, side, quantity)
        fills = self._fills(venue)
        assert self._stock(venue).positions == {fills[0].symbol: -27}
        assert sum(fill.side * fill.quantity for fill in fills) == -27
