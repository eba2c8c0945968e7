"""Which listings are related, and which only look alike."""

from __future__ import annotations

import pytest

from engine.model.instrument import AssetClass, Symbol
from engine.model.listing import Listing, usual_coin


def pair(venue: str, symbol: str, base: str, currency: str) -> Listing:
    return Listing(venue, Symbol(symbol), AssetClass.CRYPTO, base, currency)


BTC_USD = pair("kraken", "BTC/USD", "BTC", "USD")


@pytest.mark.parametrize(
    "other",
    [
        pair("binance", "BTCUSDT", "BTC", "USDT"),
        pair("coinbase", "BTC-USD", "BTC", "USD"),
        pair("elsewhere", "XBT/USD", "XBT", "USD"),
        pair("elsewhere", "xbtusdc", "xbt", "usdc"),
    ],
    ids=lambda each: each.symbol,
)
def test_one_thing_for_one_money_is_related_by_whatever_names(other: Listing) -> None:
    assert other.kinship == BTC_USD.kinship
    assert other.kinship.label == "BTC/USD"


@pytest.mark.parametrize(
    "other",
    [
        pair("kraken", "BTC/EUR", "BTC", "EUR"),
        pair("kraken", "ETH/USD", "ETH", "USD"),
        pair("kraken", "USDT/USD", "USDT", "USD"),
        Listing("alpaca", Symbol("BTC"), AssetClass.EQUITY, "", "USD", "A trust that holds coins"),
    ],
    ids=lambda each: each.symbol,
)
def test_another_thing_another_money_or_a_share_of_the_same_name_is_not(other: Listing) -> None:
    assert other.kinship != BTC_USD.kinship


def test_a_money_coin_against_its_currency_is_a_pair_of_its_own() -> None:
    assert pair("kraken", "USDT/USD", "USDT", "USD").kinship.label == "USDT/USD"
    assert usual_coin("xdg") == "DOGE"
