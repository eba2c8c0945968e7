"""What every broker must do, whatever venue is behind it.

A test module for a broker subclasses `BrokerContract` and gives it a `venue` fixture, which returns a
`BrokerVenue`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine.adapter_contract.reported import subject, told
from engine.adapter_contract.served import BrokerVenue as Venue
from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    FillReport,
    NotFoundReport,
    Refusal,
    RejectReport,
    ReplaceReport,
    Report,
    StatusReport,
    StockReport,
)
from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.fill import Fill
from engine.model.order import OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side

R = TypeVar("R")


class BrokerContract:
    """The promises of `engine.ports.broker.Broker`."""

    def test_it_has_a_name(self, venue: Venue) -> None:
        assert venue.broker.name
        assert venue.broker.name == venue.broker.name.lower()

    def test_no_answer_comes_before_a_call_returns(self, venue: Venue) -> None:
        venue.quote(99, 101)
        request = venue.request(Side.BUY, 10)
        for call in (*self._calls(venue, request), *self._questions(venue, request)):
            before = len(venue.reports)
            call()
            assert len(venue.reports) == before

    def test_no_call_raises_whatever_it_is_given(self, venue: Venue) -> None:
        for call in self._calls(venue, venue.request(Side.BUY, -5, client_id="never-sent")):
            call()
        for call in self._questions(venue, venue.request(Side.BUY, 1, client_id="")):
            call()
        venue.settle()
        assert "never-sent" in {subject(report) for report in venue.reports}

    def test_an_order_that_rests_is_accepted_once_with_the_venues_id(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10, 95)
        assert self._kinds(venue, client_id) == [AcceptReport]
        assert self._last(venue, AcceptReport, client_id).venue_id

    def test_an_order_is_accepted_before_it_fills(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10)
        kinds = self._kinds(venue, client_id)
        assert kinds[0] is AcceptReport
        assert set(kinds[1:]) == {FillReport}

    def test_a_fill_says_everything_about_itself(self, venue: Venue) -> None:
        venue.quote(99, 101)
        venue.broker.submit(request := venue.request(Side.BUY, 10))
        venue.settle()
        fill = self._last(venue, FillReport, request.client_id).fill
        assert (fill.client_id, fill.symbol, fill.side) == (request.client_id, request.symbol, Side.BUY)
        assert (fill.price, fill.quantity) == (101, 10)
        assert fill.account == request.account
        assert fill.fee_currency
        assert 0 < fill.event_ns <= fill.receive_ns

    def test_every_fill_has_an_id_of_its_own(self, venue: Venue) -> None:
        for _ in range(3):
            self._send(venue, Side.BUY, 1)
        ids = [report.fill.fill_id for report in venue.reports if isinstance(report, FillReport)]
        assert len(ids) == len(set(ids)) >= 3

    def test_a_market_order_never_trades_more_than_is_asked(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.SELL, 30)
        assert self._filled(venue, client_id) == 30

    def test_a_resting_order_fills_when_the_market_comes_to_it_at_its_own_price(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10, 98)
        assert self._filled(venue, client_id) == 0
        venue.quote(97, 98)
        venue.settle()
        assert self._filled(venue, client_id) == 10
        assert self._last(venue, FillReport, client_id).fill.price == 98

    def test_a_cancel_is_proven_and_the_order_trades_no_more(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10, 98)
        venue.broker.cancel(client_id)
        venue.settle()
        assert self._kinds(venue, client_id) == [AcceptReport, CancelReport]
        venue.quote(90, 91)
        venue.settle()
        assert self._filled(venue, client_id) == 0

    def test_a_cancel_of_what_is_not_there_is_refused_not_dropped(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10)
        for gone in (client_id, "never-sent"):
            venue.broker.cancel(gone)
            venue.settle()
            refused = self._last(venue, CancelRejectReport, gone)
            assert refused.reason
            assert (refused.kind is Refusal.UNKNOWN_ORDER) is (gone == "never-sent")

    def test_an_amendment_is_answered_with_the_terms_that_now_hold(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10, 95)
        venue.broker.amend(client_id, 12, 96, None)
        venue.settle()
        replaced = self._last(venue, ReplaceReport, client_id)
        assert (replaced.quantity, replaced.limit) == (12, 96)
        venue.quote(94, 96)
        venue.settle()
        assert self._filled(venue, client_id) == 12

    def test_an_amendment_of_what_is_not_there_is_refused_not_dropped(self, venue: Venue) -> None:
        venue.broker.amend("never-sent", 12, 96, None)
        venue.settle()
        assert self._last(venue, CancelRejectReport, "never-sent").reason

    def test_an_order_the_venue_cannot_take_is_rejected_with_a_reason(self, venue: Venue) -> None:
        venue.broker.submit(request := venue.request(Side.BUY, 10, type=OrderType.LIMIT))
        venue.settle()
        assert self._kinds(venue, request.client_id) == [RejectReport]
        assert self._last(venue, RejectReport, request.client_id).reason

    def test_the_same_order_id_never_makes_two_orders(self, venue: Venue) -> None:
        venue.quote(99, 101)
        request = venue.request(Side.BUY, 10)
        venue.broker.submit(request)
        venue.broker.submit(request)
        venue.settle()
        assert self._filled(venue, request.client_id) == 10
        assert self._last(venue, RejectReport, request.client_id).kind is Refusal.DUPLICATE_ID

    def test_an_immediate_order_never_rests(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 150, 101, tif=TimeInForce.IOC)
        assert self._filled(venue, client_id) == 100
        assert self._kinds(venue, client_id)[-1] is CancelReport
        assert self._last(venue, CancelReport, client_id).filled in {None, 100}

    def test_a_fill_or_kill_order_fills_whole_or_not_at_all(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 150, 101, tif=TimeInForce.FOK)
        assert self._filled(venue, client_id) == 0
        assert self._kinds(venue, client_id)[-1] is CancelReport

    def test_a_post_only_order_never_takes(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10, 101, post_only=True)
        assert self._filled(venue, client_id) == 0
        assert self._kinds(venue, client_id)[-1] in {RejectReport, CancelReport}

    def test_an_open_order_that_is_asked_for_is_told_with_its_terms(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10, 95)
        status = self._asked(venue, client_id)
        accepted = self._last(venue, AcceptReport, client_id)
        assert status.order.venue_id == accepted.venue_id
        assert (status.order.status, status.order.quantity, status.order.filled) == (
            OrderStatus.WORKING,
            10,
            0,
        )
        assert (status.order.side, status.order.limit, status.order.type) == (Side.BUY, 95, OrderType.LIMIT)
        assert status.fills == ()

    def test_a_partly_filled_order_that_is_asked_for_is_told_with_its_fills(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 150, 101)
        status = self._asked(venue, client_id)
        assert (status.order.status, status.order.filled) == (OrderStatus.PARTIALLY_FILLED, 100)
        assert told(status.fills) == told(self._fills(venue, client_id))

    def test_a_filled_order_that_is_asked_for_is_told_with_its_fills(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.SELL, 30)
        status = self._asked(venue, client_id)
        assert (status.order.status, status.order.filled) == (OrderStatus.FILLED, 30)
        assert told(status.fills) == told(self._fills(venue, client_id))

    def test_a_cancelled_order_that_is_asked_for_keeps_what_it_had_filled(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 150, 101)
        venue.broker.cancel(client_id)
        venue.settle()
        status = self._asked(venue, client_id)
        assert (status.order.status, status.order.filled) == (OrderStatus.CANCELED, 100)
        assert told(status.fills) == told(self._fills(venue, client_id))

    def test_an_amended_order_that_is_asked_for_has_its_new_terms(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10, 95)
        venue.broker.amend(client_id, 12, 96, None)
        venue.settle()
        order = self._asked(venue, client_id).order
        assert (order.quantity, order.limit) == (12, 96)

    def test_an_order_that_is_not_there_is_said_not_to_be_there(self, venue: Venue) -> None:
        venue.broker.inquire("never-sent", 1)
        venue.settle()
        assert self._kinds(venue, "never-sent") == [NotFoundReport]

    def test_every_answer_names_its_question(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10, 95)
        broker = venue.broker
        broker.inquire(client_id, 7)
        broker.inquire("never-sent", 9)
        broker.take_stock(0, 8)
        broker.inquire(client_id, 12)
        venue.settle()
        answers = [
            each for each in venue.reports if isinstance(each, StatusReport | NotFoundReport | StockReport)
        ]
        assert [(type(each), each.question) for each in answers] == [
            (StatusReport, 7),
            (NotFoundReport, 9),
            (StockReport, 8),
            (StatusReport, 12),
        ]

    def test_asking_changes_nothing(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10, 98)
        self._asked(venue, client_id)
        self._stock(venue)
        venue.quote(97, 98)
        venue.settle()
        assert self._filled(venue, client_id) == 10

    def test_the_stock_has_every_order_and_every_fill(self, venue: Venue) -> None:
        resting = self._send(venue, Side.BUY, 10, 95)
        filled = self._send(venue, Side.SELL, 30)
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

    def test_the_stock_says_of_an_order_what_an_inquiry_says(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 150, 101)
        asked = self._asked(venue, client_id)
        assert self._told(self._stock(venue), client_id) == asked.order

    def test_the_positions_of_the_stock_are_the_sum_of_the_fills(self, venue: Venue) -> None:
        for side, quantity in ((Side.BUY, 30), (Side.SELL, 50), (Side.SELL, 7)):
            self._send(venue, side, quantity)
        stock = self._stock(venue)
        fills = self._fills(venue)
        assert stock.positions == {fills[0].symbol: sum(fill.side * fill.quantity for fill in fills)}
        assert sum(stock.positions.values()) == -27

    def test_what_is_flat_is_not_a_position(self, venue: Venue) -> None:
        self._send(venue, Side.BUY, 30)
        self._send(venue, Side.SELL, 30)
        assert not any(self._stock(venue).positions.values())

    def test_a_later_stock_leaves_out_what_ended_before(self, venue: Venue) -> None:
        resting = self._send(venue, Side.BUY, 10, 95)
        self._send(venue, Side.SELL, 30)
        first = self._stock(venue)
        later = self._stock(venue, first.as_of_ns + 1)
        assert [order.client_id for order in later.orders] == [resting]
        assert later.fills == ()
        assert later.positions == first.positions
        assert first.since_ns <= first.as_of_ns < later.since_ns

    @staticmethod
    def _questions(venue: Venue, request: OrderRequest) -> list[Callable[[], None]]:
        broker = venue.broker
        return [
            lambda: broker.inquire(request.client_id, 1),
            lambda: broker.take_stock(0, 2),
            lambda: broker.take_stock(-1, 3),
            lambda: broker.take_stock(1 << 62, 4),
        ]

    @staticmethod
    def _stock(venue: Venue, since_ns: int = 0) -> BrokerStock:
        venue.broker.take_stock(since_ns, 1)
        venue.settle()
        last = venue.reports[-1]
        assert isinstance(last, StockReport)
        return last.stock

    @staticmethod
    def _told(stock: BrokerStock, client_id: str) -> BrokerOrder:
        (order,) = (each for each in stock.orders if each.client_id == client_id)
        return order

    def _asked(self, venue: Venue, client_id: str) -> StatusReport:
        venue.broker.inquire(client_id, 1)
        venue.settle()
        return self._last(venue, StatusReport, client_id)

    @staticmethod
    def _calls(venue: Venue, request: OrderRequest) -> list[Callable[[], None]]:
        broker, client_id = venue.broker, request.client_id
        return [
            lambda: broker.submit(request),
            lambda: broker.amend(client_id, 5, 90, None),
            lambda: broker.cancel(client_id),
        ]

    @staticmethod
    def _send(venue: Venue, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> str:
        venue.quote(99, 101)
        request = venue.request(side, quantity, limit, **terms)
        venue.broker.submit(request)
        venue.settle()
        return request.client_id

    @staticmethod
    def _about(venue: Venue, client_id: str) -> list[Report]:
        return [report for report in venue.reports if subject(report) == client_id]

    def _kinds(self, venue: Venue, client_id: str) -> list[type]:
        """Return the kinds of report about an order; what changes by the moment is optional and left out."""
        kinds = [type(report) for report in self._about(venue, client_id)]
        return [kind for kind in kinds if kind.__name__ not in {"QueueReport", "TrailReport"}]

    def _last(self, venue: Venue, kind: type[R], client_id: str) -> R:
        found = [report for report in self._about(venue, client_id) if isinstance(report, kind)]
        assert found, f"no {kind.__name__} about {client_id}"
        return found[-1]

    @staticmethod
    def _fills(venue: Venue, client_id: str | None = None) -> list[Fill]:
        fills = [report.fill for report in venue.reports if isinstance(report, FillReport)]
        return [fill for fill in fills if client_id in {None, fill.client_id}]

    def _filled(self, venue: Venue, client_id: str) -> int:
        return sum(fill.quantity for fill in self._fills(venue, client_id))
