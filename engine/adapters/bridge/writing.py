"""What the desk wants, as messages to a gateway."""

from __future__ import annotations

from engine.adapters.bridge import protocol as p
from engine.model.instrument import Instrument
from engine.model.order import OrderRequest
from engine.model.trade import Side


def submit_message(request: OrderRequest, instrument: Instrument) -> p.Submit:
    """Return an order in decimals."""
    return p.Submit(
        client_id=request.client_id,
        symbol=request.symbol,
        side="buy" if request.side is Side.BUY else "sell",
        quantity=_size(instrument, request.quantity),
        order_type=request.type.value,
        limit=_price(instrument, request.limit),
        stop=_price(instrument, request.stop),
        trail=_price(instrument, request.trail),
        tif=request.tif.value,
        post_only=request.post_only,
        reduce_only=request.reduce_only,
        time_ns=request.created_ns,
    )


def amend_message(
    client_id: str, instrument: Instrument, quantity: int, limit: int | None, stop: int | None
) -> p.Amend:
    """Return new terms in decimals."""
    return p.Amend(
        client_id=client_id,
        quantity=_size(instrument, quantity),
        limit=_price(instrument, limit),
        stop=_price(instrument, stop),
    )


def _size(instrument: Instrument, units: int) -> str:
    return f"{instrument.size(units):f}"


def _price(instrument: Instrument, units: int | None) -> str | None:
    return None if units is None else f"{instrument.price(units):f}"
