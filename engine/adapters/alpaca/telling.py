"""Tells the engine what is heard of orders, once each, in the order in which it makes sense."""

from __future__ import annotations

from collections.abc import Callable

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca import reading as r
from engine.adapters.alpaca.listings import Listings
from engine.adapters.alpaca.lives import Life, Lives
from engine.adapters.units import ID_MAX
from engine.clock import Clock
from engine.errors import DataError
from engine.messages.reports import AcceptReport, FillReport, LostReport, ReplaceReport, Report
from engine.model.instrument import Instrument
from engine.model.text import clean

_REJECTED = "rejected"
_WORDS = {_REJECTED: "Alpaca refused it after taking it, and gave no reason"}


class Telling:
    """Turns orders and updates into reports; an order that has not been told of is told as accepted first."""

    def __init__(
        self, lives: Lives, listings: Listings, clock: Clock, account: str, report: Callable[[Report], None]
    ) -> None:
        self.updates = 0
        """Updates that came."""
        self.unreadable = 0
        """Updates that could not be read."""
        self.fault = ""
        """The last of it, in words."""
        self._lives = lives
        self._listings = listings
        self._clock = clock
        self._account = account
        self._report = report

    def answered(self, life: Life, order: m.OrderText) -> None:
        """Take the order of an answer to a request of ours; raises DataError where it does not fit."""
        self._moved(life, order)
        self._accepted(life, order)
        self._ended(life, order, order.status)
        self._beside(order)

    def known(self, client_id: str) -> None:
        """Go on with an order that the engine was told of in an answer."""
        life = self._lives.begin(client_id)
        life.accepted = True
        self.meet(life)

    def meet(self, life: Life) -> None:
        """Tell what happened meanwhile to an order that the engine knows."""
        life.known = True
        while life.held:
            self._take(life.held.popleft())

    def updated(self, update: m.TradeUpdate) -> None:
        """Take an update; one that can't be read makes its order doubtful, one of a strange order waits."""
        self.updates += 1
        self._take(update)

    def _take(self, update: m.TradeUpdate) -> None:
        life = self._lives.of(update.order)
        if not life.known:
            life.take(update.order)
            life.held.append(update)
            return
        try:
            self._updated(life, update)
        except DataError as error:
            self._doubt(life.client_id, str(error))

    def unreadable_update(self, error: DataError) -> None:
        """Count a message that could not even be told to be about an order."""
        self.unreadable += 1
        self.fault = str(error)

    def _updated(self, life: Life, update: m.TradeUpdate) -> None:
        order, now_ns = update.order, self._clock.now_ns()
        if update.event in r.CORRECTIONS:
            life.take(order, taken_back=True)
        self._moved(life, order)
        self._accepted(life, order)
        if update.event in r.FILLS:
            fill = r.fill_of_update(update, life.client_id, self._instrument(order), self._account, now_ns)
            self._report(FillReport(fill))
        elif update.event in r.CHANGES:
            instrument = self._instrument(order)
            change = r.change_of(update, life.client_id, instrument, self._account, now_ns)
            if change is not None:
                self._report(change)
        else:
            self._ended(life, order, update.event, update.reason or "", r.moment_of(update))
        self._beside(order)

    def _beside(self, order: m.OrderText) -> None:
        """Take what is told along with an order of what it was sent together with."""
        for leg in order.legs or ():
            life = self._lives.of(leg)
            if life.known and (life.order is None or life.order.status != leg.status):
                self.answered(life, leg)

    def _accepted(self, life: Life, order: m.OrderText) -> None:
        """Tell once that the venue has an order."""
        if not life.accepted and order.status != _REJECTED:
            life.accepted = True
            event_ns = r.changed_ns(order) or self._clock.now_ns()
            self._report(AcceptReport(life.client_id, clean(life.current, ID_MAX), event_ns))

    def _ended(self, life: Life, order: m.OrderText, what: str, reason: str = "", event_ns: int = 0) -> None:
        """Tell an end, if it is that of the order that counts."""
        if order.id == life.current:
            event_ns = event_ns or r.changed_ns(order) or self._clock.now_ns()
            filled = r.filled_units(self._instrument(order), (order, *life.before()))
            report = r.end_of(what, life.client_id, reason or _WORDS.get(what, ""), event_ns, filled)
            if report is not None:
                self._report(report)

    def _moved(self, life: Life, order: m.OrderText) -> None:
        """Take an order in, and tell the terms that hold now if it took another's place."""
        if not life.take(order):
            return
        now = life.order
        assert now is not None
        instrument = self._instrument(now)
        carried = r.filled_units(instrument, life.before())
        told = r.order_of(now, life.client_id, instrument, carried)
        event_ns = told.updated_ns or self._clock.now_ns()
        self._report(ReplaceReport(life.client_id, told.quantity, told.limit, told.stop, event_ns))

    def _instrument(self, order: m.OrderText) -> Instrument:
        """Return the instrument of an order, which is listed or has never been asked for.

        Raises:
            DataError: it is not listed.
        """
        found = self._listings.find(order.symbol, order.asset_id)
        if found is None:
            raise DataError(f"{clean(order.symbol or 'an order', 32)} is not listed here")
        return found

    def _doubt(self, client_id: str, fault: str) -> None:
        """Something was said of an order and can't be read: nobody knows now how it stands."""
        self.unreadable += 1
        self.fault = fault
        reason = f"what Alpaca said could not be read: {clean(fault)}"
        self._report(LostReport(client_id, reason, self._clock.now_ns()))
