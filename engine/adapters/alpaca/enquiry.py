"""Asks Alpaca once whether it has the symbols and accepts the key, before a desk is opened on them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.adapters.alpaca.listings import Listings
from engine.adapters.alpaca.requests import TradingRequests
from engine.adapters.rest import hosts as rest
from engine.clock import SystemClock
from engine.errors import AdapterError, ConfigError, DataError
from engine.model.instrument import Symbol
from engine.ports.secrets import Credential
from engine.settings.venues import AlpacaSettings
from engine.transport.address import checked_url
from engine.transport.http import RefusedAnswer

PATIENCE_S = 5.0
PAPER_HOST = "paper-api.alpaca.markets"
LIVE_HOST = "api.alpaca.markets"


def refuse_unknown(settings: AlpacaSettings, credential: Credential, symbols: Sequence[Symbol]) -> None:
    """Refuse symbols that the venue does not have; where it can't be asked, the desk tells later.

    Raises:
        ConfigError: it has no such asset, or the address is none.
    """
    url = checked_url("venues.alpaca.trading_url", settings.trading_url, "https")
    missing = asyncio.run(_missing(url, credential, symbols))
    if missing:
        raise ConfigError(f"Alpaca has no {', '.join(missing)}: shares are named as AAPL, coins as BTC/USD")


def check_hosts(settings: AlpacaSettings, *, live: bool) -> None:
    """Refuse to trade anything but Alpaca's paper accounts, or its live ones where that is meant.

    Raises:
        ConfigError: an address is another, or none.
    """
    rest.check_hosts(
        (
            rest.OrderAddress(
                "venues.alpaca.trading_url", settings.trading_url, "https", PAPER_HOST, LIVE_HOST
            ),
            rest.OrderAddress("venues.alpaca.trades_url", settings.trades_url, "wss", PAPER_HOST, LIVE_HOST),
        ),
        live=live,
    )


async def _missing(url: str, credential: Credential, symbols: Sequence[Symbol]) -> list[Symbol]:
    requests = TradingRequests(url, credential, SystemClock())
    listings, missing = Listings(requests, {}), []
    try:
        async with asyncio.timeout(PATIENCE_S):
            for symbol in symbols:
                try:
                    await listings.asset(symbol)
                except RefusedAnswer:
                    missing.append(symbol)
    except (AdapterError, DataError, TimeoutError):
        return []
    finally:
        await requests.close()
    return missing
