"""One order here and at the broker: which reports would explain the difference."""

from __future__ import annotations

from collections.abc import Iterator

from engine.execution.order_state import ENDED, OPEN
from engine.messages.reports import (
    AcceptReport,
    CancelReport,
    ExpireReport,
    RejectReport,
    ReplaceReport,
    Report,
)
from engine.messages.stock import BrokerOrder
from engine.model.order import Order, OrderRequest, OrderStatus, OrderType

_S = OrderStatus
FOREIGN = "external"
"""The origin of orders that we never sent."""
_LIMITED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_STOPPED = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
_UNACCEPTED = frozenset({_S.PENDING_NEW, _S.UNKNOWN, _S.NOT_FOUND})

Terms = tuple[int, int | None, int | None]
"""Quantity, limit and stop, in units."""


def made_up(order: Order, theirs: BrokerOrder, now_ns: int, *, newer: bool, final: bool) -> Iterator[Report]:
    """Yield the reports that must have been lost; each is to be believed before the next is asked for.

    Fills come first and are not made here. An end, and that the venue has an order at all, are true however
    old the broker's word is. Its terms are believed only from a word that is `newer` than our own; while the
    broker counts fills that it did not name, its end waits, unless the word is `final`. That it works what had
    ended here is believed from a `newer` word, too: the end was taken back, or never was.
    """
    if theirs.status in OPEN:
        if newer and order.status in ENDED:
            yield AcceptReport(order.client_id, theirs.venue_id, now_ns, again=True)
        elif order.status in _UNACCEPTED or (order.is_open and theirs.venue_id and not order.venue_id):
            yield AcceptReport(order.client_id, theirs.venue_id, now_ns)
        if _may_change(order, theirs) and _believes_terms(order, theirs, newer=newer):
            yield _replaced(order, _terms(order, theirs), now_ns)
    elif final or theirs.filled <= order.filled:
        yield from _ended(order, theirs, now_ns, newer=newer)


def disagreement(order: Order, theirs: BrokerOrder) -> str:
    """Say what the broker's word leaves unexplained after its reports were made up for; empty for nothing."""
    if theirs.filled != order.filled:
        size = order.instrument.size
        return f"filled {size(order.filled):f} here, {size(theirs.filled):f} at the broker"
    if theirs.status in OPEN and not order.is_open:
        return f"{order.status} here, {theirs.status} at the broker"
    return ""


def foreign_request(theirs: BrokerOrder, account: str, number: int, now_ns: int) -> OrderRequest:
    """Return an order that the broker has and we never sent, as if it had been asked for under a number of ours."""
    return OrderRequest(
        client_id=theirs.client_id,
        number=number,
        account=account,
        symbol=theirs.symbol,
        side=theirs.side,
        quantity=theirs.quantity,
        type=theirs.type,
        limit=theirs.limit,
        stop=theirs.stop,
        tif=theirs.tif,
        origin=FOREIGN,
        group=theirs.group,
        created_ns=theirs.updated_ns or now_ns,
    )


def _terms(order: Order, theirs: BrokerOrder) -> Terms:
    """Return their terms, where they say something about an order of this type; a foreign one's is not known."""
    kind, limit, stop = order.request.type, order.limit, order.stop
    foreign = order.request.origin == FOREIGN
    if (foreign or kind in _LIMITED) and theirs.limit is not None:
        limit = theirs.limit
    if (foreign or kind in _STOPPED) and theirs.stop is not None:
        stop = theirs.stop
    return theirs.quantity, limit, stop


def _believes_terms(order: Order, theirs: BrokerOrder, *, newer: bool) -> bool:
    """Whether their terms are news: those that are on their way prove themselves, others must be newer."""
    terms = _terms(order, theirs)
    if order.status is _S.PENDING_REPLACE:
        return terms == (order.amend_quantity, order.amend_limit, order.amend_stop)
    return newer and terms != (order.quantity, order.limit, order.stop)


def _replaced(order: Order, terms: Terms, now_ns: int) -> Report:
    return ReplaceReport(order.client_id, *terms, now_ns)


def _may_change(order: Order, theirs: BrokerOrder) -> bool:
    """Whether an order can still take terms: it works, or its last fill came before word of more quantity."""
    return order.is_open or (order.status is _S.FILLED and theirs.quantity > order.filled == theirs.filled)


def _ended(order: Order, theirs: BrokerOrder, now_ns: int, *, newer: bool) -> Iterator[Report]:
    quantity, limit, stop = _terms(order, theirs)
    if theirs.status is _S.FILLED:
        if newer and order.status in ENDED and 0 < order.filled == theirs.filled:
            # it ended here with more than it was to be: their word of less was lost
            yield AcceptReport(order.client_id, theirs.venue_id, now_ns, again=True)
        if order.is_open and order.filled:
            yield _replaced(order, (order.filled, limit, stop), now_ns)
        elif order.is_open and not theirs.filled:
            yield CancelReport(order.client_id, "every fill of it was taken back", now_ns)
        return
    grown = newer and order.status is _S.FILLED and _may_change(order, theirs)
    if (order.is_open or grown) and quantity > order.filled and quantity != order.quantity:
        yield _replaced(order, (quantity, limit, stop), now_ns)
    if order.is_open or order.status is _S.NOT_FOUND:
        yield _end(order, theirs, now_ns)


def _end(order: Order, theirs: BrokerOrder, now_ns: int) -> Report:
    if theirs.status is _S.EXPIRED:
        return ExpireReport(order.client_id, theirs.reason, now_ns)
    if theirs.status is _S.REJECTED and not order.filled:
        return RejectReport(order.client_id, theirs.reason, now_ns)
    return CancelReport(order.client_id, theirs.reason, now_ns)
