"""Asks Coinbase which of the wanted products it has."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from msgspec import Raw

from engine.adapters.coinbase import messages as m
from engine.adapters.coinbase.api import CoinbaseApi
from engine.adapters.coinbase.parse import LABEL, SOURCE
from engine.adapters.live.listed import unknown
from engine.adapters.texts import Unreadable
from engine.clock import Clock
from engine.errors import AdapterError, ConfigError
from engine.messages.circuits import Operation
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.settings.venues import CoinbaseSettings
from engine.transport.address import checked_url
from engine.transport.breaker import Breaker
from engine.transport.http import RefusedAnswer

PATIENCE_S = 5.0
_NO_SUCH_PRODUCT = frozenset((HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND))


async def look_up(api: CoinbaseApi, wanted: Sequence[Symbol]) -> tuple[dict[str, Raw], str]:
    """Return what is known of the products that there are, and a sentence about the others.

    Raises:
        AdapterError: the venue did not answer, or refused for another reason.
        Unreadable: its answer is none.
    """
    try:
        found = _of(await api.products(wanted), wanted)
    except RefusedAnswer as refused:
        if refused.status not in _NO_SUCH_PRODUCT:
            raise
        found = {}
    if len(found) == len(wanted):
        return found, ""
    everything = await api.products()
    found |= _of(everything, wanted)
    names = {each.product_id for each in map(m.named, everything) if not each.alias}
    return found, unknown(LABEL, wanted, names | found.keys())


def _of(products: Sequence[Raw], wanted: Sequence[Symbol]) -> dict[str, Raw]:
    return {name: raw for raw in products if (name := m.named(raw).product_id) in wanted}


def told_elsewhere(product: m.Product) -> str:
    """Return a sentence about a product whose market comes under another one's name, nothing for any other."""
    name, alias = clean(product.product_id, 32), clean(product.alias, 32)
    return (
        f"{LABEL} tells the market of {name} as {alias}: ask for {alias}" if alias not in {"", name} else ""
    )


def refuse_unknown(settings: CoinbaseSettings, symbols: Sequence[Symbol], clock: Clock) -> None:
    """Refuse products that the venue does not have; where it can't be asked, the desk tells later.

    Raises:
        ConfigError: it has no such product, tells it by another name, or the address is none.
    """
    url = checked_url("venues.coinbase.api_url", settings.api_url, "https")
    if objection := asyncio.run(_objection(url, symbols, clock)):
        raise ConfigError(objection)


async def _objection(url: str, symbols: Sequence[Symbol], clock: Clock) -> str:
    data, history = (Breaker(SOURCE, each, clock) for each in (Operation.DATA, Operation.HISTORY))
    api = CoinbaseApi(url, data, history, clock)
    try:
        async with asyncio.timeout(PATIENCE_S):
            found, missing = await look_up(api, tuple(dict.fromkeys(symbols)))
            return missing or next(
                filter(None, (told_elsewhere(m.read_product(raw)) for raw in found.values())), ""
            )
    except (AdapterError, Unreadable, TimeoutError):
        return ""
    finally:
        await api.close()
