"""What the journal says, applied to orders: the same way live, at a restart, and in every copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from engine.bus import Bus
from engine.clock import Clock
from engine.execution import asked
from engine.execution.blotter import Blotter
from engine.execution.fills import FillBook
from engine.execution.order_states import capture_order, restore_order
from engine.execution.reports import ReportDesk
from engine.execution.tally import Tally
from engine.messages.commands import AmendOrder, CancelOrder
from engine.messages.events import (
    CORPORATE_EVENTS,
    AmendAbandoned,
    BreakResolved,
    FlattenAsked,
    FlattenEnded,
    OrderAbandoned,
    OrderAdopted,
    OrderDenied,
    OrderSubmitted,
    OrderUnanswered,
    PairSubmitted,
    PositionAdjusted,
)
from engine.messages.state import DecisionState, ForgottenState, OrdersState
from engine.model.instrument import Instrument, Symbol
from engine.model.order import Order
from engine.model.working_orders import WorkingOrders

_T = TypeVar("_T")
_ORDERS, _IDS = 200, 5_000
"""How many orders and ids are captured at a time: a snapshot must not stop the engine for long."""


class History:
    """The orders and fills of an account, as its records tell them.

    Whoever applies a record that was written before sets `blotter.now_ns` to its time by `apply`; what is
    happening now is written by the scribe, which does the same.
    """

    def __init__(
        self, bus: Bus, clock: Clock, working: WorkingOrders, instruments: Mapping[Symbol, Instrument]
    ) -> None:
        self._bus = bus
        self._instruments = instruments
        self.noted: dict[str, int] = {}
        """The rate of each currency that was written last."""
        self.decisions: dict[str, DecisionState] = {}
        """What a person decided about differences to the broker, by their ids, as long as it holds."""
        self.flattens: dict[Symbol, FlattenAsked] = {}
        """The flattens that are not over."""
        self.tally = Tally()
        self.blotter = Blotter(bus, clock, working)
        self.fills = FillBook(self.blotter, bus, self.tally, instruments)
        self.reports = ReportDesk(self.blotter, self.fills, self.tally)
        self._appliers: dict[type, Callable[[Any], None]] = {
            OrderSubmitted: self._submitted,
            PairSubmitted: self._pair_submitted,
            OrderDenied: self._denied,
            OrderAbandoned: lambda event: self._with(event, asked.abandoned, event.reason),
            OrderAdopted: self.adopt,
            OrderUnanswered: lambda event: self._with(event, asked.unanswered, event.reason),
            CancelOrder: lambda command: self._with(command, asked.cancel_asked),
            AmendOrder: self._amend,
            AmendAbandoned: lambda event: self._with(event, asked.amend_abandoned),
            PositionAdjusted: bus.publish,
            **dict.fromkeys(CORPORATE_EVENTS, bus.publish),
            BreakResolved: self.resolved,
            FlattenAsked: self.flatten_asked,
            FlattenEnded: self.flatten_ended,
        }

    def apply(self, record: Struct, time_ns: int) -> None:
        """Apply a record that was written at `time_ns`; those that are not about orders change nothing."""
        self.blotter.now_ns = time_ns
        applier = self._appliers.get(type(record))
        if applier is not None:
            applier(record)
        elif type(record) in self.reports.kinds:
            self.reports.apply(record)  # type: ignore[arg-type]  # its type is one of the reports'

    def adopt(self, event: OrderAdopted) -> None:
        """Take in an order that the broker has and we never sent, or had put out of sight."""
        instrument = self._instruments.get(event.request.symbol)
        if instrument is None or event.request.client_id in self.blotter.orders:
            return
        order = Order(event.request, instrument)
        if order.client_id in self.blotter.forgotten:
            self.fills.give_back(order)
        self.blotter.enter(order)
        self.reports.accepted(order, event.venue_id)

    def instrument(self, symbol: Symbol) -> Instrument | None:
        """Return the terms of a symbol; None where it is not listed."""
        return self._instruments.get(symbol)

    def capture(self) -> Iterator[Struct]:
        """Yield every order and what is known of fills beyond them."""
        for orders in _pieces(list(self.blotter.orders.values()), _ORDERS):
            yield OrdersState(tuple(map(capture_order, orders)))
        yield from map(ForgottenState, _pieces(list(self.blotter.forgotten), _IDS))
        yield self.fills.capture()
        yield from (decision for _, decision in sorted(self.decisions.items()))
        yield from (asked for _, asked in sorted(self.flattens.items()))

    def restore_orders(self, state: OrdersState) -> None:
        """Take in orders as they were captured; their fills are in the ledger's pages."""
        for each in state.orders:
            self.blotter.restore(restore_order(each, self._instruments[each.request.symbol]))

    def resolved(self, event: BreakResolved) -> None:
        """Keep what was decided about a difference, or that nothing is decided any more."""
        if event.difference:
            self.decide(DecisionState(event.break_id, event.action, event.difference))
        else:
            self.decisions.pop(event.break_id, None)

    def decide(self, decision: DecisionState) -> None:
        """Take in a decision as it was captured."""
        self.decisions[decision.break_id] = decision

    def flatten_asked(self, event: FlattenAsked) -> None:
        """Note that a symbol is to be flattened."""
        self.flattens[event.symbol] = event

    def flatten_ended(self, event: FlattenEnded) -> None:
        """Note that a symbol's flatten is over."""
        self.flattens.pop(event.symbol, None)

    def forget(self, before_ns: int) -> None:
        """Put orders out of sight that ended before a time; their ids stay ours."""
        self.blotter.forget(before_ns)

    def restore_forgotten(self, state: ForgottenState) -> None:
        """Take in the ids of orders that are out of sight."""
        self.blotter.forgotten.update(dict.fromkeys(state.client_ids))

    def _submitted(self, event: OrderSubmitted) -> None:
        self.blotter.enter(asked.order_sent(event, self._instruments[event.request.symbol]))
        self._bus.publish(event)

    def _pair_submitted(self, event: PairSubmitted) -> None:
        self._submitted(event.stop)
        self._submitted(event.target)

    def _denied(self, event: OrderDenied) -> None:
        instrument = self._instruments.get(event.request.symbol)
        if instrument is not None and not self.blotter.is_used(event.request.client_id):
            asked.enter_denied(self.blotter, Order(event.request, instrument), event.denials)

    def _amend(self, command: AmendOrder) -> None:
        quantity = command.quantity
        assert quantity is not None, "an amendment is written with all its terms"
        self._with(command, asked.amend_asked, quantity, command.limit, command.stop)

    def _with(self, record: Any, apply: Callable[..., None], *terms: object) -> None:
        order = self.blotter.orders.get(record.client_id)
        if order is not None:
            apply(self.blotter, order, *terms)


def _pieces(items: Sequence[_T], size: int) -> Iterator[tuple[_T, ...]]:
    return (tuple(items[start : start + size]) for start in range(0, len(items), size))
