"""Tells the engine what is heard of orders at Binance, in the order in which it makes sense."""

from __future__ import annotations

from collections.abc import Callable

from engine.adapters.binance import account_messages as m
from engine.adapters.binance import account_reading as r
from engine.adapters.binance.known import KnownOrder, KnownOrders
from engine.adapters.binance.pairs import Pairs
from engine.adapters.units import size_units
from engine.clock import Clock
from engine.errors import DataError
from engine.messages.reports import (
    AcceptReport,
    FillReport,
    LostReport,
    ReplaceReport,
    Report,
    TriggerReport,
)
from engine.model.instrument import Instrument
from engine.model.text import clean

_REPLACED, _TRADE, _NEW, _REJECTED = "REPLACED", "TRADE", "NEW", "REJECTED"


class Telling:
    """Turns answers and events into reports; an order that has not been told of is told as accepted first."""

    def __init__(
        self, orders: KnownOrders, pairs: Pairs, clock: Clock, account: str, report: Callable[[Report], None]
    ) -> None:
        self.updates = 0
        """Events that came."""
        self.unreadable = 0
        """Events that could not be read."""
        self.fault = ""
        """The last of it, in words."""
        self._orders = orders
        self._pairs = pairs
        self._clock = clock
        self._account = account
        self._report = report

    def accepted(self, order: KnownOrder, at_ms: int) -> None:
        """Tell once that the venue has an order; raises DataError where the time is none."""
        if not order.accepted:
            event_ns = r.time_ns(at_ms) or self._clock.now_ns()
            order.accepted = True
            self._report(AcceptReport(order.client_id, str(order.order_id), event_ns))

    def known(self, client_id: str) -> None:
        """Go on with an order that the engine was told of in an answer."""
        order = self._orders.begin(client_id)
        order.accepted = True
        self.meet(order)

    def meet(self, order: KnownOrder) -> None:
        """Tell what happened meanwhile to an order that the engine knows."""
        order.known = True
        while order.held:
            self._take(order, order.held.popleft())

    def updated(self, event: m.Execution) -> None:
        """Take an event; one that can't be read makes its order doubtful, one of a strange order waits."""
        self.updates += 1
        order = self._orders.of(event.symbol, event.order_id, event.original or event.name)
        if order.known:
            self._take(order, event)
        else:
            order.held.append(event)

    def unreadable_event(self, error: DataError) -> None:
        """Count a message that could not even be told to be about an order."""
        self.unreadable += 1
        self.fault = str(error)

    def has_terms(self, order: KnownOrder, terms: tuple[int, int | None, int | None], event_ns: int) -> None:
        """Tell the terms that an order has now, if they are not those that were told last."""
        if order.terms != terms:
            order.terms = terms
            self._report(ReplaceReport(order.client_id, *terms, event_ns))

    def _take(self, order: KnownOrder, event: m.Execution) -> None:
        try:
            self._tell(order, event)
        except DataError as error:
            self._doubt(order.client_id, str(error))

    def _tell(self, order: KnownOrder, event: m.Execution) -> None:
        now_ns, instrument = self._clock.now_ns(), self._instrument(event.symbol)
        if event.what == _NEW and order.accepted and event.is_working and event.type in r.STOPS:
            self._report(TriggerReport(order.client_id, r.time_ns(event.at_ms) or now_ns))
        if event.status != _REJECTED:
            self.accepted(order, event.at_ms)
        if event.what == _TRADE:
            fill = r.fill_of_event(event, order.client_id, instrument, self._account, now_ns)
            self._report(FillReport(fill))
        elif event.what == _REPLACED:
            self.has_terms(order, _terms(event, instrument), r.time_ns(event.at_ms) or now_ns)
        if (end := r.end_of(event, order.client_id, instrument, now_ns)) is not None:
            self._report(end)

    def _instrument(self, symbol: str) -> Instrument:
        """Return the instrument of an event, which is listed.

        Raises:
            DataError: it is not.
        """
        found = self._pairs.find(symbol)
        if found is None:
            raise DataError(f"{clean(symbol, 32)} is not listed here")
        return found

    def _doubt(self, client_id: str, fault: str) -> None:
        """Something was said of an order and can't be read: nobody knows now how it stands."""
        self.unreadable += 1
        self.fault = fault
        reason = f"what Binance said could not be read: {clean(fault)}"
        self._report(LostReport(client_id, reason, self._clock.now_ns()))


def _terms(event: m.Execution, instrument: Instrument) -> tuple[int, int | None, int | None]:
    quantity = size_units(instrument, event.quantity)
    return quantity, r.optional_price(instrument, event.price), r.optional_price(instrument, event.stop)
