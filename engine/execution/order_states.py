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
        sent_bid=order.sent_bid,
        sent_ask=order.sent_ask,
    )


def restore_order(state: OrderState, instrument: Instrument) -> Order:
    """Make the order that a state was copied from."""
    order = Order(state.request, instrument)
    order.status = order.told = state.status
    order.quantity = state.quantity
    order.limit = state.limit
    order.stop = state.stop
    order.leaves = state.leaves
    order.reason = state.reason
    order.venue_id = state.venue_id
    order.triggered = state.triggered
    order.updated_ns = state.updated_ns
    order.cancel_wanted = state.cancel_wanted
    order.sent_bid, order.sent_ask = state.sent_bid, state.sent_ask
    order.amend_quantity = state.amend_quantity
    order.amend_limit = state.amend_limit
    order.amend_stop = state.amend_stop
    order.fills += state.fills
    for fill in state.fills:
        order.filled += fill.quantity
        order.turnover += fill.price * fill.quantity
        order.fees_micros += fill.fee_micros
    return order
