"""What the desk wants, as orders of the library."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from engine.model.instrument import Instrument
from engine.model.order import OrderRequest, OrderType, TimeInForce
from engine.model.trade import Side

_TYPES: Final = {
    OrderType.MARKET: "MKT",
    OrderType.LIMIT: "LMT",
    OrderType.STOP: "STP",
    OrderType.STOP_LIMIT: "STP LMT",
    OrderType.TRAILING: "TRAIL",
}
_TIMES: Final = {
    TimeInForce.DAY: "DAY",
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
}
_KEPT: Final = (
    "action",
    "orderType",
    "lmtPrice",
    "auxPrice",
    "trailStopPrice",
    "tif",
    "account",
    "orderRef",
    "outsideRth",
    "ocaGroup",
    "ocaType",
    "parentId",
    "goodAfterTime",
    "goodTillDate",
)
"""What is said again of an order that gets other terms."""


def order_for(request: OrderRequest, instrument: Instrument, account: str) -> Any:
    """Return a new order; it carries our id as its reference."""
    from ib_async import Order  # noqa: PLC0415  # an extra

    order = Order(
        action="BUY" if request.side is Side.BUY else "SELL",
        totalQuantity=_number(instrument.size(request.quantity)),
        orderType=_TYPES[request.type],
        tif=_TIMES[request.tif],
        account=account,
        orderRef=request.client_id,
    )
    if request.limit is not None:
        order.lmtPrice = _number(instrument.price(request.limit))
    away = request.trail if request.type is OrderType.TRAILING else request.stop
    if away is not None:
        order.auxPrice = _number(instrument.price(away))
    return order


def order_with(order: Any, instrument: Instrument, quantity: int, limit: int | None, stop: int | None) -> Any:
    """Return an order as it was told, with other terms; what a gateway fills in by itself it would not take back."""
    changed = type(order)()
    for name in _KEPT:
        setattr(changed, name, getattr(order, name))
    changed.totalQuantity = _number(instrument.size(quantity))
    if limit is not None:
        changed.lmtPrice = _number(instrument.price(limit))
    if stop is not None:
        changed.auxPrice = _number(instrument.price(stop))
    return changed


def _number(value: Decimal) -> int | float:
    """Return a number that the library writes without an exponent."""
    return int(value) if value == value.to_integral_value() else float(value)
