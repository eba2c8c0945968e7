"""What a disarmed account may still send: whatever makes a position smaller, and nothing else."""

from __future__ import annotations

import pytest

from engine.messages.commands import TradingState
from engine.model.order import OrderType, TimeInForce
from engine.risk.arming import Arming
from tests.risk_room import NVDA, Room


@pytest.fixture
def room() -> Room:
    """Have a room whose account is a live one, as it starts."""
    room = Room()
    room.arming = Arming(needs_name=True)
    room.gate = room.make_gate()
    return room


def test_a_live_account_starts_disarmed_and_says_what_to_do(room: Room) -> None:
    assert not room.arming.armed
    assert room.no(room.buy()) == ["disarmed"]
    assert room.why(room.buy()) == (
        "the account is disarmed (the desk started): press F12 and type the account's name"
    )


def test_an_account_without_real_money_starts_armed() -> None:
    room = Room()
    assert room.no(room.buy()) == []
    room.arming.disarm("F12")
    assert room.why(room.buy()) == "the account is disarmed (F12): press F12"


def test_armed_it_opens(room: Room) -> None:
    room.arming.arm()
    assert room.no(room.buy()) == []


def test_what_makes_a_position_smaller_passes_and_what_turns_it_around_does_not(room: Room) -> None:
    room.hold(300)
    assert room.no(room.sell(300)) == []
    assert room.no(room.sell(301)) == ["disarmed"]
    assert room.no(room.buy(1)) == ["disarmed"]
    assert room.no(room.sell(100, reduce_only=True)) == []


def test_what_works_already_on_its_side_counts_with_it(room: Room) -> None:
    room.hold(300)
    room.work(room.sell(200, 10_500))
    assert room.no(room.sell(100)) == []
    assert "with what works already it could open 1" in room.why(room.sell(101, reduce_only=True))


def test_a_flatten_and_the_legs_of_an_entry_pass_beside_what_works(room: Room) -> None:
    room.hold(300)
    room.work(room.sell(300, 10_500, reduce_only=True, group="pair"))
    leg = {"reduce_only": True, "origin": "leg", "group": "pair", "tif": TimeInForce.GTC}
    assert room.no(room.sell(300, None, type=OrderType.STOP, stop=9_900, **leg)) == []
    assert room.no(room.sell(300, None, reduce_only=True, origin="exit", group="pair")) == []


def test_a_leg_that_a_person_makes_larger_counts_with_what_works_and_one_that_its_bracket_does_not(
    room: Room,
) -> None:
    room.hold(300)
    room.work(room.sell(200, 10_500))
    leg = room.work(room.sell(100, 10_600, reduce_only=True, origin="leg", tif=TimeInForce.GTC))
    assert room.gate.check_amend(leg, 100, 10_700, None) == ()
    assert [each.rule for each in room.gate.check_amend(leg, 101, 10_600, None)] == ["disarmed"]
    assert room.gate.check_amend(leg, 101, 10_600, None, "leg") == ()


def test_a_change_of_an_order_that_opens_is_held_up_too(room: Room) -> None:
    order = room.work(room.buy(100, 9_900))
    assert [each.rule for each in room.gate.check_amend(order, 100, 9_950, None)] == ["disarmed"]
    room.arming.arm()
    assert room.gate.check_amend(order, 100, 9_950, None) == ()


def test_every_reason_is_told_at_once(room: Room) -> None:
    room.halts.set(TradingState.HALTED, "fire")
    assert room.no(room.buy()) == ["trading_halted", "disarmed"]
    room.hold(300)
    assert room.no(room.sell(100)) == ["trading_halted"]


def test_a_preview_shows_the_rule_like_any_other(room: Room) -> None:
    preview = room.gate.preview(room.buy())
    assert [denial.rule for denial in preview.denials] == ["disarmed"]
    (row,) = (each for each in preview.rules if each.label == "Armed")
    assert (row.passed, row.rule) == (False, "disarmed")
    assert preview.quantity_max == 0


def test_an_order_that_was_judged_while_armed_is_held_back_once_it_is_not(room: Room) -> None:
    room.arming.arm()
    order, stamp = room.work(room.buy()), room.gate.stamp
    assert room.gate.held_back(order.request, stamp) == ""
    room.arming.disarm("F12")
    assert room.gate.held_back(order.request, stamp) == room.arming.sentence


def test_an_order_that_reduces_is_not_held_back(room: Room) -> None:
    room.arming.arm()
    room.hold(300)
    order, stamp = room.work(room.sell(100)), room.gate.stamp
    room.arming.disarm("F12")
    assert room.gate.held_back(order.request, stamp) == ""
    room.halts.set(TradingState.HALTED, "fire")
    assert room.gate.held_back(order.request, stamp) == "trading is halted: fire"


def test_arming_again_does_not_let_out_what_was_judged_before_a_halt(room: Room) -> None:
    room.arming.arm()
    order, stamp = room.work(room.buy()), room.gate.stamp
    room.halts.set(TradingState.HALTED, "fire", NVDA)
    room.arming.disarm("F12")
    room.arming.arm()
    assert room.gate.held_back(order.request, stamp) == "trading is halted: fire"
