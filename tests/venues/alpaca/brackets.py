"""Orders of several legs: bracket, one cancels the other, one triggers the other."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.venues.alpaca.orders import Order
from tests.venues.alpaca.refusal import Refusal, wrong_parameter, wrong_state
from tests.venues.alpaca.rules import CENT, Body, check_price, read_number
from tests.venues.alpaca.texts import text
from tests.venues.price_time import opposite


def legs_of(order: Order, body: Body, market: Decimal | None, new_id: Callable[[], str]) -> list[Order]:
    """Return the legs that a request asks for; those of a bracket are held until its entry is filled.

    An OCO has its take-profit as parent, and its stop as the one leg.
    """
    profit, loss = body.get("take_profit") or {}, body.get("stop_loss") or {}
    _check_parts(order.order_class, profit, loss)
    if not order.order_class:
        return []
    target, stop, limit = (
        read_number(profit, "limit_price"),
        read_number(loss, "stop_price"),
        read_number(loss, "limit_price"),
    )
    if order.order_class == "oco":
        return [_leg(order, new_id, order.side, None, stop, limit)]
    base = order.limit if order.limit is not None else order.stop if order.stop is not None else market
    _check_distance(order, base, target, stop)
    side = opposite(order.side)
    made = [_leg(order, new_id, side, target, None, None)] if target is not None else []
    return made + ([_leg(order, new_id, side, None, stop, limit)] if stop is not None else [])


def prepare_oco(body: Body) -> Body:
    """Return the request of an OCO with its take-profit's price as its own limit."""
    if body.get("order_class") != "oco":
        return body
    if body.get("type") != "limit":
        raise wrong_state("oco orders must be limit orders")
    return {**body, "limit_price": (body.get("take_profit") or {}).get("limit_price")}


def _check_parts(order_class: str, profit: Body, loss: Body) -> None:
    has = (bool(profit), bool(loss))
    if not order_class:
        if any(has):
            raise wrong_state("take_profit and stop_loss are not allowed for simple orders")
        return
    if order_class == "oto":
        if sum(has) != 1:
            raise wrong_parameter("oto orders require either take_profit or stop_loss")
    elif not all(has):
        raise wrong_parameter(
            f"{order_class} orders require take_profit.limit_price and stop_loss.stop_price"
        )
    if profit and profit.get("limit_price") is None:
        raise wrong_parameter(f"{order_class} orders require take_profit.limit_price")
    if loss and loss.get("stop_price") is None:
        raise wrong_parameter(f"{order_class} orders require stop_loss.stop_price")


def _check_distance(order: Order, base: Decimal | None, target: Decimal | None, stop: Decimal | None) -> None:
    if base is None:
        return
    above, below = (target, stop) if order.side == "buy" else (stop, target)
    names = ("take_profit.limit_price", "stop_loss.stop_price")
    high, low = names if order.side == "buy" else names[::-1]
    if above is not None and above < base + CENT:
        raise _too_near(f"{high} must be >= base_price + 0.01", base)
    if below is not None and below > base - CENT:
        raise _too_near(f"{low} must be <= base_price - 0.01", base)


def _too_near(message: str, base: Decimal) -> Refusal:
    return wrong_state(message, base_price=text(base))


def _leg(
    parent: Order,
    new_id: Callable[[], str],
    side: str,
    target: Decimal | None,
    stop: Decimal | None,
    limit: Decimal | None,
) -> Order:
    for price in (target, stop, limit):
        check_price(parent.asset, price)
    kind = "limit" if stop is None else "stop" if limit is None else "stop_limit"
    terms: dict[str, Any] = {"limit": target if stop is None else limit, "stop": stop}
    return Order(
        id=new_id(),
        client_order_id=new_id(),
        asset=parent.asset,
        side=side,
        type=kind,
        time_in_force=parent.time_in_force,
        quantity=parent.quantity,
        order_class=parent.order_class,
        size=parent.size,
        status="held",
        parent=parent,
        **terms,
    )
