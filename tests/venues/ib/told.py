"""The long messages, by the names of their fields; what is not named in one is empty."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from tests.venues.ib.orders import Order
from tests.venues.ib.stock import Contract
from tests.venues.ib.wire import TOLD_CONTRACT, names

_HEAD: Final = "action quantity type limit aux tif oca_group account open_close origin ref"
_OPEN: Final = names(f"""
    order_id contract {_HEAD} client_id perm_id outside_rth hidden discretionary good_after shares_allocation
    fa_group fa_method fa_percentage fa_profile model good_till rule_80a percent_offset settling_firm short_slot
    designated_location exempt_code auction_strategy starting_price stock_ref_price delta range_lower range_upper
    display_size block sweep all_or_none min_quantity oca_type e_trade firm_quote nbbo_cap parent_id trigger_method
    volatility volatility_type dn_type dn_aux continuous reference_price trail_stop trail_percent basis_points
    basis_points_type combo_legs =0 =0 =0 scale_init scale_subs scale_increment hedge_type opt_out
    clearing_account clearing_intent not_held =0 algo solicited what_if status
    margin_1 margin_2 margin_3 margin_4 margin_5 margin_6 margin_7 margin_8 margin_9
    commission commission_min commission_max commission_currency warning random_size random_price =0
    adjusted_type trigger_price trail_stop limit_offset adjusted_stop adjusted_limit adjusted_trail adjusted_unit
    tier_name tier_value tier_shown cash_quantity no_auto_price oms discretionary_up price_management
    duration post_to_ats auto_cancel_parent min_trade min_compete compete_offset mid_whole mid_half
""")
_COMPLETED: Final = names(f"""
    contract {_HEAD} perm_id outside_rth hidden discretionary good_after fa_group fa_method fa_percentage fa_profile
    model good_till rule_80a percent_offset settling_firm short_slot designated_location exempt_code
    starting_price stock_ref_price delta range_lower range_upper display_size sweep all_or_none min_quantity
    oca_type trigger_method volatility volatility_type dn_type dn_aux continuous reference_price trail_stop
    trail_percent combo_legs =0 =0 =0 scale_init scale_subs scale_increment hedge_type
    clearing_account clearing_intent not_held =0 algo solicited status random_size random_price =0
    trail_stop limit_offset cash_quantity no_auto_price oms auto_cancel_date filled ref_con_id auto_cancel_parent
    shareholder imbalance route_to_bbo parent_perm_id ended how min_trade min_compete compete_offset
    mid_whole mid_half
""")
_DETAILS: Final = names("""
    symbol sec_type expiry strike right exchange currency local_symbol market trading_class con_id tick multiplier
    order_types exchanges magnifier under_con_id long_name primary month industry category subcategory time_zone
    trading_hours liquid_hours ev_rule ev_multiplier =0 agg_group under_symbol under_type market_rules
    real_expiry stock_type size_step size_step size_step
""")
_NEW_YORK: Final = ZoneInfo("US/Eastern")
_NUMBERS: Final = {"origin": "0", "exempt_code": "-1", "what_if": "0", "outside_rth": "0", "hidden": "0"}


def number(value: Decimal | None) -> str:
    """Write a number."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(at_s: float) -> str:
    """Write a time as a fill has it: whole seconds, and the zone."""
    return f"{datetime.fromtimestamp(at_s, UTC).astimezone(_NEW_YORK):%Y%m%d %H:%M:%S} US/Eastern"


def contract(what: Contract) -> list[object]:
    """Return a contract within another message."""
    return [getattr(what, name) for name in TOLD_CONTRACT]


def open_order(order: Order) -> list[object]:
    """Return an order that works, or has just ended."""
    return [5, *_filled(_OPEN, order, _facts(order))]


def completed_order(order: Order) -> list[object]:
    """Return an order that has ended; how large it was is told no more."""
    facts = _facts(order) | {
        "quantity": "0",
        "filled": number(order.filled),
        "ended": moment(order.ended_s),
        "how": order.why_ended,
    }
    return [101, *_filled(_COMPLETED, order, facts)]


def details(number_asked: int, what: Contract, hours: str) -> list[object]:
    """Return all there is to say of a contract."""
    facts: dict[str, object] = {name: getattr(what, name) for name in what.__dataclass_fields__}
    facts |= {
        "tick": number(what.tick),
        "size_step": number(what.size_step),
        "market": what.trading_class,
        "order_types": "ACTIVETIM,ADJUST,DAY,GTC,LMT,MKT,STP,STPLMT,TRAIL",
        "exchanges": what.exchange,
        "trading_hours": hours,
        "liquid_hours": hours,
        "stock_type": "COMMON" if what.sec_type == "STK" else "",
        "under_con_id": "0",
        "agg_group": "1",
    }
    return [10, number_asked, *_by_name(_DETAILS, facts)]


def _facts(order: Order) -> dict[str, object]:
    return _NUMBERS | {
        "order_id": order.order_id,
        "client_id": order.client_id,
        "perm_id": order.perm_id,
        "action": "BUY" if order.side == "buy" else "SELL",
        "quantity": number(order.quantity),
        "type": order.type,
        "limit": number(order.limit) if order.limit is not None else "0.0",
        "aux": number(order.aux) if order.aux is not None else "0.0",
        "tif": order.tif,
        "account": order.account,
        "ref": order.ref,
        "status": order.status,
        "trail_stop": number(order.trail_stop),
    }


def _filled(names: list[str], order: Order, facts: dict[str, object]) -> list[object]:
    at = names.index("contract")
    return [
        *_by_name(names[:at], facts),
        *contract(order.contract),
        *_by_name(names[at + 1 :], facts),
    ]


def _by_name(names: list[str], facts: dict[str, object]) -> list[object]:
    return [name[1:] if name.startswith("=") else facts.get(name, "") for name in names]
