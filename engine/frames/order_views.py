"""What the screen sees of an order."""

from __future__ import annotations

from engine.messages.views import OrderView
from engine.model.order import Order
from engine.portfolio.order_cost import execution_of


def order_view(order: Order) -> OrderView:
    """Copy one order's record."""
    request, cost = order.request, execution_of(order)
    return OrderView(
        client_id=order.client_id,
        number=request.number,
        symbol=order.symbol,
        side=order.side,
        type=request.type,
        tif=request.tif,
        quantity=order.quantity,
        filled=order.filled,
        leaves=order.leaves,
        limit=order.limit,
        stop=stop_of(order),
        trail=request.trail,
        average_price=order.average_price,
        status=order.status,
        reason=order.reason,
        post_only=request.post_only,
        reduce_only=request.reduce_only,
        triggered=order.triggered,
        queue_ahead=order.queue_ahead,
        fees_micros=order.fees_micros,
        origin=request.origin,
        venue_id=order.venue_id,
        correlation=request.correlation,
        created_ns=request.created_ns,
        updated_ns=order.updated_ns,
        fills=tuple(order.fills),
        plan=request.plan,
        parent=request.parent,
        leg=request.leg,
        group=request.group,
        strategy=request.strategy,
        sent_bid=order.sent_bid,
        sent_ask=order.sent_ask,
        slippage_bps=None if cost is None else float(cost.slippage_bps(cost.arrival) or 0),
        slippage_micros=None if cost is None else round(cost.trading_cost),
    )


def stop_of(order: Order) -> int | None:
    """Return where an order's stop stands now; a trailing one's is where it would trigger."""
    return order.stop if order.trigger is None else order.trigger
