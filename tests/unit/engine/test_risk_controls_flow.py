"""The controls that look at the flow of orders, at our own on the other side, and at the trading state."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from engine.messages.commands import TradingState
from engine.model.order import Order, OrderStatus, OrderType
from engine.risk.limits import SymbolLimits
from tests.risk_room import AMD, GENEROUS, MICROS, NOW_NS, NVDA, Room, limited_room

MILLION = 1_000_000 * MICROS


def test_the_order_rate_admits_a_burst_and_then_the_rate() -> None:
    desk = limited_room(order_rate_per_s=10, order_burst=3)
    for _ in range(3):
        assert desk.no(desk.buy()) == []
        desk.gate.note_sent(desk.buy())
    assert desk.why(desk.buy()) == "3 orders in the last second, limit 10 a second: next in 100 ms"
    desk.clock.advance_to(NOW_NS + 99_999_999)
    assert desk.no(desk.buy()) == ["order_rate"]
    desk.clock.advance_to(NOW_NS + 100_000_000)
    assert desk.no(desk.buy()) == []


def test_asking_does_not_count_as_sending() -> None:
    desk = limited_room(order_rate_per_s=1, order_burst=1)
    assert [desk.no(desk.buy()) for _ in range(5)] == [[]] * 5


def test_a_clock_that_jumps_back_does_not_hold_orders_for_ever() -> None:
    desk = limited_room(order_rate_per_s=1, order_burst=1)
    desk.gate.note_sent(desk.buy())
    desk.clock.rewind_to(NOW_NS - 3_600_000_000_000)
    assert desk.no(desk.buy()) == []


def test_amendments_have_a_rate_of_their_own() -> None:
    desk = limited_room(order_rate_per_s=1, order_burst=1, amend_rate_per_s=1, amend_burst=2)
    order = desk.work(desk.buy())
    desk.gate.note_sent(order.request)
    for limit in (9_990, 9_980):
        assert desk.gate.check_amend(order, 100, limit, None) == ()
    (denial,) = desk.gate.check_amend(order, 100, 9_970, None)
    assert denial.rule == "amend_rate"


@pytest.mark.parametrize(("working", "no"), [(2, []), (3, ["open_orders"])])
def test_open_orders_are_counted(working: int, no: list[str]) -> None:
    desk = Room(account_limits=msgspec.structs.replace(GENEROUS, open_orders_max=3))
    for _ in range(working):
        desk.work(desk.buy(symbol=AMD))
    assert desk.no(desk.buy()) == no


@pytest.mark.parametrize(("working", "no"), [(2, []), (3, ["open_orders"])])
def test_open_orders_are_counted_in_one_symbol(working: int, no: list[str]) -> None:
    desk = Room(SymbolLimits(open_orders_max=3))
    for _ in range(working):
        desk.work(desk.buy())
    assert desk.no(desk.buy()) == no
    assert desk.no(desk.buy(symbol=AMD)) == []


def test_the_same_order_again_is_a_mistake_for_a_while() -> None:
    desk = Room(SymbolLimits(duplicate_window_ms=1_000))
    desk.gate.note_sent(desk.buy())
    assert desk.why(desk.buy()) == "the same order was sent 0.00 s ago, limit one in 1 s"
    for other in (
        desk.buy(101),
        desk.buy(limit=9_999),
        desk.sell(),
        desk.buy(symbol=AMD),
        desk.buy(limit=None),
    ):
        assert desk.no(other) == []
    desk.clock.advance_to(NOW_NS + 999_999_999)
    desk.gate.note_sent(desk.buy(55))
    assert desk.no(desk.buy()) == ["duplicate_order"]
    desk.clock.advance_to(NOW_NS + 1_000_000_000)
    assert desk.no(desk.buy()) == []


def test_a_reduce_only_order_is_never_a_duplicate() -> None:
    desk = Room(SymbolLimits(duplicate_window_ms=1_000))
    desk.hold(100)
    desk.gate.note_sent(desk.sell(reduce_only=True))
    assert desk.no(desk.sell(reduce_only=True)) == []


@pytest.mark.parametrize(("limit", "no"), [(10_009, []), (10_010, ["self_trade"]), (10_020, ["self_trade"])])
def test_a_buy_does_not_meet_our_own_sell(limit: int, no: list[str]) -> None:
    desk = Room()
    desk.work(desk.sell(limit=10_010))
    assert desk.no(desk.buy(limit=limit)) == no


@pytest.mark.parametrize(("limit", "no"), [(9_991, []), (9_990, ["self_trade"])])
def test_a_sell_does_not_meet_our_own_buy(limit: int, no: list[str]) -> None:
    desk = Room()
    desk.work(desk.buy(limit=9_990))
    assert desk.no(desk.sell(limit=limit)) == no


def test_a_market_order_meets_whatever_lies_within_the_collar() -> None:
    desk = Room(SymbolLimits(collar_bps=Decimal(100)))
    desk.work(desk.sell(limit=10_101))
    desk.work(desk.buy(limit=9_900))
    assert desk.no(desk.buy(limit=None)) == ["self_trade"]
    assert desk.no(desk.sell(limit=None)) == ["self_trade"]
    apart = Room(SymbolLimits(collar_bps=Decimal(100)))
    apart.work(apart.sell(limit=10_102))
    apart.work(apart.buy(limit=9_898))
    assert apart.no(apart.buy(limit=None)) == []
    assert apart.no(apart.sell(limit=None)) == []


def test_a_waiting_stop_meets_nothing_until_it_is_triggered() -> None:
    desk = Room()
    stop = desk.work(desk.sell(limit=None, type=OrderType.STOP, stop=9_900))
    assert desk.no(desk.buy()) == []
    assert desk.no(desk.buy(limit=None, type=OrderType.STOP, stop=10_200)) == []
    stop.triggered = True
    assert desk.no(desk.buy()) == ["self_trade"]


def test_an_exit_does_not_meet_the_entry_that_it_belongs_to() -> None:
    desk = Room()
    desk.hold(100)
    entry = desk.work(desk.buy(limit=None))
    assert desk.no(desk.sell(limit=10_100, parent=entry.client_id)) == []
    assert desk.no(desk.sell(limit=10_100)) == ["self_trade"]


def test_an_exit_does_not_wait_for_its_own_cancels() -> None:
    desk = Room()
    desk.hold(100)
    buy = desk.work(desk.buy(limit=9_999))
    assert desk.no(desk.sell(limit=None, reduce_only=True)) == ["self_trade"]
    buy.status = OrderStatus.PENDING_CANCEL
    assert desk.no(desk.sell(limit=None, reduce_only=True)) == []


@pytest.mark.parametrize(("quantity", "no"), [(60, []), (61, ["reduce_only"])])
def test_a_reduce_only_order_closes_at_most_what_no_other_will(quantity: int, no: list[str]) -> None:
    desk = Room()
    desk.hold(100)
    desk.work(desk.sell(40, limit=10_100, reduce_only=True))
    assert desk.no(desk.sell(quantity, reduce_only=True)) == no


def test_a_reduce_only_order_opposes_a_position() -> None:
    desk = Room()
    assert desk.no(desk.sell(1, reduce_only=True)) == ["reduce_only"]
    desk.hold(100)
    assert desk.why(desk.buy(1, reduce_only=True)) == "it may only reduce, and no short position is held"
    assert desk.why(desk.sell(101, reduce_only=True)) == "order would close 101, and 100 is held"


def test_a_reduce_only_order_is_told_what_is_in_its_way() -> None:
    desk = Room()
    desk.hold(100)
    desk.work(desk.sell(100, limit=10_100, reduce_only=True))
    assert desk.why(desk.sell(60, reduce_only=True)) == (
        "order would close 60, but what works closes 100 of 100 already: cancel that first"
    )


def test_an_exit_makes_room_for_the_next_once_it_is_gone_and_not_while_its_cancel_is_underway() -> None:
    desk = Room()
    desk.hold(100)
    first = desk.work(desk.sell(100, limit=10_100, reduce_only=True))
    desk.halts.set(TradingState.REDUCING, "end of day")
    first.status = OrderStatus.PENDING_CANCEL
    assert desk.no(desk.sell(1, reduce_only=True)) == ["trading_reducing", "reduce_only"]
    first.status = OrderStatus.CANCELED
    desk.working.discard(first)
    assert desk.no(desk.sell(100, reduce_only=True)) == []


def test_while_reducing_only_what_reduces_passes() -> None:
    desk = Room()
    desk.halts.set(TradingState.REDUCING, "end of day", now_ns=NOW_NS)
    assert desk.why(desk.buy()) == "only orders that reduce are allowed: end of day"
    desk.hold(100)
    assert desk.no(desk.sell(100)) == []
    assert desk.no(desk.sell(101)) == ["trading_reducing"]
    desk.work(desk.sell(60))
    assert desk.no(desk.sell(40)) == []
    assert desk.no(desk.sell(41)) == ["trading_reducing"]


def test_while_reducing_an_order_that_only_reduces_counts_with_all_that_works_on_its_side() -> None:
    desk = Room()
    desk.hold(100)
    desk.halts.set(TradingState.REDUCING, "end of day")
    desk.work(desk.sell(60, limit=10_100))
    assert desk.no(desk.sell(40, reduce_only=True)) == []
    assert desk.why(desk.sell(100, reduce_only=True)) == (
        "only orders that reduce are allowed: end of day; "
        "with what works already it could open 60, so cancel that first"
    )
    assert desk.no(desk.sell(100, limit=None, reduce_only=True, origin="exit")) == []


def test_what_was_accepted_before_trading_was_reduced_leaves_only_if_it_reduces() -> None:
    desk = Room()
    desk.hold(100)
    stamp = desk.gate.stamp
    plain, protective = desk.sell(60, limit=10_100), desk.sell(100, reduce_only=True)
    desk.work(plain)
    stop = desk.work(protective)
    desk.halts.set(TradingState.REDUCING, "end of day")
    assert desk.gate.held_back(plain, stamp) == "trading is reducing: end of day"
    assert desk.gate.held_back(protective, stamp) == "trading is reducing: end of day"
    desk.working.discard(stop)
    assert desk.gate.held_back(plain, stamp) == ""


def test_while_halted_nothing_passes_but_a_deliberate_exit() -> None:
    desk = Room()
    desk.hold(100)
    desk.halts.set(TradingState.HALTED, "kill switch")
    assert desk.why(desk.buy()) == "trading is halted: kill switch"
    assert desk.no(desk.sell(100)) == ["trading_halted"]
    assert desk.no(desk.sell(100, reduce_only=True)) == ["trading_halted"]
    assert desk.no(desk.sell(100, limit=None, reduce_only=True, origin="exit")) == []
    assert desk.no(desk.sell(101, limit=None, reduce_only=True, origin="exit")) == [
        "trading_halted",
        "reduce_only",
    ]


def test_one_symbol_is_halted_by_itself() -> None:
    desk = Room()
    desk.halts.set(TradingState.HALTED, "news", NVDA)
    assert desk.no(desk.buy()) == ["trading_halted"]
    assert desk.no(desk.buy(symbol=AMD)) == []
    desk.halts.set(TradingState.ACTIVE, "", NVDA)
    assert desk.no(desk.buy()) == []


def test_the_stricter_of_two_states_holds() -> None:
    desk = Room()
    desk.halts.set(TradingState.HALTED, "everything")
    desk.halts.set(TradingState.REDUCING, "one", NVDA)
    assert desk.why(desk.buy()) == "trading is halted: everything"
    desk.halts.set(TradingState.ACTIVE, "")
    assert desk.halts.state_of(NVDA) is TradingState.REDUCING
    assert desk.halts.state_of(AMD) is TradingState.ACTIVE


def test_a_halt_that_comes_during_the_check_still_holds() -> None:
    desk = Room(hours=lambda _instrument, _now_ns: desk.halts.set(TradingState.HALTED, "kill switch"))
    assert desk.no(desk.buy()) == ["trading_halted"]


def test_an_amendment_is_judged_as_the_larger_of_old_and_new() -> None:
    desk = limited_room(position_size_max=100)
    order = desk.work(desk.buy(80))
    assert amend(desk, order, 100) == []
    assert amend(desk, order, 101) == ["position_limit"]
    desk.work(desk.buy(15))
    desk.hold(10)
    assert amend(desk, order, 80) == [], "what adds nothing is let be"
    assert amend(desk, order, 40) == []
    assert amend(desk, order, 81) == ["position_limit"]


def test_an_amendment_keeps_what_was_filled() -> None:
    desk = Room()
    order = desk.work(desk.buy(80))
    order.filled, order.leaves = 30, 50
    assert amend(desk, order, 30) == ["amend_quantity"]
    assert amend(desk, order, 31) == []
    order.status = OrderStatus.FILLED
    assert amend(desk, order, 90) == ["order_not_open"]


def test_an_amendment_counts_only_what_is_not_filled_yet() -> None:
    desk = limited_room(position_size_max=100)
    order = desk.work(desk.buy(80))
    order.filled, order.leaves = 30, 50
    desk.hold(30)
    assert amend(desk, order, 100) == []
    assert amend(desk, order, 101) == ["position_limit"]


def test_an_order_that_is_too_large_may_be_made_smaller_but_not_larger() -> None:
    desk = limited_room(order_size_max=50)
    order = desk.work(desk.buy(80))
    assert amend(desk, order, 60) == []
    assert amend(desk, order, 81) == ["order_size"]


def test_an_amendment_is_held_by_the_same_price_rules() -> None:
    desk = Room(SymbolLimits(collar_bps=Decimal(100), duplicate_window_ms=1_000))
    order = desk.work(desk.buy(80))
    desk.gate.note_sent(order.request)
    assert amend(desk, order, 80, 10_100) == []
    assert amend(desk, order, 80, 10_101) == ["price_collar"]
    desk.halts.set(TradingState.HALTED, "kill switch")
    assert amend(desk, order, 80, 9_900) == ["trading_halted"]


def amend(desk: Room, order: Order, quantity: int, limit: int = 10_000) -> list[str]:
    return [denial.rule for denial in desk.gate.check_amend(order, quantity, limit, None)]
