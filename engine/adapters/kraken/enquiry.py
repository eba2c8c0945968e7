"""Asks Kraken once which pairs it has, before a desk is opened on them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.adapters.kraken import messages as m
from engine.adapters.kraken.pairs import names_of
from engine.adapters.kraken.parse import LABEL
from engine.adapters.live.listed import unknown
from engine.adapters.texts import Unreadable
from engine.errors import AdapterError, ConfigError
from engine.model.instrument import Symbol
from engine.settings.venues import KrakenSettings
from engine.transport.address import checked_url
from engine.transport.stream import dial

PATIENCE_S = 5.0
_REQUEST = '{"method":"subscribe","params":{"channel":"instrument"},"req_id":1}'


def refuse_unknown(settings: KrakenSettings, symbols: Sequence[Symbol]) -> None:
    """Refuse symbols that the venue does not have; where it can't be asked, the desk tells later.

    Raises:
        ConfigError: it has no such pair, or the address is none.
    """
    url = checked_url("venues.kraken.stream_url", settings.stream_url, "wss")
    names = asyncio.run(_names(url))
    if names and (missing := unknown(LABEL, symbols, names)):
        raise ConfigError(missing)


async def _names(url: str) -> set[str]:
    """Return the names of all pairs; none when they could not be learned."""
    from websockets.exceptions import ConnectionClosed  # noqa: PLC0415

    try:
        async with asyncio.timeout(PATIENCE_S):
            link = await dial(url)
            try:
                await link.send(_REQUEST)
                while True:
                    message = m.decode(await link.recv(decode=False))
                    if isinstance(message, m.InstrumentMessage):
                        return names_of(message.data.pairs)
            finally:
                link.transport.abort()
    except (OSError, AdapterError, ConnectionClosed, Unreadable):
        return set()
