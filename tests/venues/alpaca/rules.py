"""What an order has to be: the types, times in force and prices that Alpaca takes, and how it refuses the others."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.venues.alpaca.assets import Asset, Listing
from tests.venues.alpaca.orders import Order
from tests.venues.alpaca.refusal import forbidden, wrong_parameter, wrong_state
from tests.venues.alpaca.texts import number, text
from tests.venues.price_time import Level

Body = dict[str, Any]
Touch = tuple[Level | None, Level | None]
"""The best bid and offer."""
CENT = Decimal("0.01")
SIDES = ("buy", "sell")
TYPES = ("market", "limit", "stop", "stop_limit", "trailing_stop")
TIMES = ("day", "gtc", "opg", "cls", "ioc", "fok")
CLASSES = ("", "simple", "bracket", "oco", "oto")
CRYPTO_TYPES = ("market", "limit", "stop_limit")
CRYPTO_TIMES = ("gtc", "ioc")
CRYPTO_COST_MIN = Decimal(10)
CLIENT_ID_MAX = 128
_WANTS = {
    "market": ("", ""),
    "limit": ("limit", "limit orders require limit price"),
    "stop": ("stop", "stop orders require stop price"),
    "stop_limit": ("limit stop", "stop limit orders require both stop and limit price"),
    "trailing_stop": ("trail", "trailing stop orders must specify one of trail_price or trail_percent"),
}


def read_number(body: Body, name: str) -> Decimal | None:
    """Return a number above zero of a request; None where there is none."""
    try:
        found = number(body.get(name))
    except ValueError:
        raise wrong_parameter(f"invalid {name}") from None
    if found is not None and found <= 0:
        raise wrong_parameter(f"{name} must be > 0")
    return found


def one_of(body: Body, name: str, known: tuple[str, ...], default: str = "") -> str:
    """Return a word of a request that has to be one of some."""
    word = str(body.get(name) or default)
    if word not in known:
        raise wrong_parameter(f"invalid {name}")
    return word


def read_order(body: Body, listing: Listing, new_id: Callable[[], str]) -> Order:
    """Return the order that a request asks for, without its legs; nothing is known yet of the account."""
    if not body.get("symbol"):
        raise wrong_parameter("symbol is required")
    asset = listing.find(str(body["symbol"]))
    if asset is None:
        raise wrong_state(f"invalid symbol: {body['symbol']}")
    if asset.status != "active" or not asset.tradable:
        raise wrong_parameter(f"asset {asset.symbol} is not active")
    client_id = str(body.get("client_order_id") or new_id())
    if len(client_id) > CLIENT_ID_MAX:
        raise wrong_parameter(f"client_order_id must be no more than {CLIENT_ID_MAX} characters")
    order_class = one_of(body, "order_class", CLASSES)
    order = Order(
        id=new_id(),
        client_order_id=client_id,
        asset=asset,
        side=one_of(body, "side", SIDES),
        type=one_of(body, "type", TYPES),
        time_in_force=one_of(body, "time_in_force", TIMES),
        quantity=read_number(body, "qty"),
        notional=read_number(body, "notional"),
        limit=read_number(body, "limit_price"),
        stop=read_number(body, "stop_price"),
        trail_price=read_number(body, "trail_price"),
        trail_percent=read_number(body, "trail_percent"),
        extended_hours=bool(body.get("extended_hours")),
        order_class="" if order_class == "simple" else order_class,
        position_intent=body.get("position_intent"),
    )
    order.size = order.quantity or Decimal(0)
    return order


def check_terms(order: Order) -> None:
    """Refuse what no market and no account makes possible."""
    if order.quantity is None and order.notional is None:
        raise wrong_parameter("qty or notional is required")
    if order.quantity is not None and order.notional is not None:
        raise wrong_parameter("only one of qty or notional is accepted")
    _check_type(order)
    if order.asset.is_crypto:
        _check_crypto(order)
    else:
        _check_shares(order)
    for price in (order.limit, order.stop):
        check_price(order.asset, price)


def _check_type(order: Order) -> None:
    wanted, words = _WANTS[order.type]
    trails = [each for each in (order.trail_price, order.trail_percent) if each is not None]
    if len(trails) != (1 if "trail" in wanted else 0):
        raise wrong_parameter(words or f"{order.type} orders must not have a trail")
    for name, price in (("limit", order.limit), ("stop", order.stop)):
        if (name in wanted.split()) != (price is not None):
            raise wrong_parameter(
                words if price is None else f"{order.type} orders must not have {name} price"
            )


def check_price(asset: Asset, price: Decimal | None, name: str = "limit_price") -> None:
    """Refuse prices between the steps."""
    if price is not None and price != round(price, asset.price_decimals(price)):
        raise wrong_state(
            f"invalid {name} {text(price)}. sub-penny increment does not fulfill minimum pricing criteria"
        )


def _check_crypto(order: Order) -> None:
    if order.type not in CRYPTO_TYPES:
        raise wrong_state("invalid order type for crypto order")
    if order.time_in_force not in CRYPTO_TIMES:
        raise wrong_state("invalid crypto time_in_force")
    if order.order_class:
        raise wrong_state("crypto orders not allowed for advanced order_class: otoco")
    if order.extended_hours:
        raise wrong_state("extended hours is not allowed for crypto orders")
    quantity, asset = order.quantity, order.asset
    if quantity is not None and (quantity < asset.quantity_min or quantity % asset.quantity_step):
        raise wrong_state(f"qty must be >= {asset.quantity_min:f} and a multiple of {asset.quantity_step:f}")
    if order.notional is not None and order.notional < CRYPTO_COST_MIN:
        raise forbidden(f"cost basis must be >= minimal amount of order {CRYPTO_COST_MIN}")


def _check_shares(order: Order) -> None:
    limit_at_day = order.type == "limit" and order.time_in_force in {"day", "gtc"}
    if order.extended_hours and (not limit_at_day or order.order_class):
        raise wrong_state("extended hours order must be DAY or GTC limit orders")
    if order.type == "trailing_stop" and (order.time_in_force not in {"day", "gtc"} or order.order_class):
        raise wrong_state("trailing stop orders must be simple DAY or GTC orders")
    if order.time_in_force in {"opg", "cls"} and order.type not in {"market", "limit"}:
        raise wrong_state(f"{order.time_in_force} orders must be market or limit orders")
    if order.order_class and order.time_in_force not in {"day", "gtc"}:
        raise wrong_state(f"{order.order_class} orders must be DAY or GTC orders")
    if order.notional is not None or order.size != order.size.to_integral_value():
        _check_fraction(order)


def _check_fraction(order: Order) -> None:
    if not order.asset.fractionable:
        raise forbidden(f'asset "{order.asset.symbol}" is not fractionable')
    if order.order_class:
        raise wrong_state("fractional orders must be simple orders")
    if order.time_in_force != "day":
        raise wrong_state("fractional orders must be DAY orders")
    if order.size % order.asset.quantity_step:
        raise wrong_state("qty can have up to 9 decimals")


def check_stop(order: Order, touch: Touch) -> None:
    """Refuse a stop that the market has passed already."""
    bid, ask = touch
    market = ask if order.side == "buy" else bid
    if order.stop is None or market is None or order.type not in {"stop", "stop_limit"}:
        return
    if order.sign * (order.stop - market[0]) <= 0:
        word = "greater" if order.side == "buy" else "less"
        raise wrong_state(
            f"stop price must be {word} than current price",
            market_price=text(market[0]),
            stop_price=text(order.stop),
        )
