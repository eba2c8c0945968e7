"""Where the stop of a position is, in a cell and in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.order import ExitPlan, Leg, OrderStatus, OrderType
from engine.model.trade import Side
from terminal.cover import Cover, cancel_leaves, cover_of, cover_run, cover_sentence, is_orphan
from terminal.desk import Desk
from terminal.orderline.grammar import parse
from terminal.orderline.headline import headline
from terminal.orderline.intents import Action
from terminal.orderline.requests import DraftIds
from terminal.orderline.resolve import resolve
from terminal.screens.why import why_order, why_symbol
from tests.orderline_desk import AAPL, desk, order, position


def with_bracket(held: int = 100) -> Desk:
    """A filled entry #20, its stop #21 and its target #22."""
    on = desk(held=held)
    leg = {"side": Side.SELL, "filled": 0, "leaves": 100, "parent": "id-20", "group": "id-20"}
    plan = ExitPlan(stop=187_000, target=195_000)
    entry = order(20, filled=100, leaves=0, status=OrderStatus.FILLED, plan=plan)
    stop = order(21, type=OrderType.STOP, limit=None, stop=187_000, leg=Leg.STOP, **leg)
    target = order(22, limit=195_000, leg=Leg.TARGET, **leg)
    on.orders.update({each.client_id: each for each in (entry, stop, target)})
    return on


@pytest.mark.parametrize(
    ("covered", "planned", "stop", "trail", "cover", "cell", "said"),
    [
        (100, 0, 187_000, None, Cover.VENUE, "● 187.00", "works at the broker, the nearest at 187.00"),
        (100, 0, None, 1_890, Cover.VENUE, "● tr 1.89", "the nearest at tr 1.89"),
        (40, 60, 187_000, None, Cover.HERE, "○ 187.00", "40 of 100 have a stop at the broker; 60 one"),
        (0, 100, None, None, Cover.HERE, "○ planned", "on its way: planned"),
        (60, 0, 187_000, None, Cover.PARTLY, "◐ 60/100", "40 of 100 have no stop; 60 have one"),
        (0, 0, None, None, Cover.MISSING, "! none", "none of the 100 has a stop"),
    ],
)
def test_the_cell_and_the_sentence_say_where_the_stop_is(
    covered: int, planned: int, stop: int | None, trail: int | None, cover: Cover, cell: str, said: str
) -> None:
    on = desk()
    for held in (100, -100):
        view = replace(position(AAPL, held), covered=covered, planned=planned, stop=stop, trail=trail)
        on.positions[AAPL] = view
        assert cover_of(view) is cover
        assert cover_run(view, on)[0] == cell
        assert said in cover_sentence(view, on)
        assert any(line.startswith("stop ") and said in line for line in why_symbol(AAPL, on))


def test_what_is_flat_needs_no_stop() -> None:
    on = desk()
    flat = position(AAPL, 0)
    assert cover_of(flat) is Cover.FLAT
    assert cover_run(flat, on)[1] == "faint"
    assert "nothing to protect" in cover_sentence(flat, on)


@given(st.integers(-1000, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_only_a_position_that_is_covered_whole_seems_so(held: int, covered: int, planned: int) -> None:
    cover = cover_of(replace(position(AAPL, held), covered=covered, planned=planned))
    assert (cover is Cover.VENUE) is (held != 0 and covered >= abs(held))
    assert (cover is Cover.MISSING) is (held != 0 and covered == planned == 0)


def test_a_leg_whose_position_is_gone_is_an_orphan() -> None:
    on = with_bracket()
    assert not is_orphan(on.orders["id-21"], on)
    assert is_orphan(on.orders["id-21"], with_bracket(held=-5))
    del on.positions[AAPL]
    assert is_orphan(on.orders["id-21"], on)
    assert not is_orphan(on.orders["id-12"], on)


def cancelling(text: str, on: Desk) -> str:
    action: Action = resolve(parse(text), on, DraftIds(), 0, "PAPER-1")
    return "".join(text for text, _ in headline(action, on))


def test_a_cancel_says_what_is_left_unprotected() -> None:
    on = with_bracket()
    assert cancelling("x #21", on) == "CANCEL #21 SELL 100 AAPL  100 AAPL left without this stop"
    assert cancelling("x #22", on) == "CANCEL #22 SELL 100 AAPL"
    on.orders["id-20"] = replace(
        on.orders["id-20"], status=OrderStatus.PARTIALLY_FILLED, filled=40, leaves=60
    )
    assert cancelling("x #20", on).endswith("stop #21 and target #22 stay for the 40 filled")
    assert cancel_leaves(on.orders["id-12"], on) == ""


def test_why_tells_what_belongs_together() -> None:
    on = with_bracket()
    assert "exits        a stop at 187.00 and a target at 195.00; stop #21 and target #22 work" in why_order(
        on.orders["id-20"], on
    )
    assert "protects     what #20 filled, as its stop" in why_order(on.orders["id-21"], on)
    del on.positions[AAPL]
    assert "protects     what #20 filled, as its stop; its position is gone" in why_order(
        on.orders["id-21"], on
    )
    on.orders["a"], on.orders["b"] = order(30, group="g"), order(31, group="g")
    assert "either or    #31: what fills of one is taken off the other" in why_order(on.orders["a"], on)


def test_exits_that_the_broker_holds_as_one_say_so() -> None:
    on = with_bracket()
    for name in ("id-21", "id-22"):
        on.orders[name] = replace(on.orders[name], group="id-20-p1")
    held = "the broker holds both as one, and ends one with the other"
    assert f"either or    #22: {held}" in why_order(on.orders["id-21"], on)
    assert cancelling("x #22", on).endswith("stop #21 goes with it, and is sent again alone")
    on.orders["id-21"] = replace(on.orders["id-21"], status=OrderStatus.CANCELED)
    assert cancelling("x #22", on) == "CANCEL #22 SELL 100 AAPL"
