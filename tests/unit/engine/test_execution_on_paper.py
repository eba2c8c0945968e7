"""The order manager and the paper broker together, with latency, a journal and a market that moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.bus import Bus
from engine.execution.order_manager import OrderManager
from engine.messages.events import AlertRaised, OrderFilled, Severity
from engine.model.order import Order, OrderStatus, OrderType
from engine.model.position import Position
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders
from tests.journals import kinds_of, new_journal
from tests.unit.engine.execution_bench import ToldGate, terms_of
from tests.unit.engine.paper_bench import SYMBOL, PaperBench

S = OrderStatus


class Desk:
    """A whole order route on a market set by hand."""

    def __init__(self, folder: Path) -> None:
        self.market = PaperBench()
        self.path = folder / "journal"
        self.working = WorkingOrders()
        instrument = self.market.state.instrument
        self.position = Position(instrument)
        self.alerts: list[AlertRaised] = []
        bus = Bus()
        bus.subscribe(OrderFilled, self._keep_position)
        bus.subscribe(AlertRaised, self.alerts.append)
        self.manager = OrderManager(
            gate=ToldGate(),
            broker=self.market.broker,
            journal=new_journal(self.path),
            bus=bus,
            clock=self.market.clock,
            working=self.working,
            instruments={SYMBOL: instrument},
            positions={SYMBOL: self.position},
        )
        self.manager.exits.connect(bus)
        self.market.broker.connect(self.manager.on_report)
        self.market.quote(99, 101)

    def _keep_position(self, event: OrderFilled) -> None:
        self.position.quantity += event.fill.side * event.fill.quantity

    def send(self, side: Side, quantity: int, limit: int | None = None, **terms: object) -> Order:
        request = self.market.request(side, quantity, limit, **terms)
        self.manager.submit(request)
        self.market.settle()
        return self.manager.orders[request.client_id]

    def does(self, act: Callable[[], object]) -> None:
        act()
        self.market.settle(20_000_000)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_trailing_stop_tells_where_it_stands_and_can_be_amended_more_than_once(desk: Desk) -> None:
    desk.market.trade(100, 5, Side.BUY)
    order = desk.send(Side.SELL, 30, type=OrderType.TRAILING, trail=5)
    for quantity in (40, 50):
        desk.does(lambda quantity=quantity: desk.manager.amend(order.client_id, quantity))  # type: ignore[misc]
    assert terms_of(order) == (S.WORKING, 50, 0, 50)
    desk.market.trade(104, 5, Side.BUY)
    desk.market.settle()
    assert (order.trigger, order.stop) == (99, None)


def test_an_order_is_worked_amended_and_filled(desk: Desk) -> None:
    order = desk.send(Side.BUY, 30, 98)
    desk.does(lambda: desk.manager.amend(order.client_id, 40, 100))
    assert terms_of(order) == (S.WORKING, 40, 0, 40)
    assert order.queue_ahead == 0
    desk.market.trade(100, 25, Side.SELL)
    assert terms_of(order) == (S.PARTIALLY_FILLED, 40, 25, 15)
    desk.does(lambda: desk.manager.cancel(order.client_id))
    assert terms_of(order) == (S.CANCELED, 40, 25, 0)
    assert desk.position.quantity == 25
    assert not desk.alerts


def test_a_stop_shows_that_it_was_triggered(desk: Desk) -> None:
    desk.market.trade(101, 1)
    order = desk.send(Side.BUY, 30, type=OrderType.STOP, stop=103)
    desk.market.trade(103, 1)
    assert order.triggered
    assert order.status is S.FILLED


def test_flatten_cancels_waits_and_closes_to_exactly_flat(desk: Desk) -> None:
    desk.send(Side.BUY, 60)
    desk.send(Side.BUY, 30, 98)
    desk.send(Side.SELL, 20, 104)
    assert desk.position.quantity == 60
    desk.does(desk.manager.flatten)
    assert desk.position.quantity == 0
    assert not len(desk.working)
    assert [each.status for each in desk.manager.orders.values()] == [
        S.FILLED,
        S.CANCELED,
        S.CANCELED,
        S.FILLED,
    ]


def test_a_fill_that_races_the_flatten_is_closed_too(desk: Desk) -> None:
    desk.send(Side.BUY, 60)
    resting = desk.send(Side.BUY, 30, 98)
    desk.manager.flatten()
    desk.market.quote(97, 98, 500, 500)
    assert resting.status is S.FILLED
    desk.does(lambda: None)
    assert desk.position.quantity == 0


def test_the_journal_tells_the_whole_story_in_order(desk: Desk) -> None:
    order = desk.send(Side.BUY, 30, 98)
    desk.does(lambda: desk.manager.cancel(order.client_id))
    desk.send(Side.SELL, 10)
    assert kinds_of(desk.path) == [
        "OrderSubmitted",
        "AcceptReport",
        "CancelOrder",
        "CancelReport",
        "OrderSubmitted",
        "AcceptReport",
        "FillReport",
    ]


def test_a_jump_of_the_replay_leaves_no_order_open_and_no_contradiction(desk: Desk) -> None:
    order = desk.send(Side.BUY, 30, 98)
    desk.manager.submit(underway := desk.market.request(Side.BUY, 5))
    desk.market.paper.reset("the replay jumped")
    assert order.status is S.CANCELED
    assert desk.manager.orders[underway.client_id].status is S.REJECTED
    assert not len(desk.working)
    assert Severity.CRITICAL not in {alert.severity for alert in desk.alerts}
