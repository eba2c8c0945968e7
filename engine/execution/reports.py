"""What a venue claims, and what we believe of it."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from engine.errors import InvalidTransition
from engine.execution.blotter import Blotter, forget_amend, in_words, label
from engine.execution.fills import FillBook
from engine.execution.order_state import ENDED, resting_status
from engine.execution.tally import Tally
from engine.messages.events import Severity
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    ExpireReport,
    FillReport,
    LostReport,
    NotFoundReport,
    QueueReport,
    Refusal,
    RejectReport,
    ReplaceReport,
    Report,
    TrailReport,
    TriggerReport,
)
from engine.model.order import Order, OrderStatus, OrderType, TimeInForce
from engine.model.text import clean

_PENDING_NEW = OrderStatus.PENDING_NEW
_UNPROVEN = frozenset({OrderStatus.UNKNOWN, OrderStatus.NOT_FOUND})
"""States in which the venue's word that it has the order is news."""
_WORKED = frozenset({OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_REPLACE})
_RESTING_TYPES = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_RESTING_TIMES = frozenset({TimeInForce.DAY, TimeInForce.GTC})


class ReportDesk:
    """Applies each report to its order, in whatever order they come; none can crash it.

    A report that says what is known is counted as a duplicate. One that would move an order where its
    state does not lead is counted, alerted, and changes nothing.
    """

    __slots__ = ("_blotter", "_fills", "_handlers", "_of_fills", "tally")

    def __init__(self, blotter: Blotter, fills: FillBook, tally: Tally) -> None:
        self._blotter = blotter
        self._fills = fills
        self._of_fills: dict[type, Callable[[Any], None]] = {
            FillReport: fills.on_fill,
            BustReport: fills.on_bust,
            CorrectReport: fills.on_correct,
        }
        self.tally = tally
        self._handlers: dict[type, Callable[[Order, Any], None]] = {
            AcceptReport: self._on_accept,
            RejectReport: self._on_reject,
            TriggerReport: self._on_trigger,
            CancelReport: self._on_cancel,
            ExpireReport: self._on_expire,
            ReplaceReport: self._on_replace,
            CancelRejectReport: self._on_cancel_reject,
            QueueReport: self._on_queue,
            TrailReport: self._on_trail,
            LostReport: self._on_lost,
            NotFoundReport: self._on_not_found,
        }

    @property
    def kinds(self) -> Container[type]:
        """The kinds of report that it takes."""
        return self._handlers.keys() | self._of_fills.keys()

    def apply(self, report: Report) -> None:
        """Believe a report, or say why not."""
        self.tally.reports += 1
        of_fill = self._of_fills.get(type(report))
        if of_fill is not None:
            of_fill(report)
            return
        order = self._blotter.orders.get(report.client_id)  # type: ignore[union-attr]  # all others have one
        if order is None:
            self._orphan(report)
        else:
            self._handlers[type(report)](order, report)

    def _orphan(self, report: Any) -> None:
        self.tally.orphans += 1
        name, client_id = type(report).__name__, clean(report.client_id, 40)
        self._blotter.alert(Severity.WARNING, f"{name} about order {client_id}, which is not ours")

    def _on_accept(self, order: Order, report: AcceptReport) -> None:
        if report.again and order.status in ENDED:
            self._reopen(order, report.venue_id)
        else:
            self.accepted(order, report.venue_id)

    def _reopen(self, order: Order, venue_id: str) -> None:
        """Let an order that had ended work again: the venue, asked since, works it."""
        severity = Severity.WARNING if order.status is OrderStatus.EXPIRED else Severity.CRITICAL
        text = f"{label(order)} was {order.status} here and works at the broker: it is open again"
        self._fills.forget_end(order)
        order.venue_id, order.reason = venue_id or order.venue_id, ""
        self._blotter.move(order, resting_status(order))
        self._blotter.alert(severity, text)

    def accepted(self, order: Order, venue_id: str) -> None:
        """Believe that the venue has an order."""
        known = bool(order.venue_id)
        if not known:
            order.venue_id = venue_id
        status = order.status
        if status is _PENDING_NEW:
            self._blotter.move(order, resting_status(order))
        elif status in _UNPROVEN:
            order.leaves = order.quantity - order.filled
            self._resume(order)
        elif known:
            self.tally.duplicates += 1
        else:
            self._blotter.touch(order)

    def _on_reject(self, order: Order, report: RejectReport) -> None:
        if report.kind is Refusal.DUPLICATE_ID:
            self._on_duplicate_id(order)
        elif order.filled and order.is_open:
            self._anomaly(order, report, OrderStatus.REJECTED)
        else:
            self._end(order, OrderStatus.REJECTED, report)

    def _on_duplicate_id(self, order: Order) -> None:
        """Doubt an order that the venue says it has had before: it may well be this one."""
        if order.is_open and not order.venue_id:
            self._lose(order, "the broker has had its id before")
        else:
            self.tally.duplicates += 1

    def _on_cancel(self, order: Order, report: CancelReport) -> None:
        if self._lacks_fills(order, report):
            return
        unasked = order.status in _WORKED and _rests(order)
        if order.is_open and order.leaves == 0:
            self._end(order, OrderStatus.FILLED, report)
            self._fills.note_end(order, OrderStatus.CANCELED)
            return
        if self._end(order, OrderStatus.CANCELED, report) and unasked:
            text = f"{label(order)} was cancelled by the venue: {order.reason or 'no reason given'}"
            self._blotter.alert(Severity.WARNING, text)

    def _on_expire(self, order: Order, report: ExpireReport) -> None:
        if not self._lacks_fills(order, report):
            self._end(order, OrderStatus.EXPIRED, report)

    def _lacks_fills(self, order: Order, report: CancelReport | ExpireReport) -> bool:
        """Doubt an end at which the venue counts more as filled than it told of: until it is named, all may be."""
        if not order.is_open or report.filled is None or report.filled <= order.filled:
            return False
        if order.status is OrderStatus.UNKNOWN:
            self.tally.duplicates += 1
            return True
        missing = in_words(order, report.filled - order.filled)
        self._blotter.move(order, OrderStatus.UNKNOWN, f"it ended, and fills of {missing} were not told")
        text = f"{label(order)} ended with {missing} more filled than was told; it counts as live until they are named"
        self._blotter.alert(Severity.WARNING, text)
        return True

    def _end(
        self, order: Order, status: OrderStatus, report: RejectReport | CancelReport | ExpireReport
    ) -> bool:
        if order.status is status:
            self.tally.duplicates += 1
            return False
        if order.status is OrderStatus.FILLED:
            self._end_of_filled(order, status, report)
            return False
        try:
            self._blotter.move(order, status, clean(report.reason))
        except InvalidTransition:
            self._anomaly(order, report, status)
            return False
        return True

    def _end_of_filled(
        self, order: Order, status: OrderStatus, report: RejectReport | CancelReport | ExpireReport
    ) -> None:
        """Note an end that can only be true once a fill is busted; the bust may be on its way."""
        if status is not OrderStatus.REJECTED:
            self._fills.note_end(order, status)
        self._anomaly(order, report, status)

    def _anomaly(self, order: Order, report: object, status: OrderStatus) -> None:
        self.tally.anomalies += 1
        text = f"{label(order)} is {order.status}; a {type(report).__name__} to {status} was not believed"
        self._blotter.alert(Severity.CRITICAL, text)

    def _on_trigger(self, order: Order, _report: TriggerReport) -> None:
        if order.triggered:
            self.tally.duplicates += 1
            return
        order.triggered = True
        self._blotter.touch(order)
        self._blotter.announce(order)

    def _on_queue(self, order: Order, report: QueueReport) -> None:
        if order.is_open and order.queue_ahead != report.ahead:
            order.queue_ahead = report.ahead
            self._blotter.show(order)

    def _on_trail(self, order: Order, report: TrailReport) -> None:
        if order.is_open and order.trigger != report.stop:
            order.trigger = report.stop
            self._blotter.show(order)

    def _on_replace(self, order: Order, report: ReplaceReport) -> None:
        grown = order.status is OrderStatus.FILLED and report.quantity > order.filled
        if not (order.is_open or grown or order.status is OrderStatus.NOT_FOUND):
            self._replace_of_the_dead(order, report)
            return
        order.quantity = max(report.quantity, order.filled)
        order.limit = report.limit
        order.stop = report.stop
        order.leaves = order.quantity - order.filled
        forget_amend(order)
        if order.status is OrderStatus.PENDING_CANCEL and order.leaves:
            self._blotter.touch(order)
            self._blotter.announce(order)
        else:
            self._resume(order)

    def _replace_of_the_dead(self, order: Order, report: ReplaceReport) -> None:
        if (report.quantity, report.limit, report.stop) == (order.quantity, order.limit, order.stop):
            self.tally.duplicates += 1
        else:
            self._anomaly(order, report, OrderStatus.WORKING)

    def _resume(self, order: Order) -> None:
        """Put an order back to what it is while the venue works it, and tell of it."""
        forget_amend(order)
        status = OrderStatus.FILLED if order.leaves == 0 else resting_status(order)
        if order.status is status:
            self._blotter.touch(order)
            self._blotter.announce(order)
        else:
            self._blotter.move(order, status)

    def _on_cancel_reject(self, order: Order, report: CancelRejectReport) -> None:
        if report.unsent:
            return  # it stays asked for, and leaves when the way is open
        amending = order.amend_quantity is not None
        if not order.is_open or not (amending or order.status is OrderStatus.PENDING_CANCEL):
            self.tally.duplicates += 1
            return
        what = "amendment" if amending else "cancel"
        self._blotter.alert(Severity.WARNING, f"{what} of {label(order)} was refused: {clean(report.reason)}")
        if report.kind is Refusal.UNKNOWN_ORDER:
            forget_amend(order)
            self._lose(order, "the broker does not know it")
            return
        order.cancel_wanted = order.cancel_wanted and amending
        if order.status is OrderStatus.UNKNOWN:
            return
        if amending and order.status is OrderStatus.PENDING_CANCEL and order.leaves:
            forget_amend(order)  # the venue answers in order: the amendment was asked first
            self._blotter.touch(order)
        else:
            self._resume(order)

    def _on_lost(self, order: Order, report: LostReport) -> None:
        if report.to_order and (order.venue_id or order.filled):
            self.tally.duplicates += 1
        else:
            self._lose(order, clean(report.reason))

    def _lose(self, order: Order, reason: str) -> None:
        """Let an order's fate be unknown, if it is open and was known."""
        if not order.is_open or order.status is OrderStatus.UNKNOWN:
            self.tally.duplicates += 1
            return
        self._blotter.move(order, OrderStatus.UNKNOWN, reason)
        text = f"{label(order)} is unknown: {order.reason}; it counts as live and is not sent again"
        self._blotter.alert(Severity.CRITICAL, text)

    def _on_not_found(self, order: Order, report: NotFoundReport) -> None:
        """Believe what was proven: the venue never had the order, or has it no more."""
        if order.status is OrderStatus.UNKNOWN:
            self._blotter.move(order, OrderStatus.NOT_FOUND, "the broker does not know it")
        elif order.status is OrderStatus.NOT_FOUND:
            self.tally.duplicates += 1
        else:
            self._anomaly(order, report, OrderStatus.NOT_FOUND)


def _rests(order: Order) -> bool:
    if order.request.is_paired:
        return False  # its end may follow from its partner's
    return order.request.type in _RESTING_TYPES and order.request.tif in _RESTING_TIMES
