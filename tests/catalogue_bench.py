"""A catalogue of what the venues of this machine list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from engine.settings.venues import (
    AlpacaSettings,
    BinanceSettings,
    CoinbaseSettings,
    KrakenSettings,
    VenuesSettings,
)
from tests import binance_bench, coinbase_bench, kraken_bench
from tests.venues.alpaca.venue import AlpacaVenue

LISTED = {
    "alpaca": {"AAPL", "MSFT", "SPY", "PNNY", "HARD", "BTC/USD", "ETH/USD"},
    "binance": {"BTCUSDT", "ETHUSDT", "PEPEUSDT"},
    "coinbase": {"BTC-USD", "ETH-USD", "SHIB-USD"},
    "kraken": {"BTC/USD", "ETH/USD", "DOGE/EUR"},
}
"""What each of them lists; what does not trade, and what is told under another name, is not among it."""
NOWHERE = "http://127.0.0.1:9"
"""Where nobody answers."""


@contextmanager
def four_venues() -> Iterator[VenuesSettings]:
    """Run all of them; the settings lead there."""
    with ExitStack() as stack:
        kraken = stack.enter_context(kraken_bench.venue_with_books(levels=1))
        binance = stack.enter_context(binance_bench.venue_with_books(levels=2))
        coinbase = stack.enter_context(coinbase_bench.venue_with_books(levels=2))
        alpaca = stack.enter_context(AlpacaVenue())
        yield VenuesSettings(
            KrakenSettings(kraken.stream_url, kraken.rest_url),
            BinanceSettings(binance.stream_url, binance.api_url),
            alpaca=AlpacaSettings(alpaca.trading_url),
            coinbase=CoinbaseSettings(coinbase.stream_url, coinbase.api_url),
        )


def nowhere() -> VenuesSettings:
    """Return settings that lead to nobody."""
    stream = NOWHERE.replace("http", "ws")
    return VenuesSettings(
        KrakenSettings(stream, NOWHERE),
        BinanceSettings(stream, NOWHERE),
        alpaca=AlpacaSettings(NOWHERE),
        coinbase=CoinbaseSettings(stream, NOWHERE),
    )


def as_toml(venues: VenuesSettings) -> str:
    """Write the settings that lead to venues."""
    kept = {
        "kraken": ("stream_url", "rest_url"),
        "binance": ("stream_url", "api_url"),
        "coinbase": ("stream_url", "api_url"),
        "alpaca": ("trading_url",),
    }
    lines: list[str] = []
    for venue, names in kept.items():
        there = getattr(venues, venue)
        lines += [f"[venues.{venue}]", *(f'{name} = "{getattr(there, name)}"' for name in names)]
    return "\n".join(lines) + "\n"
