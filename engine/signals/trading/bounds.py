"""A model's own limits, beside those of the account: what each says, and why an order would break one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from msgspec import Struct

from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.model.text import clean
from engine.settings.signals import SignalLimits

_MICROS = 1_000_000
_ORDERS_A_DAY_MAX = 10_000
_DAY_S = 86_400


class Bounds(Struct, frozen=True, gc=False):
    """The limits of one model, checked."""

    quantity: Decimal
    position: Decimal
    orders_a_day: int
    loss_micros: int
    """In millionths of the account's currency."""
    cooldown_ns: int
    edge_bps_min: float


def bounds_of(model: str, limits: SignalLimits) -> Bounds:
    """Return what a table says.

    Raises:
        ConfigError: a limit is none.
    """
    where = f"signals, {model}: limits"
    quantity = _decimal(f"{where}: quantity", limits.quantity)
    position = _decimal(f"{where}: position", limits.position) or quantity
    if position < quantity:
        raise ConfigError(f"{where}: position: expected at least one order's {quantity}, found {position}")
    if not 1 <= limits.orders_a_day <= _ORDERS_A_DAY_MAX:
        raise ConfigError(
            f"{where}: orders_a_day: expected 1 to {_ORDERS_A_DAY_MAX}, found {limits.orders_a_day}"
        )
    if not 0 <= limits.cooldown_s <= _DAY_S:
        raise ConfigError(f"{where}: cooldown_s: expected 0 to {_DAY_S}, found {limits.cooldown_s}")
    if not 0 <= limits.edge_bps_min < 10_000:
        raise ConfigError(
            f"{where}: edge_bps_min: expected 0 or more and less than 10000, found {limits.edge_bps_min}"
        )
    return Bounds(
        quantity=quantity,
        position=position,
        orders_a_day=limits.orders_a_day,
        loss_micros=int(_decimal(f"{where}: loss_a_day", limits.loss_a_day) * _MICROS),
        cooldown_ns=int(limits.cooldown_s * NS_PER_S),
        edge_bps_min=limits.edge_bps_min,
    )


def _decimal(where: str, text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 <= found < 10**12:
        raise ConfigError(f"{where}: expected a decimal of 0 or more, found {clean(text, 32)!r}")
    return found


class Standing(Struct, frozen=True, gc=False):
    """How a model stands in one symbol as an order is wanted."""

    orders_today: int
    """Of its kind: those that follow a signal, or those that end what is over."""
    since_order_ns: int | None
    """How long ago its last order there was sent; None for never."""
    is_working: bool
    """Whether an order of its own is still open there."""
    held: int
    """What it holds there, in size units, signed."""
    account: int
    """What the account holds there: orders that ended days ago are out of sight, and what they left is not."""
    wanted: int
    """The size of the order, signed."""
    position_max: int
    """In size units."""


def why_waits(bounds: Bounds, now: Standing) -> str:
    """Return why no order at all leaves now; empty where one may."""
    if now.orders_today >= bounds.orders_a_day:
        return f"it sent {now.orders_today} orders today, which is its limit"
    if now.is_working:
        return "an order of its own is still open there"
    if now.since_order_ns is not None and now.since_order_ns < bounds.cooldown_ns:
        left_s = (bounds.cooldown_ns - now.since_order_ns) / NS_PER_S
        return f"it waits {left_s:.0f} s more after its last order there"
    return ""


def why_over(bounds: Bounds, now: Standing) -> str:
    """Return which limit an order would break; empty for none."""
    if waits := why_waits(bounds, now):
        return waits
    for who, held in (("it", now.held), ("the account", now.account)):
        after = held + now.wanted
        if abs(after) > now.position_max and abs(after) > abs(held):
            return f"{who} would hold more than its {bounds.position.normalize():f} there"
    return ""


def why_lost(bounds: Bounds, day_micros: int, currency: str) -> str:
    """Return that a day's loss is too large; empty where it is not. The first loss is, where the limit is 0."""
    if -day_micros <= bounds.loss_micros or day_micros >= 0:
        return ""
    lost, limit = -day_micros / _MICROS, bounds.loss_micros / _MICROS
    return f"its own orders lost {lost:,.2f} {currency} today; its limit is {limit:,.2f}"
