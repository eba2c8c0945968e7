"""Orders as values, and back: for snapshots and for the hash of the state."""

from __future__ import annotations

from engine.messages.state import OrderState
from engine.model.instrument import Instrument
from engine.model.order import Order


def capture_order(order: Order) -> OrderState:
    """Copy all of an order that its records decide; what the venue says of its queue is not among it."""
    return OrderState(
        request=order.request,
        status=order.status,
        quantity=order.quantity,
        limit=order.limit,
        stop=order.stop,
        leaves=order.leaves,
        reason=order.reason,
        venue_id=order.venue_id,
        triggered=order.triggered,
        amend_quantity=order.amend_quantity,
        amend_limit=order.amend_limit,
        amend_stop=order.amend_stop,
        cancel_wanted=order.cancel_wanted,
        updated_ns=order.updated_ns,
        fills=tuple(order.fills),
    )


def restore_order(state: OrderState, instrument: Instrument) -> Order:
    """Make the order that a state was copied from."""
    order = Order(state.request, instrument)
    order.status = state.status
    order.quantity, order.limit, order.stop = state.quantity, state.limit, state.stop
    order.leaves, order.reason, order.venue_id = state.leaves, state.reason, state.venue_id
    order.triggered, order.updated_ns = state.triggered, state.updated_ns
    order.cancel_wanted = state.cancel_wanted
    order.amend_quantity, order.amend_limit, order.amend_stop = (
        state.amend_quantity,
        state.amend_limit,
        state.amend_stop,
    )
    for fill in state.fills:
        order.fills.append(fill)
        order.filled += fill.quantity
        order.turnover += fill.price * fill.quantity
        order.fees_micros += fill.fee_micros
    return order
