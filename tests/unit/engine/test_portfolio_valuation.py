"""What the account is worth: currencies, missing rates and prices, days and falls."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_MS, NS_PER_S
from engine.messages.views import PositionView
from engine.model.account import RATE_SCALE
from engine.model.instrument import MICROS, Symbol
from engine.model.market_state import Trust
from engine.model.position import COST_SCALE
from tests.unit.engine.portfolio_bench import (
    ACME,
    CASH_MICROS,
    ES,
    EURUSD,
    INSTRUMENTS,
    NOON_NS,
    SIEM,
    Desk,
    desk,
    fill,
)

SIZES = st.integers(-500, 500).filter(bool)
EVENTS = st.lists(
    st.one_of(
        st.tuples(
            st.just("fill"),
            st.sampled_from([ACME, SIEM, ES]),
            SIZES,
            st.integers(1, 100_000),
            st.sampled_from(["", "USD", "EUR", "GBP"]),
        ),
        st.tuples(st.just("rate"), st.sampled_from(["EUR", "GBP"]), st.integers(1, 3 * RATE_SCALE)),
        st.tuples(st.just("price"), st.sampled_from([ACME, SIEM, ES]), st.integers(1, 100_000)),
    ),
    max_size=25,
)
FEE_MICROS = 1_234_567


class Purse:
    """Cash by currency and what is held, from the same events; exact."""

    def __init__(self) -> None:
        self.cash: dict[str, Fraction] = {"USD": Fraction(CASH_MICROS)}
        self.held: dict[Symbol, int] = dict.fromkeys(INSTRUMENTS, 0)

    def trade(self, symbol: Symbol, signed: int, price: int, fee_currency: str) -> None:
        currency = INSTRUMENTS[symbol].currency
        self.held[symbol] += signed
        self._take(currency, self.worth(symbol, signed * price))
        self._take(fee_currency or currency, Fraction(FEE_MICROS))

    def worth(self, symbol: Symbol, units: int) -> Fraction:
        return Fraction(units * INSTRUMENTS[symbol].micros_numerator, INSTRUMENTS[symbol].micros_denominator)

    def _take(self, currency: str, micros: Fraction) -> None:
        self.cash[currency] = self.cash.get(currency, Fraction(0)) - micros


def view_of(made: Desk, symbol: Symbol) -> PositionView:
    return next(view for view in made.valuation.views() if view.symbol == symbol)


@settings(deadline=None)
@given(EVENTS)
def test_equity_is_the_cash_of_every_currency_and_what_is_held(events: list[tuple[object, ...]]) -> None:
    made, purse = desk(), Purse()
    marks = dict.fromkeys(INSTRUMENTS, 5_000)
    for symbol, mark in marks.items():
        made.states[symbol].last = mark if symbol != EURUSD else 0
    for event in events:
        _happen(made, purse, marks, event)
    made.rates.set("EUR", 1_100_000_000)
    made.rates.set("GBP", 1_300_000_000)
    made.valuation.revalue()
    rates = {"USD": Fraction(1), "EUR": Fraction(11, 10), "GBP": Fraction(13, 10)}
    cash = sum((amount * rates[currency] for currency, amount in purse.cash.items()), Fraction(0))
    held = sum(
        (
            purse.worth(symbol, size * marks[symbol]) * rates[INSTRUMENTS[symbol].currency]
            for symbol, size in purse.held.items()
        ),
        Fraction(0),
    )
    assert abs(made.account.equity_micros - cash - held) <= 20


def _happen(made: Desk, purse: Purse, marks: dict[Symbol, int], event: tuple[object, ...]) -> None:
    match event:
        case ("fill", str(symbol), int(signed), int(price), str(fee_currency)):
            named = Symbol(symbol)
            purse.trade(named, signed, price, fee_currency)
            made.trade(fill(signed, price, symbol=named, fee_micros=FEE_MICROS, fee_currency=fee_currency))
        case ("rate", str(currency), int(rate)):
            made.rates.set(currency, rate)
            made.valuation.revalue()
        case ("price", str(symbol), int(price)):
            marks[Symbol(symbol)] = price
            made.price(Symbol(symbol), price)
        case _:
            pytest.fail(f"no such event: {event}")


def test_a_position_whose_currency_has_no_rate_is_flagged_and_not_counted() -> None:
    made = desk()
    made.price(SIEM, 15_000)
    made.trade(fill(100, 15_000, symbol=SIEM, fee_micros=MICROS))
    view = view_of(made, SIEM)
    assert not view.rate_known
    assert (view.quantity, view.value_micros, view.fees_micros) == (100, 0, 0)
    assert made.account.equity_micros == CASH_MICROS
    assert made.valuation.exposures() == {}


def test_what_waited_for_a_rate_is_counted_when_it_comes() -> None:
    made = desk()
    made.trade(fill(100, 10_000, symbol=SIEM), fill(-100, 11_000, symbol=SIEM, fee_micros=MICROS))
    made.states[EURUSD].last = 110
    made.valuation.revalue()
    assert made.account.realised_micros == 1_100 * MICROS
    assert made.account.fees_micros == 1_100_000
    assert made.account.equity_micros == CASH_MICROS + 1_100 * MICROS - 1_100_000


def test_profit_keeps_the_rate_of_its_fill_and_the_rest_is_currency_profit() -> None:
    made = desk()
    made.rates.set("EUR", RATE_SCALE)
    made.trade(fill(100, 10_000, symbol=SIEM), fill(-100, 11_000, symbol=SIEM))
    made.rates.set("EUR", 2 * RATE_SCALE)
    made.valuation.revalue()
    assert made.account.realised_micros == 1_000 * MICROS
    assert made.account.fx_micros == 1_000 * MICROS


def test_a_position_without_a_price_is_worth_its_cost() -> None:
    made = desk()
    made.trade(fill(100, 5_000))
    view = view_of(made, ACME)
    assert (view.mark, view.value_micros, view.unrealised_micros) == (0, 5_000 * MICROS, 0)
    assert view.trust is Trust.NONE


def test_cash_pays_for_shares_in_full_and_for_futures_not_at_all() -> None:
    made = desk()
    made.price(ACME, 5_000)
    made.price(ES, 500_000)
    made.trade(fill(100, 5_000), fill(1, 500_000, symbol=ES))
    assert made.account.cash_micros == CASH_MICROS - 5_000 * MICROS
    assert made.account.gross_micros == (5_000 + 250_000) * MICROS


def test_a_view_shows_the_average_cost_without_needless_digits() -> None:
    made = desk()
    made.trade(fill(100, 5_000), fill(100, 5_100))
    assert view_of(made, ACME).average_cost == "50.5"
    made.trade(fill(-200, 5_100))
    assert view_of(made, ACME).average_cost == ""


def test_a_position_of_which_nothing_changed_is_the_same_view() -> None:
    made = desk()
    made.price(ACME, 5_000)
    made.trade(fill(100, 5_000), fill(5, 500_000, symbol=ES))
    first = made.valuation.views()
    made.price(ACME, 5_001)
    second = made.valuation.views()
    assert second[1] is first[1]
    assert (second[0].mark, second[0].unrealised_micros) == (5_001, MICROS)
    assert made.valuation.views()[0] is second[0]


def test_a_fill_shows_in_its_position_before_it_is_valued() -> None:
    made = desk()
    made.trade(fill(100, 5_000))
    assert view_of(made, ACME).quantity == 100
    made.ledger.on_fill(fill(100, 5_100))
    assert (view_of(made, ACME).quantity, view_of(made, ACME).average_cost) == (200, "50.5")


def test_a_position_shows_at_once_that_its_quote_is_too_old() -> None:
    made = desk()
    state = made.states[ACME]
    state.bid, state.ask, state.quote_receive_ns, state.quote_age_max_ns = 4_999, 5_001, NOON_NS, NS_PER_S
    made.trade(fill(100, 5_000))
    assert view_of(made, ACME).trust is Trust.GOOD
    made.clock.advance_to(NOON_NS + 2 * NS_PER_S)
    assert view_of(made, ACME).trust is Trust.STALE


def test_profit_of_the_day_counts_from_the_first_value_of_the_date() -> None:
    made = desk()
    made.trade(fill(100, 5_000))
    made.price(ACME, 5_100)
    assert made.account.day_pnl_micros == 100 * MICROS
    made.clock.advance_to(NOON_NS + 12 * 3_600 * NS_PER_S)
    made.valuation.revalue()
    assert (made.account.day_pnl_micros, view_of(made, ACME).day_pnl_micros) == (0, 0)
    made.price(ACME, 5_150)
    assert (made.account.day_pnl_micros, view_of(made, ACME).day_pnl_micros) == (50 * MICROS, 50 * MICROS)
    assert view_of(made, ACME).unrealised_micros == 150 * MICROS


def test_a_drawdown_is_measured_from_the_highest_equity() -> None:
    made = desk()
    made.trade(fill(10_000, 5_000))
    made.price(ACME, 15_000)
    made.price(ACME, 5_000)
    assert made.valuation.drawdown == pytest.approx(-0.5)
    assert made.account.equity_peak_micros == 2 * CASH_MICROS
    made.price(ACME, 20_000)
    assert made.valuation.drawdown == 0.0


def test_a_fill_is_valued_at_once_and_marks_when_they_are_due() -> None:
    made = desk()
    assert not made.valuation.refresh()
    made.ledger.on_fill(fill(100, 5_000))
    assert made.valuation.refresh()
    assert not made.valuation.refresh()
    made.clock.advance_to(NOON_NS + 250 * NS_PER_MS)
    assert made.valuation.refresh()


def test_exposures_are_signed_and_in_base() -> None:
    made = desk()
    made.rates.set("EUR", 1_100_000_000)
    made.trade(
        fill(-100, 5_000), fill(10, 10_000, symbol=SIEM), fill(5, 100, symbol=ES), fill(-5, 100, symbol=ES)
    )
    assert made.valuation.exposures() == {ACME: -5_000 * MICROS, SIEM: 1_100 * MICROS}


def test_the_account_adds_up_its_positions() -> None:
    made = desk()
    made.trade(fill(100, 5_000, fee_micros=MICROS), fill(-2, 500_000, symbol=ES))
    made.price(ACME, 5_200)
    made.price(ES, 499_000)
    account, views = made.valuation.account_view(), made.valuation.views()
    assert account.unrealised_micros == sum(view.unrealised_micros for view in views) == 1_200 * MICROS
    assert account.net_micros == sum(view.value_micros for view in views)
    assert account.equity_micros == CASH_MICROS + 1_199 * MICROS
    assert Decimal(made.ledger.positions[ACME].cost) == 100 * 5_000 * COST_SCALE
