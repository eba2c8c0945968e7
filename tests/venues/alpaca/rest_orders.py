"""The trading API's pages about orders and positions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.venues.alpaca.holding import Holding
from tests.venues.alpaca.lives import end
from tests.venues.alpaca.orders import Order
from tests.venues.alpaca.refusal import Refusal, not_found, wrong_parameter
from tests.venues.alpaca.routes import Asked, Page, Told
from tests.venues.alpaca.rules import read_number
from tests.venues.alpaca.texts import text

HUNDRED = Decimal(100)


def create(asked: Asked) -> Told:
    """Take an order."""
    return Told(200, asked.floor.exchange.submit(asked.body).json())


def listed(asked: Asked) -> Told:
    """Return orders, newest first unless asked otherwise."""
    query, limit = asked.query, asked.count("limit", 50, 500)
    status = query.get("status", "open")
    if status not in {"open", "closed", "all"}:
        raise wrong_parameter(f"invalid status: {status}")
    found = [each for each in asked.floor.exchange.orders.values() if _is_asked(asked, each, status)]
    found = found[
        _place(found, query, "after_order_id", -1) + 1 : _place(found, query, "before_order_id", len(found))
    ]
    if query.get("direction", "desc") == "desc":
        found.reverse()
    nested = asked.flag("nested")
    return Told(200, [each.json(nested=nested) for each in found[:limit]])


def _place(found: list[Order], query: dict[str, str], name: str, default: int) -> int:
    """Return the place of an order among others."""
    if not query.get(name):
        return default
    if len({"after_order_id", "before_order_id", "after", "until"} & set(query)) > 1:
        raise wrong_parameter(f"{name} goes with none of the others")
    places = [place for place, each in enumerate(found) if each.id == query[name]]
    return places[0] if places else default


def _is_asked(asked: Asked, order: Order, status: str) -> bool:
    after, until, submitted = asked.time("after"), asked.time("until"), order.times["submitted"]
    symbols = {each.replace("/", "") for each in asked.names("symbols")}
    tests = (
        status == "all" or order.ended == (status == "closed"),
        after is None or submitted > after,
        until is None or submitted < until,
        not symbols or order.asset.held_as in symbols,
        asked.query.get("side", order.side) == order.side,
        asked.query.get("asset_class", order.asset.kind) in {order.asset.kind, "all"},
        not (asked.flag("nested") and order.parent is not None),
    )
    return all(tests)


def one(asked: Asked) -> Told:
    """Return an order by its id."""
    return Told(200, asked.floor.exchange.find(asked.parts[0]).json(nested=asked.flag("nested")))


def one_named(asked: Asked) -> Told:
    """Return an order by its client's name for it."""
    name = asked.query.get("client_order_id", "")
    return Told(200, asked.floor.exchange.find_named(name).json(nested=asked.flag("nested")))


def replace(asked: Asked) -> Told:
    """Put another order in the place of one."""
    return Told(200, asked.floor.exchange.replace(asked.parts[0], asked.body).json())


def cancel(asked: Asked) -> Told:
    """Begin to cancel an order."""
    asked.floor.exchange.cancel(asked.parts[0])
    return Told(204)


def cancel_all(asked: Asked) -> Told:
    """Begin to cancel every order."""
    told: list[dict[str, Any]] = []
    for order in asked.floor.exchange.open:
        status, body = 200, None
        try:
            asked.floor.exchange.cancel(order.id)
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        told.append({"id": order.id, "status": status, **({"body": body} if body else {})})
    return Told(207, told)


# Positions


def positions(asked: Asked) -> Told:
    """Return everything that is held."""
    return Told(200, [_held(asked, each) for each in asked.floor.account.holdings.values()])


def _held(asked: Asked, holding: Holding) -> dict[str, Any]:
    floor = asked.floor
    available = floor.account.available(holding.asset, floor.exchange.open)
    return holding.json(floor.price_of(holding.asset), available)


def position(asked: Asked) -> Told:
    """Return what is held of one asset."""
    return Told(200, _held(asked, _holding(asked)))


def _holding(asked: Asked) -> Holding:
    asset = asked.floor.listing.find(asked.parts[0])
    holding = None if asset is None else asked.floor.account.holdings.get(asset.symbol)
    if holding is None:
        raise not_found("position does not exist")
    return holding


def close(asked: Asked) -> Told:
    """Sell what is held of one asset, or buy it back; a part of it where one is asked for."""
    holding = _holding(asked)
    whole, query = abs(holding.quantity), dict(asked.query)
    quantity, share = read_number(query, "qty"), read_number(query, "percentage")
    if quantity is not None and share is not None:
        raise wrong_parameter("only one of qty or percentage is accepted")
    if share is not None:
        quantity = (whole * share / HUNDRED).quantize(Decimal("0.000000001"))
    return Told(200, _close(asked, holding, whole if quantity is None else quantity).json())


def _close(asked: Asked, holding: Holding, quantity: Decimal) -> Order:
    body = {
        "symbol": holding.asset.symbol,
        "qty": text(quantity),
        "side": "sell" if holding.quantity > 0 else "buy",
        "type": "market",
        "time_in_force": "gtc" if holding.asset.is_crypto else "day",
    }
    return asked.floor.exchange.submit(body)


def close_all(asked: Asked) -> Told:
    """Close every position, after cancelling every order where that is asked for."""
    floor, told = asked.floor, []
    if asked.flag("cancel_orders"):
        for order in floor.exchange.open:
            if not order.ended:
                end(floor, order, "canceled")
    for holding in list(floor.account.holdings.values()):
        status, body = 200, {}
        try:
            body = _close(asked, holding, abs(holding.quantity)).json()
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        told.append({"symbol": holding.asset.held_as, "status": status, "body": body})
    return Told(207, told)


PAGES: tuple[tuple[str, str, Page], ...] = (
    ("POST", "/v2/orders", create),
    ("GET", "/v2/orders", listed),
    ("DELETE", "/v2/orders", cancel_all),
    ("GET", "/v2/orders:by_client_order_id", one_named),
    ("GET", "/v2/orders/([^/]+)", one),
    ("PATCH", "/v2/orders/([^/]+)", replace),
    ("DELETE", "/v2/orders/([^/]+)", cancel),
    ("GET", "/v2/positions", positions),
    ("DELETE", "/v2/positions", close_all),
    ("GET", "/v2/positions/(.+)", position),
    ("DELETE", "/v2/positions/(.+)", close),
)
