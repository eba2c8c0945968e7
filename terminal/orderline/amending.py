"""A working order with other terms, as the gate is asked about it."""

from __future__ import annotations

from engine.messages.commands import AmendOrder
from engine.messages.views import OrderView
from engine.model.order import OrderRequest
from terminal.desk import Desk
from terminal.orderline.intents import Action, orders_of


def amended(order: OrderView, change: AmendOrder, account: str) -> OrderRequest:
    """Return an order as it would be after a change; its client id tells the gate which one that is."""
    return OrderRequest(
        client_id=order.client_id,
        number=order.number,
        account=account,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity if change.quantity is None else change.quantity,
        type=order.type,
        limit=order.limit if change.limit is None else change.limit,
        stop=_stop(order, change),
        trail=order.trail,
        tif=order.tif,
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        origin=order.origin,
        strategy=order.strategy,
        plan=order.plan,
        parent=order.parent,
        leg=order.leg,
        group=order.group,
        created_ns=order.created_ns,
        correlation=order.correlation,
    )


def _stop(order: OrderView, change: AmendOrder) -> int | None:
    """Return the stop that is asked for; where a trailing one stands is not asked for."""
    if order.trail is not None:
        return None
    return order.stop if change.stop is None else change.stop


def judged(action: Action | None, desk: Desk, account: str) -> tuple[OrderRequest, ...]:
    """Return the orders that an action sends, or the one that it changes, as it would be then."""
    if isinstance(action, AmendOrder):
        order = desk.orders.get(action.client_id)
        return (amended(order, action, account),) if order else ()
    return tuple(order.request for order in orders_of(action))
