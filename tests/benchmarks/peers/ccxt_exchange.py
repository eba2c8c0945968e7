"""ccxt, aimed at a local venue that speaks Binance's protocols, and held back by no pace of its own."""

from __future__ import annotations

from typing import Any

import ccxt.pro

PAIR = "BTC/USDT"


def binance(api_url: str, stream_url: str, key: str = "", secret: str = "") -> Any:
    """Return the exchange."""
    api, streams = f"{api_url}/api/v3", f"{stream_url}/ws"
    options = {
        "defaultType": "spot",
        "fetchMarkets": {"types": ["spot"]},
        "fetchCurrencies": False,
        "fetchMargins": False,
    }
    urls = {"api": {"public": api, "private": api, "ws": {"spot": streams}}}
    terms = {"apiKey": key, "secret": secret, "enableRateLimit": False, "options": options, "urls": urls}
    exchange = ccxt.pro.binance(terms)
    exchange.has["fetchCurrencies"] = False
    return exchange
