from __future__ import annotations

import pytest

from engine.adapters.pair_names import name_at
from engine.model.instrument import Symbol


@pytest.mark.parametrize(
    ("there", "here", "symbol", "name"),
    [
        ("kraken", "binance", "BTCUSDT", "BTC/USDT"),
        ("kraken", "binance", "ETHBTC", "ETH/BTC"),
        ("kraken", "binance", "USDCUSDT", "USDC/USDT"),
        ("binance", "kraken", "BTC/USDT", "BTCUSDT"),
        ("alpaca", "kraken", "BTC/USD", "BTC/USD"),
        ("coinbase", "kraken", "BTC/USD", "BTC-USD"),
        ("binance", "coinbase", "BTC-USDT", "BTCUSDT"),
        ("kraken", "coinbase", "BTCUSD", None),
        ("kraken", "alpaca", "AAPL", None),
        ("kraken", "binance", "USDT", None),
        ("desk:tower", "kraken", "BTC/USD", "BTC/USD"),
        ("kraken", "desk:tower", "XYZ", "XYZ"),
        ("elsewhere", "kraken", "BTC/USD", None),
    ],
)
def test_a_pair_is_named_as_the_other_venue_names_it(
    there: str, here: str, symbol: str, name: str | None
) -> None:
    assert name_at(there, here, Symbol(symbol)) == name
