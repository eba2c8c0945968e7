"""How all that each venue lists is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from engine.clock import Clock
from engine.config import Settings
from engine.errors import ConfigError
from engine.model.listing import Listing
from engine.ports.secrets import Credential

ReadCredential = Callable[[str], Credential | None]
"""Returns the credential of a venue, None where there is none; may wait, and raises SecretsError."""


def readers(
    settings: Settings, clock: Clock, read_credential: ReadCredential
) -> Mapping[str, Callable[[], Awaitable[Sequence[Listing]]]]:
    """Return how each venue is read, by its name; each raises EngineError or OSError."""

    async def alpaca() -> Sequence[Listing]:
        from engine.adapters.alpaca.catalogue import listings  # noqa: PLC0415  # only what is used

        credential = await asyncio.to_thread(read_credential, "alpaca")
        if credential is None:
            raise ConfigError("it wants a key: touchline credentials add alpaca")
        return await listings(settings.venues.alpaca, credential, clock)

    async def binance() -> Sequence[Listing]:
        from engine.adapters.binance.catalogue import listings  # noqa: PLC0415

        return await listings(settings.venues.binance, clock)

    async def coinbase() -> Sequence[Listing]:
        from engine.adapters.coinbase.catalogue import listings  # noqa: PLC0415

        return await listings(settings.venues.coinbase, clock)

    async def kraken() -> Sequence[Listing]:
        from engine.adapters.kraken.catalogue import listings  # noqa: PLC0415

        return await listings(settings.venues.kraken)

    return {"alpaca": alpaca, "binance": binance, "coinbase": coinbase, "kraken": kraken}
