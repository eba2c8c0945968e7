"""The controls that look at the order itself and at its market."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.model.instrument import Symbol
from engine.model.market_status import Session
from engine.model.order import OrderType, TimeInForce
from engine.risk.limits import SymbolLimits
from tests.risk_room import NOW_NS, NVDA, SAP, Room, listed, quote

LIMIT, MARKET, STOP = OrderType.LIMIT, OrderType.MARKET, OrderType.STOP
STOP_LIMIT, TRAILING = OrderType.STOP_LIMIT, OrderType.TRAILING


def room(**limits: Decimal | float | bool) -> Room:
    stated = {key: value if isinstance(value, bool) else Decimal(str(value)) for key, value in limits.items()}
    return Room(SymbolLimits(**stated))  # type: ignore[arg-type]


def test_an_ordinary_order_passes() -> None:
    assert Room().no(Room().buy()) == []


def test_an_unknown_instrument_is_denied() -> None:
    assert Room().no(Room().buy(symbol=Symbol("GHOST"))) == ["instrument_unknown"]


def test_what_can_only_be_watched_is_not_traded() -> None:
    desk = Room()
    desk.states[NVDA] = listed(NVDA, tradable=False)
    assert desk.no(desk.buy()) == ["not_tradable"]


def test_a_restricted_symbol_can_only_be_closed() -> None:
    desk = Room(restricted=("NVDA",))
    assert desk.no(desk.buy()) == ["restricted"]
    desk.hold(100)
    assert desk.no(desk.sell(100)) == []
    assert desk.no(desk.sell(101)) == ["restricted"]


@pytest.mark.parametrize(
    ("limit", "no"), [(10_000, []), (10_005, []), (10_004, ["tick_size"]), (10_001, ["tick_size"])]
)
def test_a_price_lies_on_the_tick(limit: int, no: list[str]) -> None:
    desk = Room()
    desk.states[NVDA] = listed(NVDA, tick="0.05")
    assert desk.no(desk.buy(limit=limit)) == no


def test_a_stop_and_a_trail_lie_on_the_tick_too() -> None:
    desk = Room()
    desk.states[NVDA] = listed(NVDA, tick="0.05")
    assert desk.no(desk.buy(limit=None, type=STOP, stop=10_101)) == ["tick_size"]
    assert desk.no(desk.buy(limit=None, type=TRAILING, trail=101)) == ["tick_size"]


@pytest.mark.parametrize(
    ("quantity", "no"), [(10, []), (11, ["lot_size"]), (-10, ["lot_size"]), (0, ["lot_size"])]
)
def test_a_size_is_a_positive_number_of_lots(quantity: int, no: list[str]) -> None:
    desk = Room()
    desk.states[NVDA] = listed(NVDA, lot="10")
    assert desk.no(desk.buy(quantity)) == no


@pytest.mark.parametrize(("quantity", "no"), [(5, []), (4, ["size_min"])])
def test_a_size_has_a_minimum(quantity: int, no: list[str]) -> None:
    desk = Room()
    desk.states[NVDA] = listed(NVDA, size_min="5")
    assert desk.no(desk.buy(quantity)) == no


@pytest.mark.parametrize(("limit", "no"), [(10_000, []), (9_999, ["notional_min"])])
def test_a_notional_has_a_minimum(limit: int, no: list[str]) -> None:
    desk = Room()
    desk.states[NVDA] = listed(NVDA, notional_min="500")
    assert desk.no(desk.buy(5, limit=limit)) == no


@pytest.mark.parametrize(
    ("order_type", "prices", "no"),
    [
        (MARKET, {}, []),
        (MARKET, {"stop": 10_100}, ["prices"]),
        (LIMIT, {"limit": 10_000}, []),
        (LIMIT, {}, ["prices"]),
        (LIMIT, {"limit": 0}, ["prices"]),
        (LIMIT, {"limit": -5}, ["prices"]),
        (LIMIT, {"limit": 10_000, "stop": 10_100}, ["prices"]),
        (LIMIT, {"limit": 10_000, "trail": 5}, ["prices"]),
        (STOP, {"stop": 10_100}, []),
        (STOP, {}, ["prices"]),
        (STOP, {"stop": 10_100, "limit": 10_100}, ["prices"]),
        (STOP_LIMIT, {"stop": 10_100, "limit": 10_110}, []),
        (STOP_LIMIT, {"stop": 10_100}, ["prices"]),
        (STOP_LIMIT, {"limit": 10_100}, ["prices"]),
        (TRAILING, {"trail": 50}, []),
        (TRAILING, {}, ["prices"]),
        (TRAILING, {"trail": 50, "stop": 10_100}, ["prices"]),
    ],
)
def test_each_type_has_its_prices(order_type: OrderType, prices: dict[str, int], no: list[str]) -> None:
    desk = Room()
    assert desk.no(desk.buy(**({"limit": None} | prices), type=order_type)) == no  # type: ignore[arg-type]


@pytest.mark.parametrize("order_type", list(OrderType))
@pytest.mark.parametrize("tif", list(TimeInForce))
def test_each_type_has_its_times_in_force(order_type: OrderType, tif: TimeInForce) -> None:
    allowed = {
        MARKET: {"day", "ioc", "fok"},
        LIMIT: {"day", "gtc", "ioc", "fok"},
        STOP: {"day", "gtc"},
        STOP_LIMIT: {"day", "gtc"},
        TRAILING: {"day", "gtc"},
    }
    prices: dict[OrderType, dict[str, Any]] = {
        MARKET: {"limit": None},
        LIMIT: {"limit": 10_000},
        STOP: {"limit": None, "stop": 10_100},
        STOP_LIMIT: {"limit": 10_100, "stop": 10_100},
        TRAILING: {"limit": None, "trail": 50},
    }
    request = Room().buy(type=order_type, tif=tif, **prices[order_type])
    assert Room().no(request) == ([] if tif in allowed[order_type] else ["time_in_force"])


def test_only_a_limit_order_that_may_rest_is_post_only() -> None:
    desk = Room()
    assert desk.no(desk.buy(limit=9_990, post_only=True)) == []
    assert desk.no(desk.buy(limit=None, post_only=True)) == ["post_only"]
    assert desk.no(desk.buy(tif=TimeInForce.IOC, post_only=True)) == ["post_only"]


@pytest.mark.parametrize(("stop", "no"), [(10_001, []), (10_000, ["stop_side"]), (9_000, ["stop_side"])])
def test_a_buy_stop_lies_above_the_market(stop: int, no: list[str]) -> None:
    desk = Room()
    assert desk.no(desk.buy(limit=None, type=STOP, stop=stop)) == no


@pytest.mark.parametrize(("stop", "no"), [(9_999, []), (10_000, ["stop_side"]), (11_000, ["stop_side"])])
def test_a_sell_stop_lies_below_the_market(stop: int, no: list[str]) -> None:
    desk = Room()
    assert desk.no(desk.sell(limit=None, type=STOP, stop=stop)) == no


@pytest.mark.parametrize(
    ("limit", "no"), [(10_200, []), (10_302, []), (10_303, ["stop_limit"]), (10_199, ["stop_limit"])]
)
def test_a_stop_limit_has_its_limit_within_the_collar_past_its_stop(limit: int, no: list[str]) -> None:
    desk = room(collar_bps=100)
    assert desk.no(desk.buy(limit=limit, type=STOP_LIMIT, stop=10_200)) == no


@pytest.mark.parametrize(
    ("limit", "no"),
    [(10_100, []), (10_101, ["price_collar"]), (9_000, []), (8_999, ["price_collar"])],
)
def test_a_buy_pays_up_to_the_collar_and_rests_within_the_band(limit: int, no: list[str]) -> None:
    desk = room(collar_bps=100, passive_band_bps=1_000)
    assert desk.no(desk.buy(limit=limit)) == no


@pytest.mark.parametrize(
    ("limit", "no"),
    [(9_900, []), (9_899, ["price_collar"]), (11_000, []), (11_001, ["price_collar"])],
)
def test_a_sell_gives_up_to_the_collar_and_rests_within_the_band(limit: int, no: list[str]) -> None:
    desk = room(collar_bps=100, passive_band_bps=1_000)
    assert desk.no(desk.sell(limit=limit)) == no


def test_an_exit_at_half_the_market_is_still_a_slip_of_the_finger() -> None:
    desk = room(collar_bps=500)
    desk.hold(100)
    assert desk.no(desk.sell(limit=5_000)) == ["price_collar"]
    assert desk.why(desk.sell(limit=5_000)) == (
        "price 50.00 is 50.00 % worse than the market at 100.00, limit 5.00 %"
    )


@pytest.mark.parametrize(("stop", "no"), [(11_000, []), (11_001, ["price_collar"])])
def test_a_stop_waits_within_the_band(stop: int, no: list[str]) -> None:
    desk = room(passive_band_bps=1_000)
    assert desk.no(desk.buy(limit=None, type=STOP, stop=stop)) == no


@pytest.mark.parametrize(("trail", "no"), [(1_000, []), (1_001, ["price_collar"])])
def test_a_trail_stays_within_the_band(trail: int, no: list[str]) -> None:
    desk = room(passive_band_bps=1_000)
    assert desk.no(desk.sell(limit=None, type=TRAILING, trail=trail)) == no


def test_a_stale_quote_stops_new_risk_but_no_exit() -> None:
    desk = Room()
    desk.clock.advance_to(NOW_NS + 5_000_000_000)
    assert desk.no(desk.buy()) == []
    desk.clock.advance_to(NOW_NS + 5_000_000_001)
    assert desk.no(desk.buy()) == ["quote_stale"]
    assert desk.no(desk.buy(limit=None)) == ["quote_stale"]
    desk.hold(100)
    assert desk.no(desk.sell(limit=None)) == []
    assert desk.no(desk.sell()) == []


def test_a_distrusted_quote_stops_new_risk_but_no_exit() -> None:
    desk = Room()
    desk.states[NVDA].distrust_reason = "crossed"
    assert desk.why(desk.buy()) == "quote is not trusted: crossed"
    desk.hold(-100)
    assert desk.no(desk.buy()) == []


def test_without_any_price_only_a_market_exit_passes() -> None:
    desk = Room()
    quote(desk.states[NVDA], 0, 0)
    assert desk.no(desk.buy()) == ["quote_unavailable", "price_unavailable"]
    desk.hold(100)
    assert desk.no(desk.sell()) == ["price_unavailable"]
    assert desk.no(desk.sell(limit=None)) == []


def test_without_a_quote_the_last_trade_is_what_an_exit_is_judged_by() -> None:
    desk = room(collar_bps=100)
    quote(desk.states[NVDA], 0, 10_001)
    desk.states[NVDA].last = 10_000
    desk.hold(100)
    assert desk.no(desk.sell(limit=9_900)) == []
    assert desk.no(desk.sell(limit=9_899)) == ["price_collar"]


def test_a_wide_spread_is_no_reference_for_the_collar() -> None:
    desk = room(collar_bps=100, spread_max_bps=200)
    quote(desk.states[NVDA], 9_000, 11_000)
    desk.states[NVDA].prior_close = 9_000
    assert desk.no(desk.buy(limit=9_090)) == []
    assert desk.no(desk.buy(limit=9_091)) == ["price_collar"]


@pytest.mark.parametrize(("ask", "no"), [(10_100, []), (10_101, ["spread"])])
def test_a_market_order_needs_a_sane_spread(ask: int, no: list[str]) -> None:
    desk = room(spread_max_bps=200)
    quote(desk.states[NVDA], 9_900, ask)
    assert desk.no(desk.buy(limit=None)) == no
    assert desk.no(desk.buy(limit=10_000)) == []


def test_a_one_sided_book_takes_no_market_order() -> None:
    desk = Room()
    quote(desk.states[NVDA], 0, 10_001)
    desk.states[NVDA].last = 10_000
    assert desk.no(desk.buy(limit=None)) == ["quote_unavailable", "spread"]


def test_a_currency_without_a_rate_takes_no_new_risk() -> None:
    desk = Room()
    assert desk.no(desk.buy(symbol=SAP)) == ["rate_unavailable"]
    assert desk.why(desk.buy(symbol=SAP)) == "there is no EUR to USD rate"
    desk.rates.set("EUR", 1_100_000_000)
    assert desk.no(desk.buy(symbol=SAP)) == []


@pytest.mark.parametrize(
    ("session", "limit", "no"),
    [
        (Session.OPEN, None, []),
        (Session.PRE, 10_000, []),
        (Session.PRE, None, ["extended_hours"]),
        (Session.POST, 10_000, []),
        (Session.POST, None, ["extended_hours"]),
        (Session.CLOSED, 10_000, ["market_closed"]),
        (Session.HALTED, 10_000, ["market_halted"]),
    ],
)
def test_the_feeds_session_counts_without_a_calendar(
    session: Session, limit: int | None, no: list[str]
) -> None:
    desk = Room()
    desk.states[NVDA].session = session
    assert desk.no(desk.buy(limit=limit)) == no


def test_the_calendar_goes_before_the_feed_but_not_before_a_halt() -> None:
    desk = Room(hours=lambda _instrument, _now_ns: Session.CLOSED)
    assert desk.no(desk.buy()) == ["market_closed"]
    desk.states[NVDA].session = Session.HALTED
    desk.states[NVDA].session_reason = "news pending"
    assert desk.why(desk.buy()) == "NVDA is halted by its market: news pending"
    unknown = Room(hours=lambda _instrument, _now_ns: None)
    assert unknown.no(unknown.buy()) == []


def test_extended_hours_can_be_switched_off() -> None:
    desk = room(extended_hours=False)
    desk.states[NVDA].session = Session.PRE
    assert desk.no(desk.buy()) == ["extended_hours"]


@pytest.mark.parametrize(("quantity", "no"), [(1_000, []), (1_001, ["order_size"])])
def test_an_order_has_a_largest_size(quantity: int, no: list[str]) -> None:
    desk = room(order_size_max=1_000)
    assert desk.no(desk.buy(quantity)) == no


@pytest.mark.parametrize(("quantity", "no"), [(500, []), (501, ["order_notional"])])
def test_an_order_has_a_largest_worth(quantity: int, no: list[str]) -> None:
    desk = room(order_notional_max=50_000)
    assert desk.no(desk.buy(quantity)) == no


def test_an_orders_worth_is_in_the_base_currency() -> None:
    desk = room(order_notional_max=11_000)
    desk.rates.set("EUR", 1_100_000_000)
    assert desk.no(desk.buy(100, symbol=SAP)) == []
    assert desk.why(desk.buy(101, symbol=SAP)) == "order is worth 11,110, limit 11,000"


def test_a_market_buy_is_worth_the_offer_and_the_collar() -> None:
    desk = room(order_notional_max=10_101, collar_bps=100)
    assert desk.no(desk.buy(100, limit=None)) == []
    desk.states[NVDA].ask = 10_002
    assert desk.no(desk.buy(100, limit=None)) == ["order_notional"]


def test_size_limits_hold_no_one_in_a_position() -> None:
    desk = room(order_size_max=10, order_notional_max=100, position_size_max=10, position_notional_max=100)
    desk.hold(5_000)
    assert desk.no(desk.sell(5_000)) == []
    assert desk.no(desk.sell(5_001, limit=None)) != []


def test_every_reason_is_told_not_the_first() -> None:
    desk = room(order_size_max=10, order_notional_max=100, collar_bps=1)
    assert desk.no(desk.buy(11, limit=10_500)) == ["price_collar", "order_size", "order_notional"]
