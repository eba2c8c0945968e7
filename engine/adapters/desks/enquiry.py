"""Asks once which symbols a desk shares, before another is opened on them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.adapters.live.listed import unknown
from engine.errors import ConfigError
from engine.model.instrument import Symbol
from engine.ports.shared_quotes import OpenDesk, SharedQuotes, SharedUnusable


def refuse_unknown(name: str, open_desk: OpenDesk, symbols: Sequence[Symbol]) -> None:
    """Refuse symbols that a desk does not share; where that can't be known now, the desk tells later.

    Raises:
        ConfigError: it shares others, or nothing can be shared here.
        SecretsError: the place that keeps the password can't be asked.
    """
    names = asyncio.run(_names(open_desk(name)))
    if names and (missing := unknown(f"the desk {name}", symbols, names)):
        raise ConfigError(missing)


async def _names(shared: SharedQuotes) -> set[str]:
    """Return what it shares; nothing when that could not be learned, or it shares no more."""
    try:
        heard = await shared.newest()
    except SharedUnusable:
        return set()
    finally:
        await shared.close()
    if not heard.entries or heard.entries[-1].has_ended:
        return set()
    return {each.symbol for entry in heard.entries for each in entry.terms}
