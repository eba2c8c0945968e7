"""Begins an exchange of ccxt: what it can't give is said first, and what ccxt is told is made of the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from engine.adapters.ccxt.market_data import CcxtSource
from engine.adapters.ccxt.parse import has_steps
from engine.adapters.live.listed import unknown
from engine.clock import Clock
from engine.errors import ConfigError
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.settings.venues import CcxtSettings
from engine.transport.address import is_loopback

PATIENCE_S = 15.0
NEEDED = ("watchOrderBook", "watchTrades")
KEYS = frozenset(
    ("apikey", "secret", "password", "uid", "privatekey", "walletaddress", "token", "login", "twofa")
)
"""What proves to ccxt who we are; none of it is wanted for market data, and none belongs in a file of settings."""


def open_exchange(name: str, settings: CcxtSettings, symbols: Sequence[Symbol], clock: Clock) -> CcxtSource:
    """Return the source; an exchange that can't be asked is no reason not to begin.

    Raises:
        ConfigError: ccxt is not installed, has no streams of it, or it has no such pair; or a setting is wrong.
    """
    label, wanted = f"{name.capitalize()} by ccxt", settings.exchanges.get(name, {})
    _check_values(f"venues.ccxt.exchanges.{name}", wanted)
    make = maker_of(name, label, wanted)
    if missing := asyncio.run(_missing(make, label, symbols)):
        raise ConfigError(missing)
    return CcxtSource(name, label, settings, symbols, clock, make)


def maker_of(name: str, label: str, wanted: Mapping[str, Any]) -> Callable[[], Any]:
    """Return what makes an exchange object of ccxt, on the loop that it is to live on.

    Raises:
        ConfigError: ccxt is not installed, or has no streams of it.
    """
    try:
        exchanges = import_module("ccxt.pro")
    except ImportError as error:
        raise ConfigError(
            f"ccxt:{name}: ccxt is an extra that is not installed: pip install 'touchline[ccxt]' ({clean(str(error))})"
        ) from error
    make = getattr(exchanges, name, None) if name in exchanges.exchanges else None
    if make is None:
        raise ConfigError(f"ccxt {clean(exchanges.__version__, 16)} has no streams of an exchange {name!r}")
    made = make()
    if lacking := [each for each in NEEDED if not made.has.get(each)]:
        raise ConfigError(f"{label} can't be followed: it has no {' and no '.join(lacking)}")
    if not has_steps(made.precisionMode):
        raise ConfigError(
            f"{label} can't be followed: it counts significant digits, and has no steps of prices"
        )
    config = {"enableRateLimit": True, **deepcopy(dict(wanted))}
    return lambda: make(deepcopy(config))


async def _missing(make: Callable[[], Any], label: str, symbols: Sequence[Symbol]) -> str:
    """Return a sentence about pairs that it does not have; nothing where it can't be asked."""
    exchange = make()
    try:
        async with asyncio.timeout(PATIENCE_S):
            markets = await exchange.load_markets()
    except Exception:  # noqa: BLE001  # ccxt raises whatever its parts do; the desk tells of it once it runs
        return ""
    finally:
        await exchange.close()
    return unknown(label, symbols, {each for each, market in markets.items() if market.get("spot")})


def _check_values(setting: str, values: Mapping[str, Any]) -> None:
    for path, value in _leaves(setting, values):
        if path.rpartition(".")[2].lower() in KEYS and value:
            raise ConfigError(f"{path}: no key is wanted for market data, and none belongs in the settings")
        if isinstance(value, str) and "://" in value:
            parts = urlsplit(value)
            if parts.scheme not in {"https", "wss"} and not is_loopback(parts.hostname or ""):
                raise ConfigError(
                    f"{path}: expected an encrypted address, or one of this machine, found {value!r}"
                )


def _leaves(path: str, values: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(f"{path}.{name}", value)
        else:
            yield f"{path}.{name}", value
