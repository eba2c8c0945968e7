"""Asks Binance which of the wanted symbols it has."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.adapters.binance import messages as m
from engine.adapters.binance.api import BinanceApi
from engine.adapters.binance.parse import LABEL, SOURCE
from engine.adapters.live.listed import unknown
from engine.adapters.rest import hosts as rest
from engine.adapters.texts import Unreadable
from engine.clock import Clock
from engine.errors import AdapterError, ConfigError
from engine.messages.circuits import Operation
from engine.model.instrument import Symbol
from engine.settings.venues import BinanceSettings
from engine.transport.address import checked_url
from engine.transport.breaker import Breaker
from engine.transport.http import RefusedAnswer

PATIENCE_S = 5.0
TEST_HOST, TEST_USER_HOST = "testnet.binance.vision", "ws-api.testnet.binance.vision"
LIVE_HOST, LIVE_USER_HOST = "api.binance.com", "ws-api.binance.com"
_NO_SUCH_SYMBOL = frozenset((-1100, -1121))
"""A character that no symbol has, and a symbol that is none."""


async def look_up(api: BinanceApi, wanted: Sequence[Symbol]) -> tuple[m.Info, str]:
    """Return what is known of the symbols that there are, and a sentence about the others.

    Raises:
        AdapterError: the venue did not answer, or refused for another reason.
        Unreadable: its answer is none.
    """
    try:
        return await api.info(wanted), ""
    except RefusedAnswer as refused:
        if m.read_fault(refused.body).code not in _NO_SUCH_SYMBOL:
            raise
    names = await api.names()
    there = [symbol for symbol in wanted if symbol in names]
    return await api.info(there) if there else m.Info(), unknown(LABEL, wanted, names)


def refuse_unknown(settings: BinanceSettings, symbols: Sequence[Symbol], clock: Clock) -> None:
    """Refuse symbols that the venue does not have; where it can't be asked, the desk tells later.

    Raises:
        ConfigError: it has no such symbol, or the address is none.
    """
    url = checked_url("venues.binance.api_url", settings.api_url, "https")
    if missing := asyncio.run(_missing(url, symbols, clock)):
        raise ConfigError(missing)


def check_hosts(settings: BinanceSettings, *, live: bool) -> None:
    """Refuse to trade anything but Binance's testnet, or its real market where that is meant.

    Raises:
        ConfigError: an address is another, or none.
    """
    rest.check_hosts(
        (
            rest.OrderAddress(
                "venues.binance.orders_url", settings.orders_url, "https", TEST_HOST, LIVE_HOST
            ),
            rest.OrderAddress(
                "venues.binance.user_url", settings.user_url, "wss", TEST_USER_HOST, LIVE_USER_HOST
            ),
        ),
        live=live,
    )


async def _missing(url: str, symbols: Sequence[Symbol], clock: Clock) -> str:
    data, history = (Breaker(SOURCE, each, clock) for each in (Operation.DATA, Operation.HISTORY))
    api = BinanceApi(url, data, history, clock)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return (await look_up(api, symbols))[1]
    except (AdapterError, Unreadable, TimeoutError):
        return ""
    finally:
        await api.close()
