"""Do the order's terms make sense together?"""

from __future__ import annotations

from typing import Final

from engine.messages.events import Denial
from engine.model.abilities import A_TYPE
from engine.model.order import Order, OrderType
from engine.risk import words
from engine.risk.bounds import PPM
from engine.risk.candidate import Candidate

_MARKET: Final = OrderType.MARKET
_LIMIT: Final = OrderType.LIMIT
_STOP_LIMIT: Final = OrderType.STOP_LIMIT
_PRICES_NEEDED: dict[OrderType, tuple[str, ...]] = {
    OrderType.MARKET: (),
    OrderType.LIMIT: ("limit",),
    OrderType.STOP: ("stop",),
    OrderType.STOP_LIMIT: ("limit", "stop"),
    OrderType.TRAILING: ("trail",),
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
                return Denial("prices", f"{A_TYPE[request.type]} needs a positive {name} price")
        elif price is not None:
            return Denial("prices", f"{A_TYPE[request.type]} takes no {name} price")
    return None


def taken(candidate: Candidate) -> Denial | None:
    """Refuse what the broker does not take: a type, its time in force, post-only, the stop to come, new terms."""
    request, abilities = candidate.request, candidate.abilities
    if candidate.amends is not None:
        return _amendment(candidate, candidate.amends)
    times = abilities.types.get(request.type)
    if times is not None and request.tif in times and request.plan is None and not request.post_only:
        return None
    for rule, reason in (
        ("order_type", abilities.type_objection(request.type)),
        ("order_type", abilities.plan_objection(request.plan)),
        ("time_in_force", abilities.time_objection(request.type, request.tif)),
        ("post_only", abilities.post_only_objection(request)),
    ):
        if reason:
            return Denial(rule, reason)
    return None


def _amendment(candidate: Candidate, order: Order) -> Denial | None:
    """Refuse new terms that the broker does not give a working order; its type was taken once."""
    request = candidate.request
    reason = candidate.abilities.amend_objection(
        prices_change=request.limit != order.limit or request.stop != order.stop,
        grows=request.quantity > order.quantity,
    )
    return Denial("amendment", reason) if reason else None


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
