"""What every broker must do that holds a stop and a target as one, whatever venue is behind it.

A test module for such a broker subclasses `PairContract` and gives it a `venue` fixture, which returns a `BrokerVenue`
whose account can buy what it then sells.
"""

from __future__ import annotations

from typing import Any

from engine.adapter_contract.reported import subject
from engine.adapter_contract.served import BrokerVenue as Venue
from engine.messages.reports import (
    AcceptReport,
    CancelReport,
    FillReport,
    RejectReport,
    Report,
    StatusReport,
    StockReport,
)
from engine.messages.stock import BrokerStock
from engine.model.order import OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from engine.ports.broker import PairBroker

S = OrderStatus
STOP, TARGET = "e-1-s1", "e-1-t1"


class PairContract:
    """The promises of `engine.ports.broker.PairBroker`."""

    def test_a_pair_is_two_orders_with_our_ids_of_which_both_are_accepted(self, venue: Venue) -> None:
        self._held(venue)
        assert _kinds(venue, STOP) == _kinds(venue, TARGET) == [AcceptReport]
        ids = {report.venue_id for report in venue.reports if isinstance(report, AcceptReport)}
        assert len(ids) == 3

    def test_no_answer_to_a_pair_comes_before_the_call_returns(self, venue: Venue) -> None:
        broker = self._bought(venue)
        before = len(venue.reports)
        broker.submit_pair(*pair(venue))
        assert len(venue.reports) == before

    def test_what_is_held_is_needed_only_once(self, venue: Venue) -> None:
        """A venue that reserves what is held has it reserved once for both, and has none left for more."""
        self._held(venue)
        assert {each.status for each in _stock(venue).orders if each.client_id in {STOP, TARGET}} == {
            S.WORKING
        }

    def test_the_target_that_fills_ends_the_stop(self, venue: Venue) -> None:
        before = _held_now(venue)
        self._held(venue)
        venue.quote(121, 123)
        venue.settle()
        assert _kinds(venue, TARGET)[-1] is FillReport
        assert _status(venue, TARGET) is S.FILLED
        assert not _status(venue, STOP).is_open
        assert _held_now(venue) == before

    def test_the_stop_that_fills_ends_the_target(self, venue: Venue) -> None:
        before = _held_now(venue)
        self._held(venue)
        venue.quote(88, 89)
        venue.settle()
        assert _status(venue, STOP) is S.FILLED
        assert not _status(venue, TARGET).is_open
        assert _held_now(venue) == before

    def test_a_stop_that_is_cancelled_takes_the_target_with_it(self, venue: Venue) -> None:
        self._cancelled(venue, STOP)

    def test_a_target_that_is_cancelled_takes_the_stop_with_it(self, venue: Venue) -> None:
        self._cancelled(venue, TARGET)

    def _cancelled(self, venue: Venue, client_id: str) -> None:
        self._held(venue)
        venue.broker.cancel(client_id)
        venue.settle()
        for name in (STOP, TARGET):
            assert _kinds(venue, name) == [AcceptReport, CancelReport]
            assert _status(venue, name) is S.CANCELED

    def test_a_cancel_of_both_ends_both_and_refuses_none(self, venue: Venue) -> None:
        self._held(venue)
        for name in (STOP, TARGET):
            venue.broker.cancel(name)
        venue.settle()
        assert {_status(venue, name) for name in (STOP, TARGET)} == {S.CANCELED}
        for name in (STOP, TARGET):
            assert _kinds(venue, name)[-1] is CancelReport

    def test_each_is_told_with_its_own_terms_when_it_is_asked_for(self, venue: Venue) -> None:
        self._held(venue)
        stop, target = _asked(venue, STOP).order, _asked(venue, TARGET).order
        assert (stop.client_id, stop.side, stop.quantity, stop.stop) == (STOP, Side.SELL, 10, 90)
        assert (target.client_id, target.type, target.limit) == (TARGET, OrderType.LIMIT, 120)
        assert stop.venue_id != target.venue_id

    def test_the_stock_says_of_each_what_an_inquiry_says(self, venue: Venue) -> None:
        self._held(venue)
        asked = [_asked(venue, name).order for name in (STOP, TARGET)]
        told = {order.client_id: order for order in _stock(venue).orders}
        assert [told[STOP], told[TARGET]] == asked

    def test_a_pair_whose_stop_the_market_has_passed_is_refused_whole(self, venue: Venue) -> None:
        broker = self._bought(venue)
        broker.submit_pair(*pair(venue, stop=105))
        venue.settle()
        assert _kinds(venue, STOP) == _kinds(venue, TARGET) == [RejectReport]

    def test_a_pair_is_never_taken_twice(self, venue: Venue) -> None:
        broker = self._held(venue)
        broker.submit_pair(*pair(venue))
        venue.settle()
        working = [each for each in _stock(venue).orders if each.status is S.WORKING]
        assert {each.client_id for each in working} == {STOP, TARGET}

    def _bought(self, venue: Venue) -> PairBroker:
        """Hold ten of it."""
        broker = venue.broker
        assert isinstance(broker, PairBroker)
        venue.quote(99, 101)
        broker_request = venue.request(Side.BUY, 10)
        assert broker.holds_as_one(broker_request.symbol)
        venue.broker.submit(broker_request)
        venue.settle()
        return broker

    def _held(self, venue: Venue) -> PairBroker:
        """Hold ten of it, with a pair."""
        broker = self._bought(venue)
        broker.submit_pair(*pair(venue))
        venue.settle()
        return broker


def pair(venue: Venue, *, stop: int = 90) -> tuple[OrderRequest, OrderRequest]:
    """Return a stop and a target for ten that are held."""
    terms: dict[str, Any] = {"tif": TimeInForce.GTC, "parent": "e-1", "group": "e-1-p1", "reduce_only": True}
    return (
        venue.request(Side.SELL, 10, client_id=STOP, type=OrderType.STOP, stop=stop, **terms),
        venue.request(Side.SELL, 10, 120, client_id=TARGET, **terms),
    )


def _kinds(venue: Venue, client_id: str) -> list[type[Report]]:
    return [
        type(each)
        for each in venue.reports
        if subject(each) == client_id and not isinstance(each, StatusReport)
    ]


def _asked(venue: Venue, client_id: str) -> StatusReport:
    venue.broker.inquire(client_id, 1)
    venue.settle()
    last = venue.reports[-1]
    assert isinstance(last, StatusReport)
    return last


def _status(venue: Venue, client_id: str) -> OrderStatus:
    return _asked(venue, client_id).order.status


def _held_now(venue: Venue) -> int:
    return sum(_stock(venue).positions.values())


def _stock(venue: Venue) -> BrokerStock:
    venue.broker.take_stock(0, 1)
    venue.settle()
    last = venue.reports[-1]
    assert isinstance(last, StockReport)
    return last.stock
