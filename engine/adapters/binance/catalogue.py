"""All that Binance trades, from one read of `exchangeInfo`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from msgspec import Raw

from engine.adapters.binance import messages as m
from engine.adapters.binance.parse import SOURCE, TRADING
from engine.adapters.live.looking import Reads
from engine.adapters.texts import Unreadable
from engine.clock import Clock
from engine.model.instrument import AssetClass, Symbol
from engine.model.listing import Listing
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE
from engine.settings.venues import BinanceSettings
from engine.transport.address import checked_url

_TERMS = {"symbolStatus": TRADING, "showPermissionSets": "false"}
"""Without them the answer is several times as long."""


async def listings(settings: BinanceSettings, clock: Clock) -> list[Listing]:
    """Return its symbols that trade.

    Raises:
        ConfigError: the address is none.
        AdapterError: the venue did not answer, or refused.
        DataError: its answer is none.
    """
    url = checked_url("venues.binance.api_url", settings.api_url, "https")
    async with Reads(url, SOURCE, clock) as reads:
        body = await reads.get("/api/v3/exchangeInfo", _TERMS)
    return await asyncio.to_thread(_read, body)


def _read(body: bytes) -> list[Listing]:
    try:
        return list(_listed(m.decode_info(body).symbols))
    except UNDECODABLE as error:
        raise Unreadable("bad_answer", clean(str(error), 120)) from error


def _listed(symbols: Iterable[Raw]) -> Iterator[Listing]:
    for raw in symbols:
        try:
            pair, _ = m.read_pair(raw)
        except Unreadable:
            continue
        if pair.status == TRADING:
            symbol, base = clean(pair.symbol, 32), clean(pair.base_asset, 16)
            yield Listing(SOURCE, Symbol(symbol), AssetClass.CRYPTO, base, clean(pair.quote_asset, 16))
