"""Which state of an order leads to which: one table, and nothing else may move an order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.errors import InvalidTransition
from engine.model.order import Order, OrderStatus

_S = OrderStatus
_WORKING: Final = OrderStatus.WORKING
_PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED

OPEN = frozenset(status for status in OrderStatus if status.is_open)
"""The states in which an order may still trade: a set, for the hot path."""

_AT_THE_VENUE = frozenset({_S.FILLED, _S.CANCELED, _S.EXPIRED, _S.REJECTED, _S.UNKNOWN})
"""What may become of anything the venue could have."""
ENDED = frozenset({_S.CANCELED, _S.EXPIRED, _S.REJECTED})
"""Ends that are the venue's word, and that later word of the venue can take back."""
_AFTER_THE_END = frozenset({_S.FILLED, _S.WORKING, _S.PARTIALLY_FILLED})
"""A fill is a fact whenever it arrives; the one that completes an order ends it as filled."""

LEADS_TO: Mapping[OrderStatus, frozenset[OrderStatus]] = MappingProxyType(
    {
        _S.PENDING_NEW: _AT_THE_VENUE | {_S.DENIED, _S.WORKING, _S.PARTIALLY_FILLED, _S.PENDING_CANCEL},
        _S.WORKING: _AT_THE_VENUE | {_S.PARTIALLY_FILLED, _S.PENDING_CANCEL, _S.PENDING_REPLACE},
        _S.PARTIALLY_FILLED: _AT_THE_VENUE - {_S.REJECTED}
        | {_S.WORKING, _S.PENDING_CANCEL, _S.PENDING_REPLACE},
        _S.PENDING_CANCEL: _AT_THE_VENUE | {_S.WORKING, _S.PARTIALLY_FILLED},
        _S.PENDING_REPLACE: _AT_THE_VENUE | {_S.WORKING, _S.PARTIALLY_FILLED, _S.PENDING_CANCEL},
        _S.UNKNOWN: _AT_THE_VENUE - {_S.UNKNOWN} | {_S.WORKING, _S.PARTIALLY_FILLED, _S.NOT_FOUND},
        _S.NOT_FOUND: _AT_THE_VENUE | {_S.WORKING, _S.PARTIALLY_FILLED},
        _S.CANCELED: _AFTER_THE_END,
        _S.EXPIRED: _AFTER_THE_END,
        _S.REJECTED: _AFTER_THE_END,
        _S.FILLED: ENDED | {_S.WORKING, _S.PARTIALLY_FILLED},
        _S.DENIED: frozenset(),
    }
)
"""The states each state leads to. Staying where one is, is not a transition.

A busted fill leads back: a partial one to WORKING, a filled order to what it would be without that fill.
UNKNOWN is left only by proof from the venue: a cancel of an unknown order goes out, but the order
stays UNKNOWN until it is answered. NOT_FOUND is the venue's proof that there is no such order; should it
turn up after all, it is ours. So it is with what ended, where the venue says later that it works: a GTC that
was done for the day, a cancel that was taken back, a rejection that was none.
"""


def can_become(status: OrderStatus, to: OrderStatus) -> bool:
    """Return whether an order in `status` may be moved to `to`."""
    return to in LEADS_TO[status]


def transition(order: Order, to: OrderStatus) -> None:
    """Move an order to a state.

    Raises:
        InvalidTransition: its state does not lead there; the order is as it was.
    """
    if to not in LEADS_TO[order.status]:
        raise InvalidTransition(f"{order.client_id}: {order.status} does not lead to {to}")
    order.status = to


def resting_status(order: Order) -> OrderStatus:
    """Return what an order is while the venue works it: WORKING, or PARTIALLY_FILLED after a fill."""
    return _PARTIALLY_FILLED if order.filled else _WORKING
