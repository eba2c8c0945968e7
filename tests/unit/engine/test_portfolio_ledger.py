"""The ledger's promises, for any sequence of fills."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.errors import DataError
from engine.model.account import RATE_SCALE, CurrencyRates
from engine.model.instrument import MICROS, Symbol
from engine.model.position import COST_SCALE
from engine.portfolio.ledger import Ledger
from engine.portfolio.lots import Lots
from tests.unit.engine.portfolio_bench import ACME, INSTRUMENTS, SIEM, brought_back, fill, ledger_of

SIZES = st.integers(-500, 500).filter(bool)
PRICES = st.integers(1, 10_000_000)
FILLS = st.lists(st.tuples(SIZES, PRICES), min_size=1, max_size=30)
ROUNDED = 1
"""A partial close rounds by less than one scaled unit, a billionth of price unit x size unit."""


def lots_of(trades: list[tuple[int, int]]) -> Lots:
    return ledger_of(fill(*trade) for trade in trades).holdings()[0].lots


@settings(deadline=None)
@given(FILLS, PRICES)
def test_average_cost_and_fifo_earn_the_same_at_any_mark(trades: list[tuple[int, int]], mark: int) -> None:
    holding = ledger_of(fill(*trade) for trade in trades).holdings()[0]
    at_average = holding.position.realised + holding.position.unrealised(mark)
    first_in = holding.lots.realised + holding.lots.unrealised(mark)
    assert at_average == first_in == sum(signed * (mark - price) for signed, price in trades) * COST_SCALE


@settings(deadline=None)
@given(FILLS)
def test_the_position_is_the_sum_of_its_fills(trades: list[tuple[int, int]]) -> None:
    holding = ledger_of(fill(*trade) for trade in trades).holdings()[0]
    assert holding.position.quantity == holding.lots.quantity == sum(signed for signed, _ in trades)


@settings(deadline=None)
@given(FILLS, PRICES)
def test_flat_means_no_cost_and_no_lots(trades: list[tuple[int, int]], price: int) -> None:
    ledger = ledger_of(fill(*trade) for trade in trades)
    position = ledger.positions[ACME]
    if position.quantity:
        ledger.on_fill(fill(-position.quantity, price))
    assert (position.quantity, position.cost, position.average_cost) == (0, 0, None)
    assert not ledger.holdings()[0].lots.open


@settings(deadline=None)
@given(FILLS, st.data())
def test_a_fill_in_two_parts_is_the_same_but_for_rounding(
    trades: list[tuple[int, int]], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(trades) - 1))
    signed, price = trades[index]
    part = data.draw(st.integers(0, abs(signed))) * (1 if signed > 0 else -1)
    parts = [(size, price) for size in (part, signed - part) if size]
    whole = ledger_of(fill(*trade) for trade in trades).holdings()[0]
    split = ledger_of(fill(*t) for t in [*trades[:index], *parts, *trades[index + 1 :]]).holdings()[0]
    bound = ROUNDED * (len(trades) + 1)
    assert split.position.quantity == whole.position.quantity
    assert abs(split.position.cost - whole.position.cost) <= bound
    assert split.position.realised - split.position.cost == whole.position.realised - whole.position.cost
    assert abs(split.lots.cost - whole.lots.cost) <= bound
    assert split.lots.realised - split.lots.cost == whole.lots.realised - whole.lots.cost


@settings(deadline=None)
@given(FILLS)
def test_every_lot_closed_is_matched_once(trades: list[tuple[int, int]]) -> None:
    lots = lots_of(trades)
    assert sum(match.profit for match in lots.matches) == lots.realised
    assert len({lot.quantity > 0 for lot in lots.open}) <= 1


def test_the_oldest_lot_is_closed_first() -> None:
    lots = lots_of([(100, 50), (100, 60), (-150, 70)])
    assert [(match.quantity, match.profit) for match in lots.matches] == [
        (100, 2_000 * COST_SCALE),
        (50, 500 * COST_SCALE),
    ]
    assert [(lot.quantity, lot.cost) for lot in lots.open] == [(50, 3_000 * COST_SCALE)]


def test_a_fill_through_zero_opens_at_its_own_price() -> None:
    position = ledger_of([fill(100, 5_000), fill(-150, 5_500)]).positions[ACME]
    assert position.quantity == -50
    assert position.average_cost == Decimal("55.00")
    assert position.realised == 100 * 500 * COST_SCALE


def test_a_fill_that_comes_again_is_counted_and_ignored() -> None:
    ledger = ledger_of([fill(100, 5_000, fill_id="x", fee_micros=7)])
    version = ledger.version
    ledger.on_fill(fill(100, 5_000, fill_id="x", fee_micros=7))
    position = ledger.positions[ACME]
    assert (position.quantity, position.fees_micros, ledger.duplicates) == (100, 7, 1)
    assert ledger.version == version


def test_the_same_id_of_another_symbol_is_another_fill() -> None:
    ledger = ledger_of([fill(1, 100, fill_id="x"), fill(1, 100, fill_id="x", symbol=Symbol("ES"))])
    assert ledger.duplicates == 0
    assert len(ledger.positions) == 2


def test_a_rebate_lowers_fees_and_leaves_cost_alone() -> None:
    position = ledger_of([fill(10, 100, fee_micros=500), fill(10, 100, fee_micros=-200)]).positions[ACME]
    assert position.fees_micros == 300
    assert position.average_cost == Decimal("1.00")


def test_a_fill_of_an_unlisted_symbol_is_refused() -> None:
    with pytest.raises(DataError, match="NOPE, which is not listed"):
        ledger_of([fill(1, 1, symbol=Symbol("NOPE"))])


@pytest.mark.parametrize("ratio", [Fraction(0), Fraction(-2)])
def test_a_split_needs_a_ratio_above_zero(ratio: Fraction) -> None:
    with pytest.raises(DataError, match="expected a ratio above 0"):
        ledger_of([fill(1, 1)]).apply_split(ACME, ratio)


def test_what_a_reverse_split_leaves_over_is_paid_out() -> None:
    ledger = ledger_of([fill(105, 100)])
    ledger.apply_split(ACME, Fraction(1, 10), cash_price=1_200)
    holding = ledger.holdings()[0]
    assert holding.position.quantity == holding.lots.quantity == 10
    assert holding.position.average_cost == Decimal("10.00")
    assert holding.position.realised == holding.lots.realised == 100 * COST_SCALE


def test_a_split_lot_keeps_its_opening_time_and_fill() -> None:
    ledger = ledger_of([fill(100, 80, fill_id="a"), fill(50, 90, fill_id="b")])
    before = [(lot.fill_id, lot.opened_ns, lot.cost) for lot in ledger.holdings()[0].lots.open]
    ledger.apply_split(ACME, Fraction(2))
    assert [(lot.fill_id, lot.opened_ns, lot.cost) for lot in ledger.holdings()[0].lots.open] == before


@pytest.mark.parametrize(("signed", "received"), [(100, 25), (-100, -25)])
def test_a_long_receives_a_dividend_and_a_short_pays_it(signed: int, received: int) -> None:
    ledger = ledger_of([fill(signed, 5_000)])
    ledger.apply_dividend(ACME, Decimal("0.25"))
    assert ledger.positions[ACME].dividends_micros == received * MICROS
    assert ledger.positions[ACME].realised == 0


def _siemens_in_dollars(rate: int) -> tuple[Ledger, CurrencyRates]:
    rates = CurrencyRates("USD")
    rates.set("EUR", rate)
    return Ledger(INSTRUMENTS, rates), rates


def test_a_rebuilt_holding_keeps_the_rates_of_its_fills() -> None:
    ledger, rates = _siemens_in_dollars(2 * RATE_SCALE)
    ledger.on_fill(fill(100, 1_000, symbol=SIEM, fee_micros=MICROS, fee_currency="EUR"))
    ledger.on_fill(fill(-10, 1_100, symbol=SIEM))
    unwanted = fill(7, 1_000, symbol=SIEM)
    ledger.on_fill(unwanted)
    holding = ledger.holdings()[0]
    before = (holding.realised_micros, holding.fees_micros)
    rates.set("EUR", 3 * RATE_SCALE)
    ledger.bust(unwanted)
    assert (holding.realised_micros, holding.fees_micros) == before == (20 * MICROS, 2 * MICROS)


def test_a_corrected_fill_is_booked_at_the_rates_of_the_first_one() -> None:
    ledger, rates = _siemens_in_dollars(2 * RATE_SCALE)
    ledger.on_fill(fill(100, 1_000, symbol=SIEM))
    closing = fill(-10, 1_100, symbol=SIEM, fee_micros=MICROS)
    ledger.on_fill(closing)
    rates.set("EUR", 3 * RATE_SCALE)
    ledger.correct(replace(closing, price=1_200, fee_micros=2 * MICROS))
    holding = ledger.holdings()[0]
    assert (holding.realised_micros, holding.fees_micros) == (40 * MICROS, 4 * MICROS)


def test_the_correction_of_a_fill_that_is_not_known_books_it() -> None:
    ledger = ledger_of([])
    ledger.correct(fill(10, 100))
    assert ledger.positions[ACME].quantity == 10


def test_what_waits_for_a_rate_is_converted_at_the_first_one_and_stays_so() -> None:
    noted: list[str] = []
    rates = CurrencyRates("USD")
    ledger = Ledger(INSTRUMENTS, rates)
    ledger.note_rate = noted.append
    ledger.on_fill(fill(100, 1_000, symbol=SIEM))
    ledger.on_fill(fill(-10, 1_100, symbol=SIEM, fee_micros=MICROS, fee_currency="GBP"))
    ledger.settle()
    holding = ledger.holdings()[0]
    assert (noted, holding.realised_micros) == ([], 0)
    rates.set("EUR", 2 * RATE_SCALE)
    ledger.settle()
    rates.set("EUR", 3 * RATE_SCALE)
    rates.set("GBP", 5 * RATE_SCALE)
    ledger.settle()
    ledger.settle()
    assert set(noted) == {"EUR", "GBP"}
    assert (holding.realised_micros, holding.fees_micros) == (20 * MICROS, 5 * MICROS)
    copy = brought_back(ledger)
    rates.set("EUR", 9 * RATE_SCALE)
    assert copy.holdings()[0].realised_micros == holding.realised_micros
    assert copy.holdings()[0].fees_micros == holding.fees_micros


def test_a_split_that_came_while_flat_counts_once_a_bust_makes_it_matter() -> None:
    closing = fill(-100, 60)
    ledger = ledger_of([fill(100, 50), closing])
    ledger.apply_split(ACME, Fraction(2))
    ledger.bust(closing)
    assert ledger.positions[ACME].quantity == 200


def test_a_bust_of_an_unknown_fill_or_symbol_changes_nothing() -> None:
    ledger = ledger_of([fill(10, 100)])
    version = ledger.version
    ledger.bust(fill(10, 100))
    ledger.bust(fill(10, 100, symbol=SIEM))
    assert ledger.version == version
