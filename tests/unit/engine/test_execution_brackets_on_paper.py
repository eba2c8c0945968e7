"""A bracket on the paper broker: the market fills the entry, moves, and takes one of its legs."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bus import Bus
from engine.execution.order_manager import OrderManager
from engine.execution.protection import Cover
from engine.messages.events import AlertRaised
from engine.model.account import CurrencyRates
from engine.model.order import ExitPlan, Order, OrderStatus
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders
from engine.portfolio.ledger import Ledger
from engine.replica import connect_ledger
from tests.journals import new_journal
from tests.unit.engine.execution_bench import ToldGate
from tests.unit.engine.paper_bench import SYMBOL, PaperBench

S = OrderStatus


class Desk:
    """A whole order route with brackets, on a market set by hand."""

    def __init__(self, folder: Path) -> None:
        self.market = PaperBench()
        instruments = {SYMBOL: self.market.state.instrument}
        bus = Bus()
        self.ledger = Ledger(instruments, CurrencyRates("USD"))
        self.alerts: list[AlertRaised] = []
        self.manager = OrderManager(
            gate=ToldGate(),
            broker=self.market.broker,
            journal=new_journal(folder / "journal"),
            bus=bus,
            clock=self.market.clock,
            working=WorkingOrders(),
            instruments=instruments,
            positions=self.ledger.positions,
        )
        connect_ledger(bus, self.ledger)
        bus.subscribe(AlertRaised, self.alerts.append)
        self.manager.brackets.connect(bus)
        self.manager.exits.connect(bus)
        self.manager.brackets.check()
        self.market.broker.connect(self.manager.on_report)
        self.market.quote(99, 101)

    def enter(self, plan: ExitPlan) -> Order:
        request = self.market.request(Side.BUY, 50, plan=plan)
        self.manager.submit(request)
        self.market.settle(50_000_000)
        return self.manager.orders[request.client_id]

    def ends(self, entry: Order) -> list[tuple[str, S]]:
        self.market.settle(50_000_000)
        legs = [order for order in self.manager.orders.values() if order.request.parent == entry.client_id]
        return [(order.request.leg.value, order.status) for order in legs]

    @property
    def held(self) -> int:
        return self.ledger.positions[SYMBOL].quantity


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_target_is_reached_and_the_stop_goes(desk: Desk) -> None:
    entry = desk.enter(ExitPlan(stop=95, target=105))
    assert desk.manager.protection.of(SYMBOL).state is Cover.VENUE
    desk.market.quote(106, 107)
    assert desk.ends(entry) == [("stop", S.CANCELED), ("target", S.FILLED)]
    assert (desk.held, desk.alerts) == (0, [])
    assert desk.manager.protection.of(SYMBOL).state is Cover.FLAT


def test_the_stop_is_reached_and_the_target_goes(desk: Desk) -> None:
    entry = desk.enter(ExitPlan(stop=95, target=105))
    desk.market.trade(95, 1)
    desk.market.quote(94, 95)
    assert desk.ends(entry) == [("stop", S.FILLED), ("target", S.CANCELED)]
    assert desk.held == 0


def test_a_trailing_stop_follows_and_closes(desk: Desk) -> None:
    entry = desk.enter(ExitPlan(trail=3))
    desk.market.trade(110, 1)
    desk.market.trade(107, 1)
    assert desk.ends(entry) == [("stop", S.FILLED)]
    assert desk.held == 0


def test_a_position_closed_by_hand_leaves_no_leg(desk: Desk) -> None:
    entry = desk.enter(ExitPlan(stop=95, target=105))
    desk.manager.flatten(SYMBOL)
    assert {status for _, status in desk.ends(entry)} == {S.CANCELED}
    desk.market.settle(50_000_000)
    assert desk.held == 0
    assert desk.manager.protection.orphans() == ()
