"""Stops, targets and sizes by risk: what is typed becomes a plan of prices, or a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ids import OrderIds
from engine.messages.commands import SubmitOrder
from engine.model.order import ExitPlan, OrderRequest
from terminal.desk import Desk
from terminal.orderline.changing import changed_line
from terminal.orderline.errors import ResolveError
from terminal.orderline.grammar import parse
from terminal.orderline.outcomes import exit_runs, exits_of
from terminal.orderline.resolve import resolve
from tests.orderline_desk import AAPL, desk


def asked(text: str, on: Desk | None = None) -> OrderRequest:
    action = resolve(parse(text), on or desk(), OrderIds(0), 7, "PAPER-1")
    assert isinstance(action, SubmitOrder)
    return action.request


def refusal(text: str, on: Desk | None = None) -> str:
    with pytest.raises(ResolveError) as caught:
        asked(text, on)
    return caught.value.sentence


@pytest.mark.parametrize(
    ("text", "stop", "target"),
    [
        ("b 100 @189 sl=185 tp=195", 185_000, 195_000),
        ("b 100 @189 sl=-2% tp=+3%", 185_220, 194_670),
        ("b 100 @189 sl=-50t tp=+50t", 188_500, 189_500),
        ("b 100 @189 sl=-1.5 tp=+1.5", 187_500, 190_500),
        ("b 100 @189 sl=-10bp", 188_810, None),
        ("b 100 @189 sl=bid-5t", None, None),
        ("b 100 mkt sl=-1% tp=+2R", 187_460, 193_160),
        ("s 100 mkt sl=+1% tp=+2R", 191_230, 185_530),
        ("s 100 @190 sl=192 tp=.5r", 192_000, 189_000),
        ("b 100 stp=195 sl=190 tp=+1R", 190_000, 200_000),
        ("b 100 @196 stp=195 sl=-1", 195_000, None),
    ],
)
def test_exits_are_prices_measured_from_the_entry(text: str, stop: int | None, target: int | None) -> None:
    if stop is None:
        assert "stands below its entry 189.00, not at 189.28" in refusal(text)
    else:
        assert asked(text).plan == ExitPlan(stop=stop, target=target)


def test_a_stop_may_trail_and_its_distance_is_the_risk() -> None:
    assert asked("b 100 @189 sl=tr1% tp=+2R").plan == ExitPlan(trail=1_890, target=192_780)
    assert "farther than the price goes" in refusal("b 100 @189 sl=tr500")


def test_an_order_without_exits_has_no_plan() -> None:
    assert asked("b 100 @189").plan is None
    assert asked("s 100 stp=185").plan is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("b 100 @189 sl=+2%", "the stop of a buy stands below its entry 189.00: did you mean sl=-2%?"),
        ("s 100 @190 sl=-50t", "the stop of a sale stands above its entry 190.00: did you mean sl=+50t?"),
        ("b 100 @189 sl=190", "the stop of a buy stands below its entry 189.00, not at 190.00"),
        (
            "b 100 @189 sl=-1% tp=-3%",
            "the target of a buy stands above its entry 189.00: did you mean tp=+3%?",
        ),
        ("s 100 @190 tp=195", "the target of a sale stands below its entry 190.00, not at 195.00"),
        ("b 100 @195 sl=190", "the market is at 189.36: a stop at 190.00 goes off at once"),
        ("b 100 @189 sl=185.005", "steps of 0.01"),
        ("b 100 @189 sl=-200%", "more than 0"),
        ("b r$1 @189 sl=-1%", "1 USD at risk is less than one lot"),
    ],
)
def test_the_wrong_side_is_refused_with_what_was_meant(text: str, meant: str) -> None:
    assert meant in refusal(text)


def test_exits_need_an_order_that_opens_and_a_price() -> None:
    assert "closes first" in refusal("s 100 mkt sl=+1%", desk(held=50))
    assert asked("b 100 mkt sl=-1%", desk(held=50)).plan is not None
    on = desk()
    on.quotes.clear()
    assert "no price yet to measure" in refusal("b 100 aapl mkt sl=-1%", on)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("b r$200 @189 sl=187", 100),
        ("b r$200 @189 sl=-1.5", 133),
        ("s r$1k @190 sl=+2", 500),
        ("b r$100 btc-usd @50000 sl=-1000 tp=+2R", 100),
        ("b r$200 @189 sl=tr2", 100),
    ],
)
def test_a_risk_sizes_the_order_by_its_stop(text: str, quantity: int) -> None:
    assert asked(text).quantity == quantity


@settings(deadline=None, max_examples=200)
@given(
    st.integers(1, 5_000),
    st.decimals("0.01", "20", places=2),
    st.sampled_from(("b", "s")),
    st.sampled_from(("%", "", "t")),
)
def test_no_size_by_risk_loses_more_than_it_says(money: int, step: object, side: str, unit: str) -> None:
    sign = "-" if side == "b" else "+"
    amount = f"{step}" if unit != "t" else f"{int(float(str(step)) * 100)}"
    try:
        request = asked(f"{side} r${money} @189.34 sl={sign}{amount}{unit} tp=+2R")
    except ResolveError as error:
        assert "less than one lot" in error.sentence  # noqa: PT017
        return
    on = desk()
    exits = exits_of(request, on)
    assert exits is not None
    assert exits.risk is not None
    lost = on.instruments[AAPL].notional_micros(exits.risk, request.quantity)
    one_more = on.instruments[AAPL].notional_micros(exits.risk, request.quantity + 1)
    assert lost <= money * 1_000_000 < one_more
    assert exits.ratio is not None
    assert exits.ratio >= 2


def test_the_exits_are_said_with_their_distance_and_their_money() -> None:
    on = desk()
    said = "".join(text for text, _ in exit_runs(asked("b 100 @189 sl=-2% tp=+2R", on), on))
    assert said == "  SL 185.22 -2.00% -378  TP 196.56 +4.00% +756 2.0R"
    assert "trails -1.00%" in "".join(text for text, _ in exit_runs(asked("b 100 @189 sl=tr1%", on), on))
    assert exit_runs(asked("b 100 @189", on), on) == []


def test_a_nudged_order_keeps_its_exits() -> None:
    on = desk()
    request = asked("b 100 @189 sl=-2% tp=+2R", on)
    line = changed_line(request, instrument=on.instruments[AAPL], ticks=5, quantity=200)
    assert line == "b 200 AAPL @189.05 sl=185.22 tp=196.56 day"
    assert asked(line, on).plan == request.plan
    assert "sl=tr1.89" in changed_line(
        asked("b 100 @189 sl=tr1%", on), instrument=on.instruments[AAPL], ticks=0, quantity=100
    )
