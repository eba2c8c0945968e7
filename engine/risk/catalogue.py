"""Every rule there is, in the order in which reasons are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engine.model.instrument import Instrument
from engine.model.order import OrderType
from engine.risk import gauges
from engine.risk.bounds import UNLIMITED, Bounds
from engine.risk.controls import account, firm, flow, instrument, permission, quote, size, terms
from engine.risk.listing import Control, Plan


class Rule(NamedTuple):
    """One control, what to call it, and how to show its headroom."""

    name: str
    label: str
    control: Control
    gauge: gauges.Gauge | None = None
    types: frozenset[OrderType] = frozenset(OrderType)
    """The order types it concerns."""
    idle: Callable[[Instrument, Bounds], bool] | None = None
    """Tells the instruments of which it can never complain."""
    grows: bool = True
    """False for a rule that a larger order passes more easily, or that size has no part in."""


_MARKET = frozenset({OrderType.MARKET})
_PRICED = frozenset({OrderType.LIMIT})
_STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
_WAITING = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING})
_STOP_LIMIT = frozenset({OrderType.STOP_LIMIT})


def _has_firm(bounds: Bounds) -> bool:
    return min(bounds.firm_gross_max, bounds.firm_net_max, bounds.firm_symbol_max) < UNLIMITED


RULES: tuple[Rule, ...] = (
    Rule("trading_state", "Trading state", permission.trading_state),
    Rule("armed", "Armed", permission.armed),
    Rule("session", "Market hours", permission.session),
    Rule("tradable", "Tradable", instrument.tradable, idle=lambda listed, _: listed.tradable),
    Rule(
        "restricted", "Restricted list", instrument.restricted, idle=lambda _, bounds: not bounds.restricted
    ),
    Rule("prices", "Prices given", terms.prices_present),
    Rule("taken", "Taken by the broker", terms.taken),
    Rule("tick_size", "Tick", instrument.tick_size, idle=lambda listed, _: listed.tick_units == 1),
    Rule("lot_size", "Lot", instrument.lot_size),
    Rule(
        "size_min",
        "Minimum size",
        instrument.size_min,
        gauges.size_min,
        idle=lambda listed, bounds: bounds.size_min <= listed.lot_units,
        grows=False,
    ),
    Rule(
        "notional_min",
        "Minimum value",
        instrument.notional_min,
        idle=lambda _, bounds: not bounds.notional_min_micros,
        grows=False,
    ),
    Rule("quote_trust", "Quote", quote.quote_trust, gauges.quote_age),
    Rule("price_known", "Price known", quote.price_known),
    Rule("rate_known", "Currency rate", quote.rate_known),
    Rule("spread", "Spread", quote.spread, gauges.spread, _MARKET),
    Rule("price_collar", "Price collar", quote.price_collar, gauges.collar, _PRICED),
    Rule("stop_band", "Stop distance", quote.stop_band, types=_WAITING),
    Rule("stop_side", "Stop side", terms.stop_side, types=_STOPS),
    Rule("stop_limit", "Stop limit", terms.stop_limit, types=_STOP_LIMIT),
    Rule("order_size", "Order size", size.order_size, gauges.order_size),
    Rule("order_notional", "Order value", size.order_notional, gauges.order_notional),
    Rule("reduce_only", "Reduce only", permission.reduce_only, gauges.reduce_only),
    Rule("position_limit", "Max position", size.position_size, gauges.position_size),
    Rule("position_notional", "Max position value", size.position_notional, gauges.position_notional),
    Rule("exposure_known", "Exposure known", account.exposure_known),
    Rule("gross_exposure", "Gross exposure", account.gross_exposure, gauges.gross),
    Rule("net_exposure", "Net exposure", account.net_exposure, gauges.net),
    Rule("concentration", "Concentration", size.concentration, gauges.concentration),
    Rule("firm_known", "All desks known", firm.firm_known, idle=lambda _, bounds: not _has_firm(bounds)),
    Rule(
        "firm_gross",
        "Firm gross exposure",
        firm.firm_gross,
        gauges.firm_gross,
        idle=lambda _, bounds: bounds.firm_gross_max >= UNLIMITED,
    ),
    Rule(
        "firm_net",
        "Firm net exposure",
        firm.firm_net,
        gauges.firm_net,
        idle=lambda _, bounds: bounds.firm_net_max >= UNLIMITED,
    ),
    Rule(
        "firm_symbol",
        "Firm position",
        firm.firm_symbol,
        gauges.firm_symbol,
        idle=lambda _, bounds: bounds.firm_symbol_max >= UNLIMITED,
    ),
    Rule("buying_power", "Buying power", account.buying_power, gauges.buying_power),
    Rule("day_loss", "Day loss", account.day_loss, gauges.day_loss),
    Rule("drawdown", "Drawdown", account.drawdown, gauges.drawdown),
    Rule("order_rate", "Order rate", flow.order_rate, gauges.order_rate),
    Rule("open_orders", "Open orders", flow.open_orders, gauges.open_orders),
    Rule("duplicate_order", "Duplicate", flow.duplicate, grows=False),
    Rule("self_trade", "Self-trade", flow.self_trade),
)


def plan_for(listed: Instrument, bounds: Bounds, *, growing: bool = False) -> Plan:
    """Return the controls that can have something to say.

    With `growing`, only those that refuse a larger order too where they refuse one.
    """
    return {
        order_type: tuple(
            rule.control
            for rule in RULES
            if order_type in rule.types
            and not (rule.idle is not None and rule.idle(listed, bounds))
            and (rule.grows or not growing)
        )
        for order_type in OrderType
    }
