"""All that Coinbase lists on its spot market, from one read of its products."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from msgspec import Raw

from engine.adapters.coinbase import messages as m
from engine.adapters.coinbase.api import PATH
from engine.adapters.coinbase.enquiry import told_elsewhere
from engine.adapters.coinbase.parse import SOURCE
from engine.adapters.live.looking import Reads
from engine.adapters.texts import Unreadable
from engine.clock import Clock
from engine.model.instrument import AssetClass, Symbol
from engine.model.listing import Listing
from engine.model.text import clean
from engine.settings.venues import CoinbaseSettings
from engine.transport.address import checked_url


async def listings(settings: CoinbaseSettings, clock: Clock) -> list[Listing]:
    """Return its products, without those whose market is told under another name.

    Raises:
        ConfigError: the address is none.
        AdapterError: the venue did not answer, or refused.
        DataError: its answer is none.
    """
    url = checked_url("venues.coinbase.api_url", settings.api_url, "https")
    async with Reads(url, SOURCE, clock) as reads:
        body = await reads.get(f"{PATH}/market/products", {"product_type": "SPOT"})
    return await asyncio.to_thread(lambda: list(_listed(m.read_products(body).products)))


def _listed(products: Iterable[Raw]) -> Iterator[Listing]:
    for raw in products:
        try:
            product = m.read_product(raw)
        except Unreadable:
            continue
        if product.is_disabled or told_elsewhere(product):
            continue
        symbol = clean(product.product_id, 32)
        base, _, quote = symbol.partition("-")
        yield Listing(
            SOURCE,
            Symbol(symbol),
            AssetClass.CRYPTO,
            clean(product.base_currency_id, 16) or base,
            clean(product.quote_currency_id, 16) or quote,
            _name(product),
        )


def _name(product: m.Product) -> str:
    """Return what the coin is called, where that is more than its code."""
    name = clean(product.base_name, 60)
    return "" if name == product.base_currency_id else name
