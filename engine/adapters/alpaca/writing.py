"""What the desk wants, as the bodies of requests to Alpaca: money and sizes are texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from engine.adapters.alpaca import messages as m
from engine.model.instrument import AssetClass, Instrument
from engine.model.order import OrderRequest, OrderType, TimeInForce
from engine.model.trade import Side

_TYPES: Final = {OrderType.TRAILING: "trailing_stop"}


def order_body(request: OrderRequest, instrument: Instrument) -> bytes:
    """Return a new order."""
    return _body(**_order(request, instrument))


def pair_body(stop: OrderRequest, target: OrderRequest, instrument: Instrument) -> bytes:
    """Return a stop and a target as one order: it has the target's id, and the stop is its leg."""
    fields = _order(target, instrument) | {"order_class": m.OCO, "limit_price": None}
    profit = {"limit_price": _price(instrument, target.limit)}
    loss = {"stop_price": _price(instrument, stop.stop), "limit_price": _price(instrument, stop.limit)}
    return _body(**fields, take_profit=_told(profit), stop_loss=_told(loss))


def _time(request: OrderRequest, instrument: Instrument) -> str:
    """Return a time in force: the market of coins has no days, and a market order of coins must say another."""
    has_days = instrument.asset_class is not AssetClass.CRYPTO
    return TimeInForce.GTC if request.tif is TimeInForce.DAY and not has_days else request.tif


def terms_body(
    name: str, instrument: Instrument, quantity: int, limit: int | None, stop: int | None
) -> bytes:
    """Return new terms: `quantity` is all that the order which takes the other's place is to trade itself."""
    return _body(
        client_order_id=name,
        qty=_text(instrument.size(quantity)),
        limit_price=_price(instrument, limit),
        stop_price=_price(instrument, stop),
    )


def _order(request: OrderRequest, instrument: Instrument) -> dict[str, str | None]:
    return {
        "client_order_id": request.client_id,
        "symbol": str(request.symbol),
        "side": "buy" if request.side is Side.BUY else "sell",
        "qty": _text(instrument.size(request.quantity)),
        "type": _TYPES.get(request.type, request.type.value),
        "time_in_force": _time(request, instrument),
        "limit_price": _price(instrument, request.limit),
        "stop_price": _price(instrument, request.stop),
        "trail_price": _price(instrument, request.trail),
    }


def _body(**fields: str | dict[str, str] | None) -> bytes:
    return msgspec.json.encode({name: told for name, told in fields.items() if told is not None})


def _told(fields: dict[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in fields.items() if text is not None}


def _price(instrument: Instrument, units: int | None) -> str | None:
    return None if units is None else _text(instrument.price(units))


def _text(value: Decimal) -> str:
    """Write a number without an exponent and without zeros at its end: the venue counts decimals."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
