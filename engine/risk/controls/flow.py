"""Are there too many orders, twice the same one, or one against ourselves?"""

from __future__ import annotations

from typing import Final

from engine.clock import NS_PER_MS, NS_PER_S
from engine.messages.events import Denial
from engine.model.order import Order, OrderStatus, OrderType
from engine.risk import words
from engine.risk.bounds import PPM
from engine.risk.candidate import Candidate

_PENDING_CANCEL: Final = OrderStatus.PENDING_CANCEL
_WAITING_TYPES: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING})


def order_rate(candidate: Candidate) -> Denial | None:
    """Refuse, never queue, what exceeds the rate; new orders and amendments have a bucket each."""
    inputs = candidate.inputs
    throttle = inputs.orders if candidate.amends is None else inputs.amends
    if throttle.full_ns <= candidate.now_ns or throttle.admits(candidate.now_ns):
        return None
    bounds = candidate.inputs.account_bounds
    rate = bounds.order_rate if candidate.amends is None else bounds.amend_rate
    wait_ms = throttle.wait_ns(candidate.now_ns) / NS_PER_MS
    what = "orders" if candidate.amends is None else "amendments"
    sent = throttle.last_second(candidate.now_ns)
    return Denial(
        f"{'order' if candidate.amends is None else 'amend'}_rate",
        f"{sent} {what} in the last second, limit {rate:f} a second: next in {wait_ms:,.0f} ms",
    )


def open_orders(candidate: Candidate) -> Denial | None:
    """Refuse one open order too many, in all and in one symbol; exits pass."""
    if candidate.amends is not None or candidate.reduces:
        return None
    inputs, limit = candidate.inputs, candidate.inputs.account_bounds.open_orders_max
    after = len(inputs.working) + 1
    if after > limit:
        return Denial("open_orders", f"open orders would be {after:,}, limit {limit:,}")
    after, limit = candidate.symbol_orders + 1, candidate.bounds.open_orders_max
    if after > limit:
        return Denial(
            "open_orders", f"open orders in {candidate.request.symbol} would be {after:,}, limit {limit:,}"
        )
    return None


def duplicate(candidate: Candidate) -> Denial | None:
    """Refuse the same order again within a moment; a reduce-only one can't do harm twice and passes."""
    window_ns, request = candidate.bounds.duplicate_window_ns, candidate.request
    recent = candidate.inputs.recent
    if (
        candidate.now_ns - recent.latest_ns >= window_ns
        or candidate.amends is not None
        or request.reduce_only
    ):
        return None
    age_ns = recent.age_ns(request, candidate.now_ns, window_ns)
    if age_ns is None:
        return None
    return Denial(
        "duplicate_order",
        f"the same order was sent {age_ns / NS_PER_S:.2f} s ago, limit one in {window_ns / NS_PER_S:g} s",
    )


def self_trade(candidate: Candidate) -> Denial | None:
    """Refuse what would meet an order of our own at a crossing price."""
    if not candidate.opposite_working or _waits(candidate):
        return None
    for order in candidate.inputs.working.of(candidate.request.symbol):
        if order.client_id == candidate.request.parent:
            continue  # an exit is sized by what its entry has filled, and both are wanted
        if order.side is not candidate.request.side and _crosses(candidate, order):
            return _self_denial(candidate, order)
    return None


def _waits(candidate: Candidate) -> bool:
    amends = candidate.amends
    return candidate.request.type in _WAITING_TYPES and (amends is None or not amends.triggered)


def _crosses(candidate: Candidate, order: Order) -> bool:
    if order.request.type in _WAITING_TYPES and not order.triggered:
        return False
    if candidate.reduces and order.status is _PENDING_CANCEL:
        return False  # an exit does not wait for its own cancels
    if order.limit is None:
        return True
    ours = _reach(candidate)
    return order.limit <= ours if candidate.buying else order.limit >= ours


def _reach(candidate: Candidate) -> int:
    """Return how far the order may trade: its limit, and without one, as far as the collar."""
    if candidate.request.limit is not None or candidate.buying:
        return candidate.request.limit or candidate.price
    collar_ppm = min(candidate.bounds.collar_ppm, PPM)
    return candidate.price - candidate.price * collar_ppm // PPM


def _self_denial(candidate: Candidate, order: Order) -> Denial:
    instrument = candidate.instrument
    side = "sell" if candidate.buying else "buy"
    at = f"at {words.price(instrument, order.limit)}" if order.limit is not None else "at market"
    ours = words.price(instrument, _reach(candidate))
    return Denial("self_trade", f"price {ours} would meet our own {side} #{order.request.number} {at}")
