"""What the desk wants, as parameters of requests to Binance: money and sizes are texts without an exponent."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from engine.model.instrument import Instrument
from engine.model.order import OrderRequest, OrderType, TimeInForce
from engine.model.trade import Side

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,36}")
_TYPES: Final = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP: "STOP_LOSS",
    OrderType.STOP_LIMIT: "STOP_LOSS_LIMIT",
}
_TIMES: Final = {TimeInForce.GTC: "GTC", TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}
_LIMITED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})


def objection(request: OrderRequest) -> str:
    """Say what of an order Binance has no word for, or this adapter does not offer; empty for one that can be written."""
    if _ID.fullmatch(request.client_id) is None:
        return "Binance takes ids of 1 to 36 letters, digits, - and _"
    if request.type not in _TYPES:
        return "trailing stops at Binance are not offered; use a stop"
    if request.post_only and (request.type is not OrderType.LIMIT or request.tif in _AT_ONCE):
        return "at Binance only limit orders that stay can be post-only"
    is_limited = request.type in _LIMITED
    if is_limited and request.tif not in _TIMES:
        return "Binance has no orders for the day; use GTC, IOC or FOK"
    if is_limited and request.limit is None:
        return "a limit order needs a price"
    if request.type in {OrderType.STOP, OrderType.STOP_LIMIT} and request.stop is None:
        return "a stop needs a price"
    return ""


def order_terms(request: OrderRequest, instrument: Instrument) -> dict[str, str]:
    """Return a new order; a limit order that is post-only has a type of its own, and no time in force."""
    is_limited = request.type in _LIMITED
    return _only(
        symbol=str(request.symbol),
        side="BUY" if request.side is Side.BUY else "SELL",
        type="LIMIT_MAKER" if request.post_only else _TYPES[request.type],
        timeInForce=_TIMES[request.tif] if is_limited and not request.post_only else None,
        quantity=_text(instrument.size(request.quantity)),
        price=_price(instrument, request.limit) if is_limited else None,
        stopPrice=_price(instrument, request.stop),
        newClientOrderId=request.client_id,
        newOrderRespType="ACK",
    )


def smaller_terms(symbol: str, order_id: int, name: str, quantity: Decimal) -> dict[str, str]:
    """Return what makes an order smaller where it is: it keeps its place, and its id if that is given."""
    return _only(symbol=symbol, orderId=str(order_id), newClientOrderId=name or None, newQty=_text(quantity))


def _only(**fields: str | None) -> dict[str, str]:
    return {name: text for name, text in fields.items() if text is not None}


def _price(instrument: Instrument, units: int | None) -> str | None:
    return None if units is None else _text(instrument.price(units))


def _text(value: Decimal) -> str:
    """Write a number without an exponent and without zeros at its end: the venue counts decimals."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_AT_ONCE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})
