"""The order manager: the one owner of orders, from the desk's wish to the venue's last word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from engine.bus import Bus
from engine.clock import Clock
from engine.config import AccountSettings
from engine.execution import asked
from engine.execution.brackets import Brackets
from engine.execution.dispatch import Dispatch
from engine.execution.exits import Exits
from engine.execution.hands import Ties
from engine.execution.history import History
from engine.execution.intake import Intake
from engine.execution.protection import Protection
from engine.execution.reconcile import ANSWERS, Reconciler
from engine.execution.scribe import Scribe
from engine.ids import OrderIds
from engine.messages.commands import ResolveBreak
from engine.messages.events import OrderUnanswered, Severity
from engine.messages.reports import CorrectReport, FillReport, QueueReport, Report, TrailReport
from engine.model.account import CurrencyRates
from engine.model.instrument import Instrument, Symbol
from engine.model.order import Order, OrderRequest
from engine.model.position import Position
from engine.model.working_orders import WorkingOrders
from engine.ports.broker import Broker
from engine.ports.gate import Gate
from engine.ports.journal import Journal

_FILLS: Final = frozenset({FillReport, CorrectReport})
_PASSING: Final = frozenset({QueueReport, TrailReport})
"""Reports of what changes by the moment and decides nothing: no record is made of them."""


class OrderManager:
    """Gates, journals and sends; applies reports; keeps every order of the account.

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
        rates: CurrencyRates | None = None,
        account: str = AccountSettings().name,
        ties: Ties = Ties(),  # noqa: B008  # it is frozen
    ) -> None:
        self._instruments = instruments
        ids = ids or OrderIds(clock.now_ns())
        self.history = History(bus, clock, working, instruments)
        """What the records say; reading the journal back begins here."""
        self.tally = self.history.tally
        self._blotter = blotter = self.history.blotter
        self._reports = self.history.reports
        self.scribe = Scribe(journal, self.history, clock, rates or CurrencyRates("USD"))
        self.dispatch = Dispatch(
            broker=broker, journal=journal, gate=gate, scribe=self.scribe, blotter=blotter
        )
        self._intake = Intake(
            gate=gate,
            broker=broker,
            dispatch=self.dispatch,
            scribe=self.scribe,
            blotter=blotter,
            bus=bus,
            clock=clock,
            instruments=instruments,
            touch=ties.touch,
        )
        self.exits = Exits(self._intake, self.history, self.scribe, working, positions, clock, ids, account)
        """The ways out; connected once the ledger and the gate are."""
        self.brackets = Brackets(
            intake=self._intake, blotter=blotter, positions=positions, ids=ids, clock=clock
        )
        """Exits that follow entries; connected once the ledger is."""
        self.protection = Protection(working, positions, self.brackets)
        self.orders: Mapping[str, Order] = blotter.orders
        """Every order of the account by its client id, denied ones too."""
        self.reconciler = Reconciler(
            self,
            ties,
            broker=broker,
            bus=bus,
            clock=clock,
            working=working,
            positions=positions,
            ids=ids,
            account=account,
        )
        """Keeps our book and the broker's the same, once it has begun."""

    @property
    def journal_failures(self) -> int:
        """How many records could not be written."""
        return self.scribe.failures

    @property
    def flattening(self) -> tuple[Symbol, ...]:
        """The symbols whose flatten is not over."""
        return self.exits.flattening

    def submit(self, request: OrderRequest) -> bool:
        """Send an order if the gate lets it pass and the journal has it; return whether it went."""
        return self._intake.submit(request)

    def cancel(self, client_id: str, origin: str = "desk") -> bool:
        """Ask the venue to take an order back; return whether that was asked."""
        asked = self._intake.cancel(client_id, origin)
        self._tell_of_waiting(int(asked))
        return asked

    def cancel_each(self, orders: Iterable[Order], origin: str) -> int:
        """Ask to take these orders back; return of how many that was asked."""
        return sum(self._intake.cancel(order.client_id, origin) for order in orders)

    def _tell_of_waiting(self, asked: int) -> None:
        if asked and not self.reconciler.connection.is_open:
            text = f"no connection to the broker; cancels kept: {asked}, which leave first when it is back"
            self.alert(Severity.WARNING, text)

    def cancel_there(self, client_id: str, origin: str) -> None:
        """Ask the venue to take an order back that is not open here, or not known."""
        self._intake.cancel_there(client_id, origin)

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

    def cancel_all(self, symbol: Symbol | None = None, origin: str = "desk", strategy: str = "") -> int:
        """Ask to take back every open order, or one symbol's or strategy's; return of how many that was asked."""
        asked = self.exits.cancel_all(symbol, origin, strategy)
        self._tell_of_waiting(asked)
        return asked

    def flatten(self, symbol: Symbol | None = None, origin: str = "desk") -> None:
        """Cancel, wait for the proof, then close by reduce-only market orders: one symbol, or everything."""
        self.exits.flatten(symbol, origin)

    def begin(self, *, had_history: bool) -> None:
        """Compare with the broker from now on; with a history, nothing is sent before that was done once."""
        self.reconciler.begin(had_history=had_history)

    def take_stock(self) -> None:
        """Compare everything with the broker now."""
        self.reconciler.take_stock()

    def resolve_break(self, command: ResolveBreak) -> None:
        """Carry out what a person decided about a difference to the broker."""
        self.reconciler.resolve(command)

    def on_report(self, report: Report) -> None:
        """Take what the venue claims; the answer to a question is compared, all else is believed."""
        kind = type(report)
        if kind in _PASSING:
            self._reports.apply(report)
        elif kind in ANSWERS:
            self.reconciler.on_answer(report)  # type: ignore[arg-type]  # its type is one of the answers'
        else:
            self.believe(report)
            self.reconciler.heard(report)

    def believe(self, report: Report) -> None:
        """Journal a report and let it be true, or say why it can't be."""
        if type(report) in _FILLS:
            self._before_money(report)  # type: ignore[arg-type]  # its type is one of these
        self.scribe.note(report)
        self._reports.apply(report)

    def give_up_waiting(self, order: Order, reason: str) -> None:
        """Note that an order's answer does not come: its fate is unknown until the broker is asked."""
        self.scribe.note(OrderUnanswered(order.client_id, reason, self._blotter.now_ns))
        asked.unanswered(self._blotter, order, reason)

    def _before_money(self, report: FillReport | CorrectReport) -> None:
        """Write what booking a fill that is news depends on: its instrument's terms, the rates of its money."""
        if not self.history.fills.is_news(report):
            return
        fill = report.fill
        instrument = self._instruments[fill.symbol]
        self.scribe.name(instrument)
        self.scribe.rate(instrument.currency)
        if fill.fee_currency:
            self.scribe.rate(fill.fee_currency)

    def alert(self, severity: Severity, text: str) -> None:
        """Raise an alert about orders for the person at the desk."""
        self._blotter.alert(severity, text)

    def take_changed(self) -> tuple[Order, ...]:
        """Return the orders that changed since the last call, each once, in order of last change."""
        return self._blotter.take_changed()
