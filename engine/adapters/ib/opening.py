"""Begins the market data of Interactive Brokers; what it can't give is said first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

from engine.adapters.adapter import Beginning
from engine.adapters.ib.brief import brief_link
from engine.adapters.ib.contracts import Contracts
from engine.adapters.ib.hearer import Hearer
from engine.adapters.ib.link import IbLink
from engine.adapters.ib.market_data import IbSource
from engine.clock import Clock
from engine.errors import ConfigError, DataError, RejectedError, TransientError
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.settings.venues import IbSettings
from engine.transport.address import is_loopback

_CLIENT_IDS = range(1, 1_000_000)
"""0 is the connection that orders placed by hand belong to."""


def open_ib(terms: Beginning) -> IbSource:
    """Return the source; a gateway that can't be asked is no reason not to begin.

    Raises:
        ConfigError: the library is not installed, a setting is wrong, or there is no such contract.
    """
    settings: IbSettings = terms.settings
    check_installed()
    check_settings(settings)
    if missing := asyncio.run(_missing(settings, terms.symbols, terms.clock)):
        raise ConfigError(missing)
    return IbSource(settings, terms.symbols, terms.clock, live=terms.live)


def check_installed() -> None:
    """Refuse to begin without the library.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import_module("ib_async")
    except ImportError as error:
        told = clean(str(error))
        raise ConfigError(
            f"ib: ib_async is an extra that is not installed: pip install 'touchline[ib]' ({told})"
        ) from error


def check_settings(settings: IbSettings) -> None:
    """Refuse what can't be dialled, or would be open to read.

    Raises:
        ConfigError: a setting is wrong; the message says what was expected.
    """
    if not is_loopback(settings.host):
        raise ConfigError(
            "venues.ib.host: what is sent to a gateway is not encrypted, so it has to be one of this machine, or the "
            f"near end of a tunnel (ssh -L); found {settings.host!r}"
        )
    if not 0 < settings.port < 65_536:
        raise ConfigError(f"venues.ib.port: expected a port, such as 4002, found {settings.port}")
    if settings.client_id not in _CLIENT_IDS:
        raise ConfigError(
            f"venues.ib.client_id: expected a number above 0, which no other program uses; found {settings.client_id}"
        )


async def _missing(settings: IbSettings, symbols: Sequence[Symbol], clock: Clock) -> str:
    """Return a sentence about a contract that there is not; nothing where nobody can be asked."""
    with suppress(TransientError):
        async with brief_link(settings, settings.client_id + 1, clock, Hearer()) as link:
            return await _first_missing(link, symbols)
    return ""


async def _first_missing(link: IbLink, symbols: Sequence[Symbol]) -> str:
    contracts = Contracts()
    for symbol in symbols:
        try:
            await contracts.look_up(link, symbol)
        except (RejectedError, DataError) as error:
            return f"Interactive Brokers has no {symbol}: {error}"
    return ""
