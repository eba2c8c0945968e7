"""Fills are facts: each is booked exactly once, and what the venue takes back or changes is followed."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bus import Bus
from engine.execution.blotter import Blotter, in_words, label
from engine.execution.order_state import OPEN, can_become, resting_status
from engine.execution.standing_fills import StandingFills
from engine.execution.tally import Tally
from engine.messages.events import FillBusted, FillCorrected, OrderFilled, Severity
from engine.messages.ledger_page import LedgerPage
from engine.messages.reports import BustReport, CorrectReport, FillReport
from engine.messages.state import FillsState
from engine.model.fill import Fill
from engine.model.instrument import Instrument, Symbol
from engine.model.order import Order, OrderRequest, OrderStatus, OrderType
from engine.model.text import clean

_FILLED = OrderStatus.FILLED
_PARTIALLY_FILLED = OrderStatus.PARTIALLY_FILLED
_UNKNOWN = OrderStatus.UNKNOWN
_UNSEEN = frozenset({OrderStatus.PENDING_NEW, OrderStatus.WORKING, OrderStatus.NOT_FOUND})
"""States that a first partial fill moves to PARTIALLY_FILLED; the pending ones stay pending."""
_MAY_FILL = OPEN | {OrderStatus.NOT_FOUND}


class FillBook:
    """Books fills to orders; the same fill id is the same fill.

    What a run of reports comes to does not depend on the order in which they arrive: a bust or a
    correction may come before its fill, a busted fill stays busted, and of two corrections the later counts.
    """

    __slots__ = ("_blotter", "_bus", "_busted", "_corrected", "_ended", "_instruments", "_standing", "_tally")

    def __init__(
        self, blotter: Blotter, bus: Bus, tally: Tally, instruments: Mapping[Symbol, Instrument]
    ) -> None:
        self._blotter = blotter
        self._bus = bus
        self._tally = tally
        self._instruments = instruments
        self._standing = StandingFills()
        self._busted: dict[str, None] = {}
        self._corrected: dict[str, None] = {}
        self._ended: dict[str, OrderStatus] = {}
        """What filled orders are again, should a fill of theirs be busted: their venue had ended them."""

    def capture(self) -> FillsState:
        """Copy what is known of fills beyond those that stand."""
        return FillsState(tuple(self._busted), tuple(self._corrected), dict(self._ended))

    def restore(self, state: FillsState) -> None:
        """Take in what was captured."""
        self._busted.update(dict.fromkeys(state.busted))
        self._corrected.update(dict.fromkeys(state.corrected))
        self._ended.update(state.ended)

    def give_back(self, order: Order) -> None:
        """Let an order that was out of sight have its fills again, which are booked."""
        for fill in self._standing.of_order(order.client_id):
            order.fills.append(fill)
            self._count(order, fill, 1)
        order.leaves = max(0, order.quantity - order.filled)

    def know(self, page: LedgerPage) -> None:
        """Take in fills that were booked, packed as they are."""
        self._standing.update(dict.fromkeys(page.keys, page))

    def is_news(self, report: FillReport | CorrectReport) -> bool:
        """Return whether a report would change what is booked."""
        fill = report.fill
        if fill.fill_id in self._busted or fill.symbol not in self._instruments:
            return False
        if type(report) is FillReport:
            return fill.fill_id not in self._standing
        was = self._standing.terms(fill.fill_id)
        return was is None or not self._is_old(fill, was)

    def note_end(self, order: Order, status: OrderStatus) -> None:
        """Note that the venue ended an order that counts as filled."""
        self._ended[order.client_id] = status

    def forget_end(self, order: Order) -> None:
        """Forget what was noted of an order's end: its venue works it again."""
        self._ended.pop(order.client_id, None)

    def on_fill(self, report: FillReport) -> None:
        """Book a fill, unless it is known or was busted."""
        fill = report.fill
        if fill.fill_id in self._standing:
            self._repeated(fill)
        elif fill.fill_id in self._busted:
            self._tally.duplicates += 1
        else:
            self._enter(fill)

    def on_bust(self, report: BustReport) -> None:
        """Take a fill back; one that has not come yet will not be booked when it does.

        The order's state follows the precedence of FIX (matrices J.1.a, J.1.b): an order that its venue ended
        stays ended, one that was filled and no longer is works again, with what was busted as its leaves.
        """
        fill_id = report.fill_id
        if fill_id in self._busted:
            self._tally.duplicates += 1
            return
        self._tally.busts += 1
        self._busted[fill_id] = None
        fill, reason = self._standing.take_back(fill_id), clean(report.reason)
        if fill is None:
            text = f"fill {clean(fill_id, 40)} was busted before it came; it will not be booked"
            self._blotter.alert(Severity.WARNING, text)
            return
        order = self._with(fill)
        if order is None:
            self._change_of_the_forgotten(
                FillBusted(fill, reason), f"was taken back: {reason or 'no reason given'}"
            )
            return
        order.fills.remove(fill)
        self._count(order, fill, -1)
        self._alert_bust(order, fill, reason)
        self._settle(order, FillBusted(fill, reason))

    def on_correct(self, report: CorrectReport) -> None:
        """Put a fill in the place of the one with its id; one whose original has not come is booked."""
        fill = report.fill
        was = self._standing.terms(fill.fill_id)
        if fill.fill_id in self._busted or (was is not None and self._is_old(fill, was)):
            self._tally.duplicates += 1
        elif was is None:
            self._tally.corrections += 1
            self._corrected[fill.fill_id] = None
            self._enter(fill)
        elif _parties(fill) != _parties(was):
            self._tally.anomalies += 1
            text = f"a correction of fill {fill.fill_id} to another order, symbol or side was not believed"
            self._blotter.alert(Severity.CRITICAL, text)
        else:
            self._correct(fill, was)

    def _is_old(self, fill: Fill, was: Fill) -> bool:
        """Whether a correction is the one that stands, or came before it."""
        return fill == was or (fill.fill_id in self._corrected and fill.event_ns < was.event_ns)

    def _correct(self, fill: Fill, was: Fill) -> None:
        self._tally.corrections += 1
        self._corrected[fill.fill_id] = None
        self._standing[fill.fill_id] = fill
        order = self._with(was)
        if order is None:
            self._change_of_the_forgotten(FillCorrected(was, fill), "was corrected")
            return
        order.fills[order.fills.index(was)] = fill
        self._count(order, was, -1)
        self._count(order, fill, 1)
        text = f"fill {fill.fill_id} of {label(order)} was corrected by the venue"
        self._blotter.alert(Severity.WARNING, text)
        self._settle(order, FillCorrected(was, fill))

    def _with(self, fill: Fill) -> Order | None:
        """Return the order that has a fill; None where it is out of sight, though a later fill of it came alone."""
        order = self._blotter.orders.get(fill.client_id)
        return order if order is not None and fill in order.fills else None

    def _change_of_the_forgotten(self, event: FillBusted | FillCorrected, what: str) -> None:
        """Let the ledger follow a fill whose order ended so long ago that it is out of sight."""
        fill = event.fill
        text = f"fill {fill.fill_id} of {fill.symbol}, of an order that ended long ago, {what}"
        self._blotter.alert(Severity.CRITICAL, text)
        self._bus.publish(event)

    def _repeated(self, fill: Fill) -> None:
        self._tally.duplicates += 1
        known = self._standing.terms(fill.fill_id)
        assert known is not None, "only what stands is repeated"
        if fill.fill_id not in self._corrected and _body(fill) != _body(known):
            self._tally.anomalies += 1
            self._blotter.alert(
                Severity.CRITICAL,
                f"fill {fill.fill_id} of {fill.symbol} came again with other terms; the first one stands",
            )

    def _enter(self, fill: Fill) -> None:
        self._standing[fill.fill_id] = fill
        order = self._blotter.orders.get(fill.client_id) or self._adopt(fill)
        if order is not None:
            order.fills.append(fill)
            self._count(order, fill, 1)
            if order.status not in _MAY_FILL:
                self._alert_late(order)
            self._settle(order, OrderFilled(order, fill))

    @staticmethod
    def _count(order: Order, fill: Fill, sign: int) -> None:
        quantity = sign * fill.quantity
        order.filled += quantity
        order.turnover += fill.price * quantity
        order.fees_micros += sign * fill.fee_micros

    def _settle(self, order: Order, event: OrderFilled | FillBusted | FillCorrected) -> None:
        """Let an order's state follow its fills; the event is told before the state is."""
        was = order.status
        if was in _MAY_FILL:
            self._advance(order)
        else:
            self._reconsider(order)
        self._bus.publish(event)
        if order.status is not was:
            self._blotter.announce(order)

    def _advance(self, order: Order) -> None:
        larger = order.amend_quantity or 0
        if order.filled > order.quantity and larger > order.quantity:
            order.quantity = larger  # the fill itself proves that the venue took the larger quantity
        order.leaves = order.quantity - order.filled
        if order.leaves > 0 or (order.leaves == 0 and larger > order.quantity):
            self._advance_open(order)
            return
        if order.leaves < 0:
            self._overfilled(order)
        self._blotter.settle(order, _FILLED)

    def _advance_open(self, order: Order) -> None:
        """Follow what leaves the order open; with an increase on its way, leaves may be 0."""
        status = order.status
        if not order.filled and status is _PARTIALLY_FILLED:
            self._blotter.settle(order, OrderStatus.WORKING)
        elif order.filled and (status in _UNSEEN or (status is _UNKNOWN and not order.venue_id)):
            self._blotter.settle(order, _PARTIALLY_FILLED)
        else:
            self._blotter.touch(order)

    def _reconsider(self, order: Order) -> None:
        """Follow what changed of an order that had ended."""
        if order.filled > order.quantity:
            self._overfilled(order)
        if order.status is _FILLED and order.filled < order.quantity:
            self._blotter.settle(order, self._ended.pop(order.client_id, resting_status(order)))
        elif order.filled >= order.quantity and can_become(order.status, _FILLED):
            self.note_end(order, order.status)
            self._blotter.settle(order, _FILLED)
        else:
            self._blotter.touch(order)

    def _alert_late(self, order: Order) -> None:
        self._tally.late_fills += 1
        severity = Severity.WARNING if order.status is OrderStatus.CANCELED else Severity.CRITICAL
        self._blotter.alert(severity, f"{label(order)} was filled after it was {order.status}")

    def _alert_bust(self, order: Order, fill: Fill, reason: str) -> None:
        size = in_words(order, fill.quantity)
        text = f"the venue took back a fill of {size} of {label(order)}: {reason or 'no reason given'}"
        self._blotter.alert(Severity.CRITICAL, text)

    def _overfilled(self, order: Order) -> None:
        self._tally.overfills += 1
        over = in_words(order, order.filled - order.quantity)
        text = f"{label(order)} was filled {over} beyond its quantity; the position is real"
        pairs = suspects(order)
        if pairs:
            text += f", unless fill {pairs[-1][1].fill_id} is {pairs[-1][0].fill_id} under another id"
        self._blotter.alert(Severity.CRITICAL, text)

    def _adopt(self, fill: Fill) -> Order | None:
        """Make an order for a fill of one we never sent, so that the position is true."""
        self._tally.orphans += 1
        instrument = self._instruments.get(fill.symbol)
        what = "its position is booked" if instrument else "its symbol is not listed: nothing is booked"
        self._blotter.alert(
            Severity.CRITICAL, f"fill {fill.fill_id} of {fill.symbol} belongs to no order of ours; {what}"
        )
        if instrument is None:
            return None
        order = Order(_external_request(fill), instrument)
        order.status = OrderStatus.WORKING
        self._blotter.enter(order)
        self.note_end(order, OrderStatus.CANCELED)
        return order


SUSPECT_NS = 1_000_000_000
"""Two fills alike within this time may be one, told on two ways with different ids."""


def suspects(order: Order) -> tuple[tuple[Fill, Fill], ...]:
    """Return the pairs of an order's fills that may be one fill, told twice with different ids.

    They are booked: equal fills are common, and only the broker's position can tell.
    """
    found: list[tuple[Fill, Fill]] = []
    for index, fill in enumerate(order.fills):
        alike = [other for other in order.fills[:index] if _alike(fill, other)]
        if alike:
            found.append((alike[-1], fill))
    return tuple(found)


def _alike(fill: Fill, other: Fill) -> bool:
    terms = (fill.price, fill.quantity) == (other.price, other.quantity)
    return terms and abs(fill.event_ns - other.event_ns) <= SUSPECT_NS


def _parties(fill: Fill) -> tuple[object, ...]:
    return (fill.client_id, fill.symbol, fill.side)


def _body(fill: Fill) -> tuple[object, ...]:
    return (*_parties(fill), fill.price, fill.quantity)


def _external_request(fill: Fill) -> OrderRequest:
    return OrderRequest(
        client_id=fill.client_id,
        number=0,
        account=fill.account,
        symbol=fill.symbol,
        side=fill.side,
        quantity=fill.quantity,
        type=OrderType.MARKET,
        origin="external",
        created_ns=fill.event_ns,
    )
