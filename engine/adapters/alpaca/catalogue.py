"""All that Alpaca lists: shares and coins that are tradable, read with the key that is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from msgspec import Raw

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.assets import VENUE
from engine.adapters.alpaca.requests import auth_headers
from engine.adapters.live.looking import Reads
from engine.adapters.texts import Unreadable
from engine.clock import Clock
from engine.model.instrument import AssetClass, Symbol
from engine.model.listing import Listing
from engine.model.text import clean
from engine.ports.secrets import Credential
from engine.settings.venues import AlpacaSettings
from engine.transport.address import checked_url

SHARES = "us_equity"


async def listings(settings: AlpacaSettings, credential: Credential, clock: Clock) -> list[Listing]:
    """Return its assets.

    Raises:
        ConfigError: the address is none.
        AdapterError: the venue did not answer, or refused.
        DataError: its answer is none.
    """
    url = checked_url("venues.alpaca.trading_url", settings.trading_url, "https")
    async with Reads(url, VENUE, clock, auth_headers(credential)) as reads:
        bodies = [
            await reads.get("/v2/assets", {"status": "active", "asset_class": kind})
            for kind in (SHARES, m.CRYPTO)
        ]
    return await asyncio.to_thread(lambda: [each for body in bodies for each in _listed(m.read_assets(body))])


def _listed(assets: Iterable[Raw]) -> Iterator[Listing]:
    for raw in assets:
        try:
            asset = m.read_asset(raw)
        except Unreadable:
            continue
        if not asset.tradable:
            continue
        symbol = clean(asset.symbol, 32)
        base, _, currency = symbol.partition("/")
        is_coin = asset.asset_class == m.CRYPTO
        yield Listing(
            VENUE,
            Symbol(symbol),
            AssetClass.CRYPTO if is_coin else AssetClass.EQUITY,
            base if is_coin else "",
            currency or "USD",
            clean(asset.name or "", 60),
        )
