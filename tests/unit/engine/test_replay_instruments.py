"""Instruments are made from what a recording shows, and share names only when they are the same."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.listing import Listing
from engine.adapters.replay.listing_rules import venue_from_name
from engine.model.depth import SequenceRule
from engine.model.instrument import AssetClass, Instrument


def _one(symbol: str, venue: str, prices: int = 2, sizes: int = 0) -> Instrument:
    found = Instruments([Listing(symbol, venue, prices, sizes)]).get(symbol, venue)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("symbol", "venue", "asset_class", "base", "currency"),
    [
        ("BTCUSDT", "binance-spot", AssetClass.CRYPTO, "BTC", "USDT"),
        ("BTCUSD_PERP", "binance-coinm", AssetClass.CRYPTO, "BTC", "USD"),
        ("XBT/CHF", "kraken", AssetClass.CRYPTO, "BTC", "CHF"),
        ("BAND-GBP", "coinbase", AssetClass.CRYPTO, "BAND", "GBP"),
        ("EURUSD", "oanda", AssetClass.FX, "EUR", "USD"),
        ("EURUSD", "recording", AssetClass.FX, "EUR", "USD"),
        ("XAUUSD", "oanda", AssetClass.FX, "XAU", "USD"),
        ("SPX", "recording", AssetClass.INDEX, "", "USD"),
        ("AAPL", "recording", AssetClass.EQUITY, "", "USD"),
    ],
)
def test_a_symbol_is_recognised(
    symbol: str, venue: str, asset_class: AssetClass, base: str, currency: str
) -> None:
    made = _one(symbol, venue)
    assert (made.asset_class, made.base, made.currency) == (asset_class, base, currency)


def test_units_are_finer_than_the_tick_where_the_values_need_it() -> None:
    spy = _one("SPY", "recording", prices=6)
    assert (spy.price_unit, spy.tick, spy.lot) == (Decimal("0.000001"), Decimal("0.01"), Decimal(1))
    yen = _one("USDJPY", "fxcm")
    assert yen.tick == Decimal("0.001")


def test_what_can_only_be_watched_is_not_tradable() -> None:
    assert not _one("BTCUSD_PERP", "binance-coinm").tradable
    assert not _one("VIX", "recording").tradable
    assert _one("BTCUSDT", "binance-usdm").tradable


def test_a_symbol_keeps_its_name_until_a_second_venue_has_it() -> None:
    alone = Instruments([Listing("EURUSD", "oanda", 5), Listing("EURUSD", "oanda", 3)])
    assert [instrument.symbol for instrument, _ in alone] == ["EURUSD"]
    both = Instruments([Listing("EURUSD", "oanda", 5), Listing("EURUSD", "fxcm", 5)])
    assert [instrument.symbol for instrument, _ in both] == ["EURUSD.oanda", "EURUSD.fxcm"]


def test_files_of_one_symbol_share_the_finest_units() -> None:
    both = Instruments([Listing("EURUSD", "oanda", 6), Listing("EURUSD", "oanda", 5)])
    assert [instrument.price_unit for instrument, _ in both] == [Decimal("0.000001")]


def test_a_late_symbol_whose_name_is_taken_gets_its_venues() -> None:
    known = Instruments([Listing("BTCUSDT", "binance-spot", 2)])
    listed = known.add(Listing("BTCUSDT", "binance-usdm", 1))
    assert listed.instrument.symbol == "BTCUSDT.usdm"
    assert listed.rule is SequenceRule.BINANCE_FUTURES


def test_escapes_in_a_symbol_lose_their_power() -> None:
    made = _one("\x1b[31mEVIL\u202e", "ven\x1bue")
    assert "\x1b" not in made.symbol + made.venue + made.description
    assert "\u202e" not in made.symbol


def test_symbols_that_differ_only_in_escapes_stay_apart() -> None:
    both = Instruments([Listing("EVIL", "oanda", 5), Listing("EVIL\x1b", "oanda", 2)])
    assert [instrument.symbol for instrument, _ in both] == ["EVIL", "EVIL'"]


def test_a_venue_is_found_in_a_files_name_as_a_word() -> None:
    assert venue_from_name("btcusd_coinbase_daily") == "coinbase"
    assert venue_from_name("fxcm_EURUSD_quotebars") == "fxcm"
    assert venue_from_name("krakens") == "recording"
