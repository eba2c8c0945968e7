"""Do the order's terms make sense together?"""

from __future__ import annotations

from typing import Final

from engine.messages.events import Denial
from engine.model.order import OrderType, TimeInForce
from engine.risk import words
from engine.risk.bounds import PPM
from engine.risk.candidate import Candidate

_MARKET: Final = OrderType.MARKET
_LIMIT: Final = OrderType.LIMIT
_STOP_LIMIT: Final = OrderType.STOP_LIMIT
_DAY: Final = TimeInForce.DAY
_IMMEDIATE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})

_TIF_ALLOWED: dict[OrderType, frozenset[TimeInForce]] = {
    OrderType.MARKET: frozenset({TimeInForce.DAY, *_IMMEDIATE}),
    OrderType.LIMIT: frozenset(TimeInForce),
    OrderType.STOP: frozenset({TimeInForce.DAY, TimeInForce.GTC}),
    OrderType.STOP_LIMIT: frozenset({TimeInForce.DAY, TimeInForce.GTC}),
    OrderType.TRAILING: frozenset({TimeInForce.DAY, TimeInForce.GTC}),
}
_PRICES_NEEDED: dict[OrderType, tuple[str, ...]] = {
    OrderType.MARKET: (),
    OrderType.LIMIT: ("limit",),
    OrderType.STOP: ("stop",),
    OrderType.STOP_LIMIT: ("limit", "stop"),
    OrderType.TRAILING: ("trail",),
}
_NAMES: Final = {
    OrderType.MARKET: "a market order",
    OrderType.LIMIT: "a limit order",
    OrderType.STOP: "a stop order",
    OrderType.STOP_LIMIT: "a stop-limit order",
    OrderType.TRAILING: "a trailing stop",
}


def prices_present(candidate: Candidate) -> Denial | None:
    """Refuse an order that lacks a price its type needs, or has one that its type has no use for."""
    request = candidate.request
    if request.stop is None and request.trail is None:
        limit = request.limit
        plain = _MARKET if limit is None else _LIMIT
        if request.type is plain and (limit is None or limit > 0):
            return None
    needed = _PRICES_NEEDED[request.type]
    for name, price in (("limit", request.limit), ("stop", request.stop), ("trail", request.trail)):
        if name in needed:
            if price is None or price <= 0:
                return Denial("prices", f"{_NAMES[request.type]} needs a positive {name} price")
        elif price is not None:
            return Denial("prices", f"{_NAMES[request.type]} takes no {name} price")
    return None


def time_in_force(candidate: Candidate) -> Denial | None:
    """Refuse combinations of type, time in force and post-only that no venue takes."""
    request = candidate.request
    if request.tif not in _TIF_ALLOWED[request.type]:
        return Denial("time_in_force", f"{_NAMES[request.type]} can't be {request.tif.upper()}")
    if request.post_only and (request.type is not _LIMIT or request.tif in _IMMEDIATE):
        return Denial("post_only", "only a limit order that may rest can be post-only")
    return None


def stop_side(candidate: Candidate) -> Denial | None:
    """Refuse a stop that the market has already reached: a buy stop lies above it, a sell stop below."""
    stop, twice_reference = candidate.request.stop, candidate.twice_reference
    if stop is None or not twice_reference:
        return None
    if (2 * stop > twice_reference) if candidate.buying else (2 * stop < twice_reference):
        return None
    instrument = candidate.instrument
    side, where = ("buy", "above") if candidate.buying else ("sell", "below")
    return Denial(
        "stop_side",
        f"{side} stop {words.price(instrument, stop)} must lie {where} the market at "
        f"{words.price(instrument, twice_reference // 2)}",
    )


def stop_limit(candidate: Candidate) -> Denial | None:
    """Refuse a stop-limit whose limit lies on the wrong side of its stop, or past the collar from it."""
    request = candidate.request
    if request.type is not _STOP_LIMIT or request.limit is None or not request.stop:
        return None
    stop, instrument = request.stop, candidate.instrument
    beyond = request.limit - stop if candidate.buying else stop - request.limit
    if beyond < 0:
        side = "below" if candidate.buying else "above"
        text = f"limit {words.price(instrument, request.limit)} lies {side} the stop {words.price(instrument, stop)}"
    elif beyond * PPM > candidate.bounds.collar_ppm * stop:
        text = (
            f"limit is {words.percent(beyond * PPM / stop)} past the stop, "
            f"limit {words.percent(candidate.bounds.collar_ppm)}"
        )
    else:
        return None
    return Denial("stop_limit", text)
