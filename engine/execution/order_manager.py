"""The order manager: the one owner of orders, from the desk's wish to the venue's last word."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bus import Bus
from engine.clock import Clock
from engine.config import AccountSettings
from engine.execution.blotter import Blotter
from engine.execution.exits import Exits
from engine.execution.fills import FillBook
from engine.execution.intake import Intake
from engine.execution.reports import ReportDesk
from engine.execution.scribe import Scribe
from engine.execution.tally import Tally
from engine.ids import OrderIds
from engine.messages.reports import FillReport, QueueReport, Report
from engine.model.instrument import Instrument, Symbol
from engine.model.order import Order, OrderRequest
from engine.model.position import Position
from engine.model.working_orders import WorkingOrders
from engine.ports.broker import Broker
from engine.ports.gate import Gate
from engine.ports.journal import Journal


class OrderManager:
    """Gates, journals and sends; applies reports; keeps every order of the run.

    Everything here is synchronous and belongs to the engine's thread.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        broker: Broker,
        journal: Journal,
        bus: Bus,
        clock: Clock,
        working: WorkingOrders,
        instruments: Mapping[Symbol, Instrument],
        positions: Mapping[Symbol, Position],
        ids: OrderIds | None = None,
        account: str = AccountSettings().name,
    ) -> None:
        self.tally = Tally()
        self._blotter = Blotter(bus, clock, working)
        self._scribe = Scribe(journal, self._blotter)
        self._intake = Intake(
            gate=gate,
            broker=broker,
            scribe=self._scribe,
            blotter=self._blotter,
            bus=bus,
            clock=clock,
            instruments=instruments,
        )
        fills = FillBook(self._blotter, bus, self.tally, instruments)
        self._reports = ReportDesk(self._blotter, fills, self.tally)
        self._exits = Exits(
            intake=self._intake,
            blotter=self._blotter,
            working=working,
            positions=positions,
            clock=clock,
            ids=ids or OrderIds(clock.now_ns()),
            account=account,
        )
        self.orders: Mapping[str, Order] = self._blotter.orders
        """Every order of the run by its client id, denied ones too."""

    @property
    def journal_failures(self) -> int:
        """How many records could not be written."""
        return self._scribe.failures

    @property
    def flattening(self) -> tuple[Symbol, ...]:
        """The symbols whose flatten waits for proof that their orders are gone."""
        return tuple(self._exits.waiting)

    def submit(self, request: OrderRequest) -> bool:
        """Send an order if the gate lets it pass and the journal has it; return whether it went."""
        return self._intake.submit(request)

    def cancel(self, client_id: str, origin: str = "desk") -> bool:
        """Ask the venue to take an order back; return whether the request went out."""
        return self._intake.cancel(client_id, origin)

    def amend(
        self,
        client_id: str,
        quantity: int | None = None,
        limit: int | None = None,
        stop: int | None = None,
        origin: str = "desk",
    ) -> bool:
        """Ask the venue to change an order, in units; None leaves a value. Return whether it went out."""
        return self._intake.amend(client_id, quantity, limit, stop, origin)

    def cancel_all(self, symbol: Symbol | None = None, origin: str = "desk") -> int:
        """Ask to take back every open order, or those of one symbol; return how many requests went out."""
        return self._exits.cancel_all(symbol, origin)

    def flatten(self, symbol: Symbol | None = None, origin: str = "desk") -> None:
        """Cancel, wait for the proof, then close by reduce-only market orders: one symbol, or everything."""
        self._exits.flatten(symbol, origin)

    def on_report(self, report: Report) -> None:
        """Journal what the venue claims, then believe it or say why not."""
        if not isinstance(report, QueueReport):
            self._scribe.note(report)
        self._reports.apply(report)
        if self._exits.waiting:
            self._go_on_flattening(report)

    def _go_on_flattening(self, report: Report) -> None:
        client_id = report.fill.client_id if isinstance(report, FillReport) else report.client_id
        order = self.orders.get(client_id)
        if order is not None and not isinstance(report, QueueReport):
            self._exits.on_order(order)

    def take_changed(self) -> tuple[Order, ...]:
        """Return the orders that changed since the last call, each once, in order of last change."""
        return self._blotter.take_changed()
