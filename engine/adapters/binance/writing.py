"""What the desk wants, as parameters of requests to Binance: money and sizes are texts without an exponent."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
_STOPPED: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
_LIMITED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})


def objection(request: OrderRequest) -> str:
    """Say what of an order that Binance takes can't be written; empty for one that can."""
    return next(_objections(request), "")


def _objections(request: OrderRequest) -> Iterator[str]:
    if _ID.fullmatch(request.client_id) is None:
        yield "Binance takes ids of 1 to 36 letters, digits, - and _"
    if request.type in _LIMITED and request.limit is None:
        yield "a limit order needs a price"
    if request.type in _STOPPED and request.stop is None:
        yield "a stop needs a price"


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


def pair_terms(stop: OrderRequest, target: OrderRequest, instrument: Instrument) -> dict[str, str]:
    """Return a stop and a target as one list: the one above the market and the one below it."""
    is_above = target.side is Side.SELL
    above, below = ("above", "below") if is_above else ("below", "above")
    limited = stop.type is OrderType.STOP_LIMIT
    return _only(
        symbol=str(stop.symbol),
        listClientOrderId=stop.group,
        side="BUY" if stop.side is Side.BUY else "SELL",
        quantity=_text(instrument.size(stop.quantity)),
        newOrderRespType="ACK",
        **{
            f"{above}Type": "LIMIT_MAKER",
            f"{above}ClientOrderId": target.client_id,
            f"{above}Price": _price(instrument, target.limit),
            f"{below}Type": _TYPES[stop.type],
            f"{below}ClientOrderId": stop.client_id,
            f"{below}StopPrice": _price(instrument, stop.stop),
            f"{below}Price": _price(instrument, stop.limit) if limited else None,
            f"{below}TimeInForce": _TIMES[stop.tif] if limited else None,
        },
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
