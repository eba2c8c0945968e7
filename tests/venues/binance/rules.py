"""What an order must keep to: the parameters of its type, and the filters of its pair."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.venues.binance.orders import LIMITS, STOPS
from tests.venues.binance.refused import Refused
from tests.venues.binance.stock import Pair
from tests.venues.price_time import ZERO

TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET", *STOPS)
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,36}")
_LEG = {
    "Type": "type",
    "ClientOrderId": "newClientOrderId",
    "Price": "price",
    "StopPrice": "stopPrice",
    "TimeInForce": "timeInForce",
}
_MANDATORY = {
    "LIMIT": ("timeInForce", "quantity", "price"),
    "LIMIT_MAKER": ("quantity", "price"),
    "MARKET": ("quantity",),
    "STOP_LOSS": ("quantity", "stopPrice"),
    "STOP_LOSS_LIMIT": ("timeInForce", "quantity", "price", "stopPrice"),
}


def check_words(told: Mapping[str, str]) -> None:
    """Refuse words that there are not, and what is missing."""
    if told.get("side") not in {"BUY", "SELL"}:
        raise Refused(-1117, "Invalid side.")
    if told.get("type") not in TYPES:
        raise Refused(-1116, "Invalid orderType.")
    for needed in _MANDATORY[told["type"]]:
        if not told.get(needed):
            raise Refused(
                -1102, f"Mandatory parameter '{needed}' was not sent, was empty/null, or malformed."
            )
    if "timeInForce" in told and "timeInForce" not in _MANDATORY[told["type"]]:
        raise Refused(-1106, "Parameter 'timeInForce' sent when not required.")
    if "timeInForce" in told and told["timeInForce"] not in {"GTC", "IOC", "FOK"}:
        raise Refused(-1115, "Invalid timeInForce.")
    name = told.get("newClientOrderId")
    if name is not None and not _NAME.fullmatch(name):
        raise Refused(-1100, "Illegal characters found in parameter 'newClientOrderId'.")


def legs(told: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the two orders that a list asks for: the one above the market, then the one below it."""
    shared = {name: told[name] for name in ("symbol", "side", "quantity") if name in told}
    return [
        shared | {word: told[side + name] for name, word in _LEG.items() if told.get(side + name)}
        for side in ("above", "below")
    ]


def number(told: Mapping[str, str], name: str) -> Decimal:
    """Return a number with at most eight decimals, 0 for none."""
    try:
        value = Decimal(told.get(name, "0"))
    except InvalidOperation:
        raise Refused(-1100, f"Illegal characters found in parameter '{name}'.") from None
    if value < 0 or not value.is_finite():
        raise Refused(-1100, f"Illegal characters found in parameter '{name}'.")
    if -int(value.as_tuple().exponent) > 8:
        raise Refused(-1111, "Parameter has too much precision.")
    return value


def check_filters(pair: Pair, kind: str, quantity: Decimal, price: Decimal, stop: Decimal) -> None:
    """Refuse what does not pass the filters."""
    rules: dict[str, dict[str, Any]] = {each["filterType"]: each for each in pair.json()["filters"]}
    prices = [each for each in (price if kind in LIMITS else ZERO, stop if kind in STOPS else ZERO) if each]
    for each in prices:
        _check(rules["PRICE_FILTER"], "Price", "tickSize", each, "PRICE_FILTER")
    _check(rules["LOT_SIZE"], "Qty", "stepSize", quantity, "LOT_SIZE")
    if kind == "MARKET":
        _check(rules["MARKET_LOT_SIZE"], "Qty", "stepSize", quantity, "MARKET_LOT_SIZE")
    if kind in LIMITS and price * quantity < Decimal(rules["NOTIONAL"]["minNotional"]):
        raise Refused(-1013, "Filter failure: NOTIONAL")


def _check(rule: Mapping[str, Any], what: str, step_name: str, value: Decimal, name: str) -> None:
    least, most, step = (Decimal(rule[each]) for each in (f"min{what}", f"max{what}", step_name))
    if (least and value < least) or (most and value > most) or (step and value % step) or value <= 0:
        raise Refused(-1013, f"Filter failure: {name}")
