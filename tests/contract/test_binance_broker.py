"""Binance's adapter keeps the promises of every broker, with a venue that speaks its protocols behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapter_contract.broker_contract import BrokerContract
from engine.adapter_contract.served import BrokerVenue as Venue
from engine.messages.reports import CancelRejectReport, ReplaceReport
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.binance_broker_bench import BTC, BinanceBench
from tests.venues.binance.stock import BTC as PAIR
from tests.venues.binance.venue import BinanceVenue


class TestBinanceBroker(BrokerContract):
    """Over HTTP and the WebSocket API."""

    @pytest.fixture
    def venue(self) -> Iterator[Venue]:
        with BinanceVenue([PAIR]) as venue:
            bench = BinanceBench(venue).begin()
            yield bench
            bench.close()

    def test_an_amendment_is_answered_with_the_terms_that_now_hold(self, venue: Venue) -> None:
        """As for every broker, but an order can only be made smaller: Binance changes nothing else in place."""
        client_id = self._send(venue, Side.BUY, 10, 95)
        venue.broker.amend(client_id, 8, 95, None)
        venue.settle()
        replaced = self._last(venue, ReplaceReport, client_id)
        assert (replaced.quantity, replaced.limit) == (8, 95)
        venue.quote(94, 95)
        venue.settle()
        assert self._filled(venue, client_id) == 8

    def test_an_amended_order_that_is_asked_for_has_its_new_terms(self, venue: Venue) -> None:
        """As for every broker, but smaller."""
        client_id = self._send(venue, Side.BUY, 10, 95)
        venue.broker.amend(client_id, 8, None, None)
        venue.settle()
        order = self._asked(venue, client_id).order
        assert (order.quantity, order.limit) == (8, 95)

    @pytest.mark.parametrize(
        ("quantity", "limit", "words"),
        [(12, 95, "only make a working order smaller"), (8, 96, "can't change the price")],
    )
    def test_terms_that_binance_can_not_change_are_refused_and_the_order_is_as_it_was(
        self, venue: Venue, quantity: int, limit: int, words: str
    ) -> None:
        client_id = self._send(venue, Side.BUY, 10, 95)
        venue.broker.amend(client_id, quantity, limit, None)
        venue.settle()
        assert words in self._last(venue, CancelRejectReport, client_id).reason
        order = self._asked(venue, client_id).order
        assert (order.status, order.quantity, order.limit) == (OrderStatus.WORKING, 10, 95)

    def test_the_positions_of_the_stock_are_the_sum_of_the_fills(self, venue: Venue) -> None:
        """As for every broker, but beside what was there: an account at Binance has coins, and owes none."""
        before = self._stock(venue).positions[BTC]
        for side, quantity in ((Side.BUY, 30), (Side.SELL, 50), (Side.SELL, 7)):
            self._send(venue, side, quantity)
        fills = self._fills(venue)
        assert self._stock(venue).positions == {BTC: before - 27}
        assert sum(fill.side * fill.quantity for fill in fills) == -27

    def test_what_is_flat_is_not_a_position(self, venue: Venue) -> None:
        """As for every broker, but flat is to have no coin."""
        held = self._stock(venue).positions[BTC]
        for _ in range(held // 100):
            self._send(venue, Side.SELL, 100)
        assert not any(self._stock(venue).positions.values())
