"""How a new order, or one in the place of another, is read and looked at before it is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.venues.alpaca.brackets import legs_of, prepare_oco
from tests.venues.alpaca.orders import Order
from tests.venues.alpaca.refusal import forbidden, wrong_parameter, wrong_state
from tests.venues.alpaca.rules import (
    TIMES,
    check_price,
    check_stop,
    check_terms,
    one_of,
    read_number,
    read_order,
)

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor

_PRICES = {"limit_price": "limit", "stop_price": "stop"}


def take_order(body: dict[str, Any], floor: Floor) -> Order:
    """Return the order that a request asks for, with its legs.

    Raises:
        Refusal: its terms, the market, the account or the account's other orders are against it.
    """
    body = prepare_oco(body)
    order = read_order(body, floor.listing, floor.new_id)
    check_terms(order)
    touch = floor.touch(order.asset)
    check_stop(order, touch)
    side = touch[1 if order.side == "buy" else 0]
    order.legs = legs_of(order, body, None if side is None else side[0], floor.new_id)
    if order.order_class == "oco":
        for leg in order.legs:
            check_stop(leg, touch)
    _check_wash(order, floor)
    floor.account.check(order, floor.exchange.open, floor.touch)
    if order.order_class == "oco" and not floor.account.held(order.asset):
        raise forbidden("oco orders must be exit orders")
    return order


def read_replacement(old: Order, body: dict[str, Any], floor: Floor) -> Order:
    """Return the order that is to take the place of another.

    It is for the quantity of the request, or for the whole quantity of the old one, whatever was filled of that.

    Raises:
        Refusal: nothing changes, or not so.
    """
    changes = _changes(old, body)
    quantity = read_number(body, "qty") or old.quantity
    assert quantity is not None
    if quantity != quantity.to_integral_value() and not old.asset.is_crypto:
        raise wrong_parameter("qty must be integer")
    if old.order_class and quantity != old.quantity:
        raise wrong_state("qty of advanced orders cannot be replaced")
    client_id = str(body.get("client_order_id") or floor.new_id())
    if quantity == old.quantity and all(getattr(old, name) == value for name, value in changes.items()):
        raise forbidden("order parameters are not changed")
    return replace(
        old,
        id=floor.new_id(),
        client_order_id=client_id,
        quantity=quantity,
        size=quantity,
        status="held" if old.status == "held" else "pending_new",
        filled=old.filled * 0,
        paid=old.paid * 0,
        times={},
        replaces=old.id,
        replaced_by=None,
        parent=None,
        legs=[],
        entry=None,
        **changes,
    )


def _changes(old: Order, body: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, term in _PRICES.items():
        price = read_number(body, name)
        if price is not None:
            if getattr(old, term) is None or (term == "stop" and old.type == "trailing_stop"):
                raise wrong_parameter(f"{old.type} orders must not have {term} price")
            check_price(old.asset, price, name)
            changes[term] = price
    trail = read_number(body, "trail")
    if trail is not None:
        if old.type != "trailing_stop":
            raise wrong_state("trail can only be changed of trailing stop orders")
        changes["trail_price" if old.trail_price is not None else "trail_percent"] = trail
    if body.get("time_in_force"):
        changes["time_in_force"] = one_of(body, "time_in_force", TIMES)
    return changes


def _check_wash(order: Order, floor: Floor) -> None:
    """Refuse an order that could meet one of the account's own."""
    for other in floor.exchange.open:
        if other.asset is not order.asset or other.side == order.side or other.status == "held":
            continue
        mine, its = order.limit, other.limit
        if mine is not None and its is not None and order.sign * (mine - its) < 0:
            continue
        raise forbidden(
            "potential wash trade detected. use complex orders",
            existing_order_id=other.id,
            reject_reason=f"opposite side {other.type if its is None else 'limit'} order exists",
        )
