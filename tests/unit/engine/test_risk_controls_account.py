"""The controls that look at the position and the account."""

from __future__ import annotations

import msgspec
import pytest

from engine.model.order import OrderStatus
from tests.risk_room import AMD, MICROS, NVDA, SAP, Room, limited_room, quote

MILLION = 1_000_000 * MICROS


@pytest.mark.parametrize(("quantity", "no"), [(800, []), (801, ["position_limit"])])
def test_a_position_counts_what_is_held_and_what_works(quantity: int, no: list[str]) -> None:
    desk = limited_room(position_size_max=2_000)
    desk.hold(700)
    desk.work(desk.buy(500))
    desk.work(desk.sell(300, limit=10_100))
    assert desk.no(desk.buy(quantity)) == no


def test_a_position_is_told_with_both_numbers() -> None:
    desk = limited_room(position_size_max=2_000)
    desk.hold(1_200)
    assert desk.why(desk.buy(2_000)) == "position would be 3,200, limit 2,000"
    desk.hold(-1_200)
    assert desk.why(desk.sell(2_000)) == "position would be -3,200, limit 2,000"


def test_two_orders_that_each_fit_do_not_fit_together() -> None:
    desk = limited_room(position_size_max=100)
    first, second = desk.buy(60), desk.buy(60, limit=9_999)
    assert desk.no(first) == []
    assert desk.no(second) == []
    desk.work(first)
    desk.gate.note_sent(first)
    assert desk.no(second) == ["position_limit"]


def test_an_order_of_unknown_fate_counts_as_live() -> None:
    desk = limited_room(position_size_max=100)
    order = desk.work(desk.buy(60))
    order.status = OrderStatus.UNKNOWN
    assert desk.no(desk.buy(41)) == ["position_limit"]


def test_an_amendment_under_way_counts_where_it_is_larger() -> None:
    desk = limited_room(position_size_max=100)
    order = desk.work(desk.buy(20))
    order.amend_quantity = 60
    assert desk.no(desk.buy(41)) == ["position_limit"]
    order.amend_quantity = 10
    assert desk.no(desk.buy(41)) == []


@pytest.mark.parametrize(("quantity", "no"), [(4_000, []), (4_001, ["position_notional"])])
def test_a_position_has_a_largest_worth(quantity: int, no: list[str]) -> None:
    desk = limited_room(position_notional_max=400_000)
    assert desk.no(desk.buy(quantity)) == no
    assert desk.no(desk.sell(quantity)) == no


def test_a_flip_is_judged_by_what_it_opens() -> None:
    desk = limited_room(position_size_max=100)
    desk.hold(100)
    assert desk.no(desk.sell(200)) == []
    assert desk.no(desk.sell(201)) == ["position_limit"]


def test_gross_exposure_sums_both_sides_of_the_account() -> None:
    desk = limited_room(gross_max_ratio=2)
    desk.hold(8_000)
    desk.hold(-7_000, AMD)
    desk.work(desk.sell(1_000, limit=10_100, symbol=AMD))
    assert desk.no(desk.buy(4_000)) == []
    assert desk.why(desk.buy(4_001)) == "gross exposure would be 2,000,100, limit 2,000,000"


def test_of_two_orders_that_cancel_each_other_the_larger_counts() -> None:
    desk = limited_room(gross_max_ratio=2)
    first, second = (
        desk.work(msgspec.structs.replace(desk.sell(size, limit=10_100), group="g"))
        for size in (6_000, 8_000)
    )
    assert desk.gate.usage()[0].used == 800_000
    assert desk.no(desk.sell(12_000)) == []
    assert desk.no(desk.sell(12_001)) == ["gross_exposure"]
    assert desk.no(msgspec.structs.replace(desk.sell(20_000), group="g")) == []
    assert desk.no(desk.buy(20_000, limit=10_000)) == []
    first.leaves = second.leaves = 0
    desk.gate.note_changed(NVDA)
    assert desk.gate.usage()[0].used == 0


def test_gross_exposure_is_in_the_base_currency() -> None:
    desk = limited_room(gross_max_ratio="0.11")
    desk.rates.set("EUR", 1_100_000_000)
    assert desk.no(desk.buy(1_000, symbol=SAP)) == []
    assert desk.no(desk.buy(1_001, symbol=SAP)) == ["gross_exposure"]


def test_net_exposure_is_the_tilt_of_the_account() -> None:
    desk = limited_room(net_max_ratio=1)
    desk.hold(-4_000, AMD)
    assert desk.no(desk.buy(14_000)) == []
    assert desk.why(desk.buy(14_001)) == "net exposure would be 1,000,100, limit 1,000,000"
    assert desk.no(desk.sell(6_000)) == []
    assert desk.why(desk.sell(6_001)) == "net exposure would be -1,000,100, limit 1,000,000"


def test_a_reduction_passes_though_it_tilts_the_account_further() -> None:
    desk = limited_room(net_max_ratio="0.1")
    desk.hold(-4_000, AMD)
    desk.hold(1_000)
    assert desk.no(desk.sell(1_000)) == []


@pytest.mark.parametrize(("quantity", "no"), [(4_000, []), (4_001, ["concentration"])])
def test_one_symbol_takes_at_most_its_share_of_equity(quantity: int, no: list[str]) -> None:
    desk = limited_room(concentration_max_percent=40)
    assert desk.no(desk.buy(quantity)) == no


def test_equity_that_falls_takes_the_limits_down_with_it() -> None:
    desk = limited_room(concentration_max_percent=40)
    assert desk.no(desk.buy(4_000)) == []
    desk.account.equity_micros = MILLION // 2
    assert desk.no(desk.buy(2_000)) == []
    assert desk.no(desk.buy(2_001)) == ["concentration"]
    desk.account.equity_micros = 0
    assert desk.no(desk.buy(1)) == ["gross_exposure", "net_exposure", "concentration", "buying_power"]


def test_a_position_elsewhere_that_has_no_price_stops_new_risk_only() -> None:
    desk = Room()
    desk.hold(100, AMD)
    quote(desk.states[AMD], 0, 0)
    desk.gate.note_changed(AMD)
    assert desk.no(desk.buy()) == ["exposure_unavailable"]
    desk.hold(100)
    assert desk.no(desk.sell()) == []
    desk.states[AMD].prior_close = 9_000
    desk.gate.note_changed(AMD)
    assert desk.no(desk.buy()) == []


@pytest.mark.parametrize(("quantity", "no"), [(1_000, []), (1_001, ["buying_power"])])
def test_the_accounts_own_buying_power_is_never_exceeded(quantity: int, no: list[str]) -> None:
    desk = Room()
    desk.account.buying_power_micros = 100_000 * MICROS
    assert desk.no(desk.buy(quantity)) == no


def test_two_orders_can_not_spend_the_same_money_before_it_is_counted() -> None:
    desk = limited_room(leverage=1)
    first = desk.buy(6_000)
    assert desk.no(first) == []
    desk.work(first)
    assert desk.account.buying_power_micros > MILLION, "the account has not been valued since"
    assert desk.no(desk.buy(4_000)) == []
    assert desk.why(desk.buy(4_001)) == "order needs 400,100 of buying power, available 400,000"
    assert desk.why(desk.buy(4_001, symbol=AMD)) == "order needs 400,100 of buying power, available 400,000"


def test_what_works_on_the_other_side_is_paid_for_already() -> None:
    desk = limited_room(leverage=1)
    desk.account.buying_power_micros = 100_000 * MICROS
    desk.work(desk.sell(9_000, limit=10_100))
    assert desk.no(desk.buy(10_000)) == []
    assert desk.no(desk.buy(10_001)) == ["buying_power"]


def test_what_closes_a_position_needs_no_buying_power() -> None:
    desk = limited_room(leverage=1)
    desk.hold(20_000)
    desk.account.buying_power_micros = -MILLION
    assert desk.no(desk.buy(1)) == ["buying_power"]
    assert desk.no(desk.sell(20_000)) == []


@pytest.mark.parametrize(
    ("lost", "no"),
    [
        (-5, []),
        (15_000, []),
        (15_001, ["day_loss_soft"]),
        (30_000, ["day_loss_soft"]),
        (30_001, ["day_loss_hard"]),
    ],
)
def test_a_lost_day_ends_new_risk_but_no_exit(lost: int, no: list[str]) -> None:
    desk = limited_room(day_loss_soft_percent="1.5", day_loss_hard_percent=3)
    desk.account.day_pnl_micros = -lost * MICROS
    assert desk.no(desk.buy()) == no
    desk.hold(-100)
    assert desk.no(desk.buy()) == []


@pytest.mark.parametrize(("equity", "no"), [(900_000, []), (899_999, ["drawdown"])])
def test_a_drawdown_ends_new_risk_but_no_exit(equity: int, no: list[str]) -> None:
    desk = limited_room(drawdown_hard_percent=10)
    desk.account.equity_micros = equity * MICROS
    assert desk.no(desk.buy()) == no
    desk.hold(-100)
    assert desk.no(desk.buy()) == []
