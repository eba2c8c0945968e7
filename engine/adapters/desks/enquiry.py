"""Asks once which symbols a desk shares, before another is opened on them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from engine.adapters.live.listed import unknown
from engine.errors import ConfigError
from engine.model.instrument import Symbol
from engine.ports.shared_quotes import HeardQuotes, OpenDesk, SharedQuotes, SharedUnusable

PATIENCE_S: Final = 3.0
"""How long a desk that has just begun is waited for: its symbols come one after the other."""
YOUNG: Final = 200
"""Entries up to which a desk may have just begun: ten seconds of them at least."""
_AGAIN_S: Final = 0.25


def refuse_unknown(name: str, open_desk: OpenDesk, symbols: Sequence[Symbol]) -> None:
    """Refuse symbols that a desk does not share; where that can't be known now, the desk tells later.

    Raises:
        ConfigError: it shares others, or nothing can be shared here.
        SecretsError: the place that keeps the password can't be asked.
    """
    names = asyncio.run(_names(open_desk(name), symbols))
    if names and (missing := unknown(f"the desk {name}", symbols, names)):
        raise ConfigError(missing)


async def _names(shared: SharedQuotes, symbols: Sequence[Symbol]) -> set[str]:
    """Return what it shares; nothing when that could not be learned, or it shares no more."""
    loop = asyncio.get_running_loop()
    end_s = loop.time() + PATIENCE_S
    try:
        while True:
            heard = await shared.newest()
            names = {each.symbol for entry in heard.entries for each in entry.terms}
            if not _is_young(heard) or names.issuperset(symbols) or loop.time() > end_s:
                return names
            await asyncio.sleep(_AGAIN_S)
    except SharedUnusable:
        return set()
    finally:
        await shared.close()


def _is_young(heard: HeardQuotes) -> bool:
    """Tell whether a desk may have begun just now; one that is not there has not."""
    return bool(heard.entries) and not heard.entries[-1].has_ended and heard.entries[-1].number <= YOUNG
