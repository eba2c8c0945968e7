"""What each broker takes, its sentences for the rest, and that the gate says before a send what the broker would."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from engine.adapters.alpaca.writing import order_body
from engine.adapters.binance.writing import objection, order_terms
from engine.model.ability_table import ABILITIES
from engine.model.instrument import AssetClass
from engine.model.market_state import MarketState
from engine.model.order import ExitPlan, OrderRequest, OrderType, TimeInForce
from tests.risk_room import NVDA, Room, listed, quote

PRICES: dict[OrderType, dict[str, Any]] = {
    OrderType.MARKET: {"limit": None},
    OrderType.LIMIT: {"limit": 9_990},
    OrderType.STOP: {"limit": None, "stop": 10_100},
    OrderType.STOP_LIMIT: {"limit": 10_100, "stop": 10_100},
    OrderType.TRAILING: {"limit": None, "trail": 50},
}
KINDS = [
    (broker, kind)
    for broker in ABILITIES
    for kind in (AssetClass.EQUITY, AssetClass.CRYPTO)
    if (broker, kind) != ("binance", AssetClass.EQUITY)
]


def market_of(kind: AssetClass) -> MarketState:
    state = listed(NVDA)
    base = "BTC" if kind is AssetClass.CRYPTO else ""
    made = MarketState(replace(state.instrument, asset_class=kind, base=base))
    quote(made, 9_999, 10_001)
    return made


def room_at(broker: str, kind: AssetClass) -> Room:
    room = Room(abilities=ABILITIES[broker])
    room.states[NVDA] = market_of(kind)
    return room


def at_binance() -> Room:
    return room_at("binance", AssetClass.CRYPTO)


def orders(room: Room) -> list[OrderRequest]:
    """Return an order of every type, time in force and kind of resting."""
    return [
        room.buy(type=order_type, tif=tif, post_only=post_only, **PRICES[order_type])
        for order_type, tif, post_only in product(OrderType, TimeInForce, (False, True))
    ]


@pytest.mark.parametrize(("broker", "kind"), KINDS)
def test_the_gate_denies_before_the_send_exactly_what_the_broker_would_not_take(
    broker: str, kind: AssetClass
) -> None:
    room, taken = room_at(broker, kind), ABILITIES[broker].of(kind)
    for request in orders(room):
        told = [denial.text for denial in room.gate.check(request)]
        assert told[:1] == list(filter(None, [taken.objection(request)])), request
        assert [denial.text for denial in room.gate.preview(request).denials] == told


def test_what_is_taken_at_a_venue_can_be_written_for_it() -> None:
    written = 0
    for broker, kind in KINDS:
        room, taken = room_at(broker, kind), ABILITIES[broker].of(kind)
        instrument = room.states[NVDA].instrument
        for request in orders(room):
            if taken.objection(request) or broker not in {"alpaca", "binance"}:
                continue
            written += 1
            if broker == "alpaca":
                assert order_body(request, instrument)
            else:
                assert objection(request) == ""
                terms = order_terms(request, instrument)
                assert ("timeInForce" in terms) == (terms["type"] in {"LIMIT", "STOP_LOSS_LIMIT"})
    assert written > 20


@pytest.mark.parametrize(
    ("broker", "kind", "terms", "sentence"),
    [
        (
            "binance",
            AssetClass.CRYPTO,
            {"type": OrderType.TRAILING, "tif": TimeInForce.GTC, **PRICES[OrderType.TRAILING]},
            "Binance has no trailing stops: use a stop",
        ),
        ("binance", AssetClass.CRYPTO, {}, "a limit order can't be DAY at Binance: use GTC, IOC or FOK"),
        (
            "alpaca",
            AssetClass.CRYPTO,
            {"type": OrderType.STOP, **PRICES[OrderType.STOP]},
            "Alpaca has no stop orders of coins: use a stop-limit",
        ),
        ("alpaca", AssetClass.EQUITY, {"post_only": True}, "Alpaca has no post-only orders"),
        (
            "paper",
            AssetClass.EQUITY,
            {"type": OrderType.MARKET, "limit": None, "tif": TimeInForce.GTC},
            "a market order can't be GTC: use DAY, IOC or FOK",
        ),
        (
            "binance",
            AssetClass.CRYPTO,
            {"tif": TimeInForce.GTC, "plan": ExitPlan(trail=50)},
            "its stop could not be sent: Binance has no trailing stops: use a stop",
        ),
        (
            "alpaca",
            AssetClass.CRYPTO,
            {"tif": TimeInForce.GTC, "plan": ExitPlan(stop=9_000, target=11_000)},
            "its stop could not be sent: Alpaca has no stop orders of coins: use a stop-limit",
        ),
    ],
)
def test_a_refusal_says_what_to_do_instead(
    broker: str, kind: AssetClass, terms: dict[str, Any], sentence: str
) -> None:
    room = room_at(broker, kind)
    assert room.why(room.buy(**terms)) == sentence


def test_a_target_alone_is_taken_wherever_limits_are() -> None:
    room = at_binance()
    assert room.no(room.buy(tif=TimeInForce.GTC, plan=ExitPlan(target=11_000))) == []


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"quantity": 80, "limit": 9_990}, ""),
        (
            {"quantity": 120, "limit": 9_990},
            "Binance can only make a working order smaller: cancel it and send another",
        ),
        (
            {"quantity": 80, "limit": 9_991},
            "Binance can't change the price of a working order: cancel it and send another",
        ),
    ],
)
def test_new_terms_that_binance_does_not_give_are_denied_in_the_preview_and_before_the_send(
    terms: dict[str, int], sentence: str
) -> None:
    room = at_binance()
    request = room.buy(100, 9_990, tif=TimeInForce.GTC)
    order = room.work(request)
    expected = [("amendment", sentence)] if sentence else []
    denied = room.gate.check_amend(order, terms["quantity"], terms["limit"], None)
    assert [(each.rule, each.text) for each in denied] == expected
    amended = room.buy(client_id=request.client_id, tif=TimeInForce.GTC, **terms)
    assert [(each.rule, each.text) for each in room.gate.preview(amended).denials] == expected


def test_an_order_from_elsewhere_may_be_changed_whatever_its_type() -> None:
    room = room_at("alpaca", AssetClass.CRYPTO)
    order = room.work(room.buy(100, 9_990, tif=TimeInForce.DAY))
    assert room.gate.check_amend(order, 90, 9_991, None) == ()


def test_the_time_of_an_order_that_says_none_is_the_first_that_is_taken() -> None:
    coins = ABILITIES["alpaca"].of(AssetClass.CRYPTO)
    assert [coins.usual_time(each) for each in (OrderType.MARKET, OrderType.LIMIT)] == ["day", "gtc"]
    assert ABILITIES["binance"].usual.usual_time(OrderType.STOP) == "gtc"
    assert ABILITIES["paper"].usual.usual_time(OrderType.LIMIT) == "day"
