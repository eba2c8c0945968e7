"""What may still be bought: positions at their marks, open orders at the worst they can lead to."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from engine.model.instrument import MICROS
from engine.model.order import Order
from tests.unit.engine.portfolio_bench import ACME, CASH_MICROS, SIEM, Desk, desk, fill, order


def desk_with(held: int, *orders: Order, leverage_max: str = "1") -> Desk:
    made = desk(orders, leverage_max=leverage_max)
    made.states[ACME].last = 10_000
    if held:
        made.ledger.on_fill(fill(held, 10_000))
    made.valuation.revalue()
    return made


@pytest.mark.parametrize(
    ("held", "orders", "used"),
    [
        (0, [], 0),
        (100, [], 10_000),
        (-100, [], 10_000),
        (0, [(50, 10_000)], 5_000),
        (0, [(50, 10_000), (-50, 10_000)], 5_000),
        (100, [(-100, 10_000)], 10_000),
        (100, [(-300, 10_000)], 20_000),
        (100, [(50, 10_000), (-100, 10_000)], 15_000),
        (-100, [(100, 10_000)], 10_000),
        (0, [(50, None)], 5_000),
        (0, [(50, 8_000)], 4_000),
    ],
)
def test_open_orders_take_up_the_worst_they_can_lead_to(
    held: int, orders: Sequence[tuple[int, int | None]], used: int
) -> None:
    made = desk_with(held, *(order(signed, limit=limit) for signed, limit in orders))
    assert made.account.buying_power_micros == CASH_MICROS - used * MICROS


def test_of_two_orders_that_cancel_each_other_the_dearer_is_reserved() -> None:
    pair = [order(-100, limit=limit) for limit in (10_100, 9_900)]
    for each in pair:
        each.request = msgspec.structs.replace(each.request, group="g")
    assert desk_with(0, *pair).account.buying_power_micros == CASH_MICROS - 10_100 * MICROS


def test_leverage_multiplies_equity_and_not_what_is_used() -> None:
    made = desk_with(100, leverage_max="2.5")
    assert made.account.buying_power_micros == 5 * CASH_MICROS // 2 - 10_000 * MICROS


def test_only_what_an_order_has_left_is_reserved() -> None:
    partly = order(100, limit=10_000)
    partly.leaves, partly.filled = 40, 60
    assert desk_with(0, partly).account.buying_power_micros == CASH_MICROS - 4_000 * MICROS


def test_an_order_being_made_larger_is_reserved_at_its_new_size() -> None:
    growing = order(100, limit=10_000)
    growing.leaves, growing.filled, growing.amend_quantity = 40, 60, 200
    assert desk_with(0, growing).account.buying_power_micros == CASH_MICROS - 14_000 * MICROS


def test_a_position_without_a_mark_takes_up_its_cost() -> None:
    made = desk()
    made.trade(fill(100, 7_000))
    assert made.account.buying_power_micros == CASH_MICROS - 7_000 * MICROS


def test_an_order_in_another_currency_counts_in_base() -> None:
    made = desk([order(100, limit=10_000, symbol=SIEM)])
    made.rates.set("EUR", 1_100_000_000)
    made.valuation.revalue()
    assert made.account.buying_power_micros == CASH_MICROS - 11_000 * MICROS


def test_an_overdrawn_account_has_less_than_nothing() -> None:
    made = desk_with(10_100)
    assert made.account.buying_power_micros == -10_000 * MICROS
