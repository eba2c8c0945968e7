"""All that Kraken lists, from one look at its `instrument` channel."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from msgspec import Raw

from engine.adapters.kraken import messages as m
from engine.adapters.kraken.parse import SOURCE
from engine.adapters.live.looking import PATIENCE_S, talk_on
from engine.adapters.texts import Unreadable
from engine.model.instrument import AssetClass, Symbol
from engine.model.listing import Listing
from engine.model.text import clean
from engine.settings.venues import KrakenSettings
from engine.transport.address import checked_url

_GONE = "delisted"


async def listings(settings: KrakenSettings) -> list[Listing]:
    """Return its pairs.

    Raises:
        ConfigError: the address is none.
        AdapterError: the venue did not answer in time, or refused.
        DataError: its answer is none.
        OSError: nobody answers there.
    """
    url = checked_url("venues.kraken.stream_url", settings.stream_url, "wss")
    talk = _Instruments()
    await talk_on(url, talk, PATIENCE_S)
    return await asyncio.to_thread(lambda: list(_listed(talk.pairs)))


class _Instruments:
    """Asks once for all pairs."""

    def __init__(self) -> None:
        self.pairs: list[Raw] = []
        self._request = '{"method":"subscribe","params":{"channel":"instrument"},"req_id":1}'

    def say(self) -> str:
        """Ask, once."""
        request, self._request = self._request, ""
        return request

    def take(self, frame: bytes) -> bool:
        """Take the pairs; what else comes is passed over."""
        message = m.decode(frame)
        if not isinstance(message, m.InstrumentMessage):
            return False
        self.pairs = message.data.pairs
        return True


def _listed(pairs: Iterable[Raw]) -> Iterator[Listing]:
    """Yield the pairs that can be read and were not taken from the list."""
    for raw in pairs:
        try:
            pair = m.read_pair(raw)
        except Unreadable:
            continue
        if pair.status != _GONE:
            symbol, base, quote = clean(pair.symbol, 32), clean(pair.base, 16), clean(pair.quote, 16)
            yield Listing(SOURCE, Symbol(symbol), AssetClass.CRYPTO, base, quote)
