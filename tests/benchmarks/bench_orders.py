"""What an order costs on its way through us: submit, journal, send, accept, fill, events."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from engine.adapters.paper.broker import PaperBroker
from engine.adapters.paper.market import Book
from engine.bus import Bus
from engine.clock import SimulatedClock
from engine.config import PaperSettings
from engine.execution.order_manager import OrderManager
from engine.messages.events import Denial, OrderChanged, OrderFilled, OrderSubmitted
from engine.messages.reports import AcceptReport, FillReport
from engine.model.fill import Fill
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.order import Order, OrderRequest, OrderType
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders
from engine.ports.broker import ReportSink
from tests.journals import new_journal

START_NS = 1_700_000_000_000_000_000
SYMBOL = Symbol("ACME")
ORDERS = 5_000
ROUNDS = 5


class OpenGate:
    """Lets everything pass."""

    def check(self, _request: OrderRequest) -> tuple[Denial, ...]:
        return ()

    def check_amend(
        self, _order: Order, _quantity: int, _limit: int | None, _stop: int | None
    ) -> tuple[Denial, ...]:
        return ()

    def note_sent(self, request: OrderRequest) -> None:
        pass


class InstantVenue:
    """Accepts and fills on the spot, with reports made beforehand."""

    name = "instant"

    def __init__(self, requests: list[OrderRequest]) -> None:
        self._answers = {request.client_id: _answers(request) for request in requests}

    def connect(self, sink: ReportSink) -> None:
        self._sink = sink

    def submit(self, request: OrderRequest) -> None:
        accepted, filled = self._answers[request.client_id]
        self._sink(accepted)
        self._sink(filled)

    def cancel(self, client_id: str) -> None:
        raise NotImplementedError

    def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        raise NotImplementedError


class OneMarket:
    """A market of one symbol with a quote that never runs out."""

    def __init__(self, instrument: Instrument) -> None:
        state = MarketState(instrument)
        state.bid, state.ask, state.bid_size, state.ask_size = 9_999, 10_001, -1, -1
        self._states = {instrument.symbol: state}

    def state(self, symbol: Symbol) -> MarketState | None:
        return self._states.get(symbol)

    def book(self, _symbol: Symbol) -> Book | None:
        return None


def measure() -> dict[str, float]:
    """Return the microseconds an order costs, least of several rounds."""
    return {
        "order path, our share": _best(_time_order_manager),
        "order path with the paper broker": _best(_time_paper),
        "journal append": _best(_time_journal),
    }


def _best(run: Callable[[Path], float]) -> float:
    times = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            times.append(run(Path(folder)))
    return min(times)


def _time_order_manager(folder: Path) -> float:
    requests = _requests()
    venue = InstantVenue(requests)
    manager = _manager(folder, venue, SimulatedClock(START_NS))
    venue.connect(manager.on_report)
    begin = time.perf_counter()
    for request in requests:
        manager.submit(request)
    return _micros_each(begin, manager)


def _time_paper(folder: Path) -> float:
    clock = SimulatedClock(START_NS)
    broker = PaperBroker(PaperSettings(latency_ms=0), clock, OneMarket(_instrument()))
    manager = _manager(folder, broker, clock)
    broker.connect(manager.on_report)
    requests = _requests()
    begin = time.perf_counter()
    for request in requests:
        manager.submit(request)
        clock.advance_to(START_NS)
    return _micros_each(begin, manager)


def _time_journal(folder: Path) -> float:
    journal = new_journal(folder / "journal")
    records = [OrderSubmitted(request, START_NS) for request in _requests()]
    begin = time.perf_counter()
    for record in records:
        journal.append(record)
    taken = (time.perf_counter() - begin) * 1e6 / len(records)
    journal.close()
    return taken


def _micros_each(begin: float, manager: OrderManager) -> float:
    taken = (time.perf_counter() - begin) * 1e6
    assert all(not order.leaves for order in manager.orders.values())
    return taken / len(manager.orders)


def _manager(folder: Path, broker: InstantVenue | PaperBroker, clock: SimulatedClock) -> OrderManager:
    bus = Bus()
    for kind in (OrderSubmitted, OrderChanged, OrderFilled):
        bus.subscribe(kind, lambda _event: None)
    return OrderManager(
        gate=OpenGate(),
        broker=broker,
        journal=new_journal(folder / "journal"),
        bus=bus,
        clock=clock,
        working=WorkingOrders(),
        instruments={SYMBOL: _instrument()},
        positions={},
    )


def _instrument() -> Instrument:
    return Instrument(
        symbol=SYMBOL,
        venue="TEST",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal(1),
        lot=Decimal(1),
    )


def _requests() -> list[OrderRequest]:
    return [
        OrderRequest(
            client_id=f"bench-{number}",
            number=number,
            account="PAPER-1",
            symbol=SYMBOL,
            side=Side.BUY if number % 2 else Side.SELL,
            quantity=100,
            type=OrderType.MARKET,
            created_ns=START_NS,
            correlation=f"bench-{number}",
        )
        for number in range(ORDERS)
    ]


def _answers(request: OrderRequest) -> tuple[AcceptReport, FillReport]:
    fill = Fill(
        fill_id=f"F-{request.number}",
        client_id=request.client_id,
        account=request.account,
        symbol=request.symbol,
        side=request.side,
        price=10_000,
        quantity=request.quantity,
        fee_micros=500_000,
        fee_currency="USD",
        event_ns=START_NS,
        receive_ns=START_NS,
    )
    return AcceptReport(request.client_id, f"V-{request.number}", START_NS), FillReport(fill)


if __name__ == "__main__":
    for name, micros in measure().items():
        print(f"{name:40} {micros:8.2f} us")
