"""Currency rates come from the pairs that the market quotes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.model.account import CurrencyRates
from engine.model.instrument import AssetClass, Symbol
from engine.model.market_state import MarketState
from engine.portfolio.rates import rates_from_quotes
from tests.unit.engine.portfolio_bench import instrument


def pair(base: str, quote: str, mark: int, *, distrust: str = "") -> MarketState:
    """Return a pair at a price in hundredths."""
    state = MarketState(instrument(Symbol(base + quote), quote, kind=AssetClass.FX, base=base))
    state.last, state.distrust_reason = mark, distrust
    return state


def rates_of(*pairs: MarketState, known: Mapping[str, int] | None = None) -> CurrencyRates:
    rates = CurrencyRates("USD")
    for currency, rate in (known or {}).items():
        rates.set(currency, rate)
    rates_from_quotes(rates, pairs)
    return rates


@pytest.mark.parametrize(
    ("pairs", "currency", "rate"),
    [
        ([pair("EUR", "USD", 110)], "EUR", 1_100_000_000),
        ([pair("USD", "JPY", 15_000)], "JPY", 6_666_666),
        ([pair("EUR", "JPY", 16_500), pair("EUR", "USD", 110)], "JPY", 6_666_666),
        ([pair("GBP", "EUR", 120), pair("EUR", "USD", 110)], "GBP", 1_320_000_000),
        ([pair("EUR", "JPY", 16_500)], "EUR", None),
        ([pair("EUR", "USD", 0)], "EUR", None),
        ([pair("EUR", "USD", 110, distrust="crossed")], "EUR", None),
        ([pair("EUR", "USD", 110), pair("EUR", "GBP", 50), pair("GBP", "USD", 130)], "EUR", 1_100_000_000),
    ],
    ids=[
        "pair",
        "turned",
        "cross",
        "cross turned",
        "no way to base",
        "no price",
        "distrusted",
        "shortest way",
    ],
)
def test_a_currency_is_worth_what_its_pairs_say(
    pairs: list[MarketState], currency: str, rate: int | None
) -> None:
    assert rates_of(*pairs).get(currency) == rate


def test_a_rate_stays_while_its_pair_is_not_believed() -> None:
    rates = rates_of(pair("EUR", "USD", 110, distrust="gapped"), known={"EUR": 7})
    assert rates.get("EUR") == 7


def test_a_share_is_no_pair() -> None:
    state = MarketState(instrument(Symbol("SAP"), "EUR"))
    state.last = 110
    assert rates_of(state).get("EUR") is None


def test_the_base_currency_is_always_worth_itself() -> None:
    assert rates_of(pair("USD", "EUR", 90)).get("USD") == 10**9
