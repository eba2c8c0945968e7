"""Headroom: how much of a rule is used before an order, and how much with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engine.clock import NS_PER_S
from engine.model.instrument import MICROS
from engine.model.order import OrderType
from engine.risk.bounds import PPM, UNLIMITED
from engine.risk.candidate import Candidate
from engine.risk.controls import account, firm

_PPM_PER_PERCENT = PPM / 100
_PPM_PER_BPS = PPM / 10_000


class Reading(NamedTuple):
    """What a gauge shows, in its unit; None where there is no such number."""

    before: float | None
    after: float | None
    limit: float | None
    unit: str


Gauge = Callable[[Candidate], Reading]


def _money(before: int | None, after: int | None, limit: int) -> Reading:
    return Reading(
        None if before is None else before / MICROS,
        None if after is None else after / MICROS,
        None if limit >= UNLIMITED else limit / MICROS,
        "money",
    )


def _sizes(candidate: Candidate, before: int | None, after: int, limit: int) -> Reading:
    scale = candidate.instrument.size_scale
    return Reading(
        None if before is None else before / scale,
        after / scale,
        None if limit >= UNLIMITED else limit / scale,
        "size",
    )


def size_min(candidate: Candidate) -> Reading:
    """Read the order's size against the smallest."""
    return _sizes(candidate, None, candidate.request.quantity, candidate.bounds.size_min)


def order_size(candidate: Candidate) -> Reading:
    """Read the order's size against the largest."""
    return _sizes(candidate, None, candidate.quantity, candidate.bounds.order_size_max)


def order_notional(candidate: Candidate) -> Reading:
    """Read the order's worth."""
    return _money(
        None, candidate.notional if candidate.unit_numerator else None, candidate.bounds.order_notional_max
    )


def reduce_only(candidate: Candidate) -> Reading:
    """Read how much may be closed; without a limit for orders that are not reduce-only."""
    room = candidate.reducing_room if candidate.request.reduce_only else UNLIMITED
    return _sizes(candidate, None, candidate.quantity, room)


def position_size(candidate: Candidate) -> Reading:
    """Read the worst-case position on the order's side."""
    before, after = max(0, candidate.side_before), max(0, candidate.side_worst)
    return _sizes(candidate, before, after, candidate.bounds.position_size_max)


def position_notional(candidate: Candidate) -> Reading:
    """Read the worth of the worst-case position on the order's side."""
    before, after = max(0, candidate.side_before), max(0, candidate.side_worst)
    limit = candidate.bounds.position_notional_max
    return _money(candidate.value(before), candidate.value(after), limit)


def gross(candidate: Candidate) -> Reading:
    """Read the account's worst-case gross exposure."""
    after = candidate.gross_after
    before = after - candidate.worst_value + candidate.value(candidate.worst_before)
    return _money(before, after, candidate.caps.gross)


def net(candidate: Candidate) -> Reading:
    """Read the account's worst-case net exposure on the order's side."""
    after = account.net_after(candidate)
    before = after - candidate.side_value + candidate.value(candidate.side_before)
    return _money(max(0, before), max(0, after), candidate.caps.net)


def firm_gross(candidate: Candidate) -> Reading:
    """Read the worst-case gross exposure of all desks."""
    after = firm.gross_after(candidate)
    before = after - candidate.worst_value + candidate.value(candidate.worst_before)
    return _money(before, after, candidate.bounds.firm_gross_max)


def firm_net(candidate: Candidate) -> Reading:
    """Read the worst-case net exposure of all desks on the order's side."""
    after = firm.net_after(candidate)
    before = after - candidate.side_value + candidate.value(candidate.side_before)
    return _money(max(0, before), max(0, after), candidate.bounds.firm_net_max)


def firm_symbol(candidate: Candidate) -> Reading:
    """Read the worth of the symbol's position of all desks on the order's side."""
    after = firm.symbol_after(candidate)
    before = after - candidate.side_value + candidate.value(candidate.side_before)
    return _money(max(0, before), max(0, after), candidate.bounds.firm_symbol_max)


def concentration(candidate: Candidate) -> Reading:
    """Read the symbol's worst-case share of equity, in percent."""
    equity = candidate.inputs.account.equity_micros
    limit = candidate.inputs.account_bounds.concentration_ppm / _PPM_PER_PERCENT
    if equity <= 0:
        return Reading(None, None, limit, "percent")
    before = 100 * candidate.value(max(0, candidate.side_before)) / equity
    return Reading(before, 100 * candidate.value(max(0, candidate.side_worst)) / equity, limit, "percent")


def buying_power(candidate: Candidate) -> Reading:
    """Read what working orders and this one take of the buying power."""
    left = account.buying_power_after(candidate)
    needed = candidate.worst_value - candidate.value(candidate.worst_before)
    limit = candidate.caps.leverage
    return _money(limit - left - needed, limit - left, limit)


def day_loss(candidate: Candidate) -> Reading:
    """Read the day's loss against the limit beyond which orders may only reduce."""
    lost = max(0, -candidate.inputs.account.day_pnl_micros)
    start = candidate.inputs.account.day_start_equity_micros
    return _money(lost, lost, candidate.inputs.account_bounds.day_loss_soft_ppm * start // PPM)


def drawdown(candidate: Candidate) -> Reading:
    """Read the loss from the highest equity, in percent."""
    peak, equity = candidate.inputs.account.equity_peak_micros, candidate.inputs.account.equity_micros
    lost = 100 * (peak - equity) / peak if peak > 0 else 0.0
    return Reading(lost, lost, candidate.inputs.account_bounds.drawdown_ppm / _PPM_PER_PERCENT, "percent")


def order_rate(candidate: Candidate) -> Reading:
    """Read the orders of the last second."""
    sent = float(candidate.inputs.orders.last_second(candidate.now_ns))
    return Reading(sent, sent + 1, float(candidate.inputs.account_bounds.order_rate), "per_s")


def open_orders(candidate: Candidate) -> Reading:
    """Read the number of open orders."""
    count = float(len(candidate.inputs.working))
    more = 0 if candidate.amends is not None else 1
    return Reading(count, count + more, float(candidate.inputs.account_bounds.open_orders_max), "count")


def quote_age(candidate: Candidate) -> Reading:
    """Read the quote's age in seconds."""
    limit_ns = candidate.state.quote_age_max_ns
    if not candidate.state.has_quote:
        return Reading(None, None, limit_ns / NS_PER_S if limit_ns else None, "s")
    age = max(0, candidate.state.age_ns(candidate.now_ns)) / NS_PER_S
    return Reading(age, age, limit_ns / NS_PER_S if limit_ns else None, "s")


def spread(candidate: Candidate) -> Reading:
    """Read the spread in basis points; only market orders are bound by it."""
    state, bound = candidate.state, candidate.bounds.spread_max_ppm
    bound_to = candidate.request.type is OrderType.MARKET and bound < UNLIMITED
    limit = bound / _PPM_PER_BPS if bound_to else None
    if not state.has_quote:
        return Reading(None, None, limit, "bps")
    width = 20_000 * (state.ask - state.bid) / (state.ask + state.bid)
    return Reading(width, width, limit, "bps")


def collar(candidate: Candidate) -> Reading:
    """Read how far the limit price is from the market in basis points, positive where it pays up."""
    limit, twice = candidate.request.limit, candidate.twice_reference
    bound = candidate.bounds.collar_ppm
    shown = bound / _PPM_PER_BPS if bound < UNLIMITED else None
    if limit is None or not twice:
        return Reading(None, None, shown, "bps")
    worse = 2 * limit - twice if candidate.buying else twice - 2 * limit
    return Reading(None, 10_000 * worse / twice, shown, "bps")
