"""What is staged follows the market: prices that are words or steps are worked out anew until it is sent."""

from __future__ import annotations

from msgspec.structs import replace

from engine.messages.commands import AmendOrder, SubmitOrder
from engine.model.order import OrderRequest
from terminal.orderline.intents import Action, Pair


def repriced(reviewed: Action, now: Action) -> Action:
    """Return a reviewed action at the prices that its line means now; its size and all else stay as reviewed."""
    if isinstance(reviewed, SubmitOrder) and isinstance(now, SubmitOrder):
        return _order(reviewed, now)
    if isinstance(reviewed, Pair) and isinstance(now, Pair):
        return Pair(_order(reviewed.first, now.first), _order(reviewed.second, now.second))
    if isinstance(reviewed, AmendOrder) and isinstance(now, AmendOrder):
        return _change(reviewed, now)
    return reviewed


def _order(reviewed: SubmitOrder, now: SubmitOrder) -> SubmitOrder:
    before, after = reviewed.request, now.request
    if not _is_same(before, after):
        return reviewed
    return SubmitOrder(
        replace(before, limit=after.limit, stop=after.stop, trail=after.trail, plan=after.plan)
    )


def _is_same(before: OrderRequest, after: OrderRequest) -> bool:
    return (before.symbol, before.side, before.type) == (after.symbol, after.side, after.type)


def _change(reviewed: AmendOrder, now: AmendOrder) -> AmendOrder:
    if reviewed.client_id != now.client_id:
        return reviewed
    return replace(reviewed, limit=now.limit, stop=now.stop)
