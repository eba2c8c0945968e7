"""Where an entry is to be left, typed as prices or as distances from it, to an exit plan."""

from __future__ import annotations

from fractions import Fraction

from msgspec import Struct

from engine.messages.views import QuoteView
from engine.model.instrument import Instrument
from engine.model.order import ExitPlan
from engine.model.trade import Side
from terminal.format import figures
from terminal.orderline.describe import level_word
from terminal.orderline.errors import ResolveError
from terminal.orderline.lines import Goal, Limit, Multiple, Offset, OrderLine, Protection, Trail
from terminal.orderline.pricing import limit_units, on_tick, stepped, stop_units, trail_units


class Entry(Struct, frozen=True):
    """What the exits are measured from."""

    instrument: Instrument
    quote: QuoteView | None
    side: Side
    price: int | None
    """In price units; None while the market has none."""
    market: int | None
    """Where it would fill at once, in price units; None for an order that waits for its price."""

    @property
    def exit_side(self) -> Side:
        """Which way its exits trade."""
        return Side.SELL if self.side is Side.BUY else Side.BUY

    def gain(self, price: int, since: int) -> int:
        """Return what a price gains on another, per unit; negative where it loses."""
        return (price - since) * int(self.side)


def exit_plan(line: OrderLine, entry: Entry) -> ExitPlan | None:
    """Return how an order is to be left, None when it does not say.

    Raises:
        ResolveError: a price is off the ticks or on the wrong side, or there is none to measure from.
    """
    if line.protection is None and line.goal is None:
        return None
    if not entry.price:
        symbol = entry.instrument.symbol
        raise ResolveError(f"{symbol} has no price yet to measure sl= and tp= from: type a price")
    stop = trail = target = None
    if isinstance(line.protection, Trail):
        trail = _trail(line.protection, entry, entry.price)
    elif line.protection is not None:
        stop = _stop(line.protection, entry, entry.price)
    plan = ExitPlan(stop=stop, trail=trail)
    if line.goal is not None:
        target = _target(line.goal, entry, entry.price, stop_distance(plan, entry.price) or 0)
    return ExitPlan(stop=stop, trail=trail, target=target)


def stop_distance(plan: ExitPlan | None, entry: int | None) -> int | None:
    """Return how far a plan's stop is from the entry's price, in price units; None without a stop."""
    if plan is None or entry is None:
        return None
    return plan.trail if plan.stop is None else abs(entry - plan.stop)


def _trail(trail: Trail, entry: Entry, price: int) -> int:
    distance = trail_units(trail, entry.instrument, price)
    if distance >= price:
        raise ResolveError(f"sl={level_word(trail)} is farther than the price goes: {_price(entry, price)}")
    return distance


def _stop(level: Limit | Offset, entry: Entry, price: int) -> int:
    instrument = entry.instrument
    if isinstance(level, Offset):
        stop = stepped(price, level, instrument, round_up=entry.exit_side is Side.BUY)
    else:
        stop = stop_units(level, instrument, entry.quote, entry.exit_side)
    if entry.gain(stop, price) >= 0:
        raise ResolveError(_wrong_side("sl", level, entry, stop))
    if entry.market and entry.gain(stop, entry.market) >= 0:
        raise ResolveError(
            f"the market is at {_price(entry, entry.market)}: a stop at {_price(entry, stop)} goes off at once"
        )
    return stop


def _target(goal: Goal, entry: Entry, price: int, distance: int) -> int:
    instrument, round_up = entry.instrument, entry.exit_side is Side.SELL
    if isinstance(goal, Multiple):
        far = price + Fraction(goal.amount) * distance * int(entry.side)
        return on_tick(far, instrument, round_up=round_up)
    if isinstance(goal, Offset):
        target = stepped(price, goal, instrument, round_up=round_up)
    else:
        target = limit_units(goal, instrument, entry.quote, entry.exit_side)
    if entry.gain(target, price) <= 0:
        raise ResolveError(_wrong_side("tp", goal, entry, target))
    return target


def _wrong_side(key: str, level: Protection | Goal, entry: Entry, found: int) -> str:
    """Say which side was meant: a stop loses, a target gains."""
    assert entry.price is not None
    what = "stop" if key == "sl" else "target"
    below = (key == "sl") is (entry.side is Side.BUY)
    where = "below" if below else "above"
    order = "buy" if entry.side is Side.BUY else "sale"
    sentence = f"the {what} of a {order} stands {where} its entry {_price(entry, entry.price)}"
    if isinstance(level, Offset):
        turned = level_word(Offset(-level.amount, level.unit))
        return f"{sentence}: did you mean {key}={turned}?"
    return f"{sentence}, not at {_price(entry, found)}"


def _price(entry: Entry, units: int) -> str:
    return figures(entry.instrument).price(units)
