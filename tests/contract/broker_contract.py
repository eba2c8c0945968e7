"""What every broker must do, whatever venue is behind it.

A test module for a broker subclasses `BrokerContract` and gives it a `venue` fixture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    FillReport,
    RejectReport,
    ReplaceReport,
    Report,
)
from engine.model.order import OrderRequest, OrderType, TimeInForce
from engine.model.trade import Side
from engine.ports.broker import Broker

R = TypeVar("R")


class Venue(Protocol):
    """A broker with a venue that a test can drive. Prices and sizes are in units."""

    broker: Broker
    reports: list[Report]
    """Everything the broker reported, oldest first."""

    def quote(self, bid: int, ask: int, bid_size: int = 100, ask_size: int = 100) -> None:
        """Make the venue show this touch and nothing else."""

    def request(self, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> OrderRequest:
        """Return a new order with an id of its own: a market order without a limit."""

    def settle(self) -> None:
        """Wait until whatever is on its way has arrived, both ways."""


class BrokerContract:
    """The promises of `engine.ports.broker.Broker`."""

    def test_it_has_a_name(self, venue: Venue) -> None:
        assert venue.broker.name
        assert venue.broker.name == venue.broker.name.lower()

    def test_no_answer_comes_before_a_call_returns(self, venue: Venue) -> None:
        venue.quote(99, 101)
        request = venue.request(Side.BUY, 10)
        for call in self._calls(venue, request):
            before = len(venue.reports)
            call()
            assert len(venue.reports) == before

    def test_no_call_raises_whatever_it_is_given(self, venue: Venue) -> None:
        for call in self._calls(venue, venue.request(Side.BUY, -5, client_id="never-sent")):
            call()
        venue.settle()
        assert {report.client_id for report in venue.reports if not isinstance(report, FillReport)}

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
            assert self._last(venue, CancelRejectReport, gone).reason

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

    def test_an_immediate_order_never_rests(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 150, 101, tif=TimeInForce.IOC)
        assert self._filled(venue, client_id) == 100
        assert self._kinds(venue, client_id)[-1] is CancelReport

    def test_a_fill_or_kill_order_fills_whole_or_not_at_all(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 150, 101, tif=TimeInForce.FOK)
        assert self._filled(venue, client_id) == 0
        assert self._kinds(venue, client_id)[-1] is CancelReport

    def test_a_post_only_order_never_takes(self, venue: Venue) -> None:
        client_id = self._send(venue, Side.BUY, 10, 101, post_only=True)
        assert self._filled(venue, client_id) == 0
        assert self._kinds(venue, client_id)[-1] in {RejectReport, CancelReport}

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
        def subject(report: Report) -> str:
            return report.fill.client_id if isinstance(report, FillReport) else report.client_id

        return [report for report in venue.reports if subject(report) == client_id]

    def _kinds(self, venue: Venue, client_id: str) -> list[type]:
        """Return the kinds of report about an order; queue positions are optional and left out."""
        kinds = [type(report) for report in self._about(venue, client_id)]
        return [kind for kind in kinds if kind.__name__ != "QueueReport"]

    def _last(self, venue: Venue, kind: type[R], client_id: str) -> R:
        found = [report for report in self._about(venue, client_id) if isinstance(report, kind)]
        assert found, f"no {kind.__name__} about {client_id}"
        return found[-1]

    def _filled(self, venue: Venue, client_id: str) -> int:
        reports = self._about(venue, client_id)
        return sum(report.fill.quantity for report in reports if isinstance(report, FillReport))
