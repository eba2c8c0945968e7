"""Any exchange that ccxt has streams of: named `ccxt:EXCHANGE`, and there where the extra is installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.adapters.adapter import Adapter, Beginning, NameForm
from engine.errors import ConfigError
from engine.model.text import clean
from engine.settings.venues import CcxtSettings

if TYPE_CHECKING:
    from engine.ports.venue import LiveVenue

_EXCHANGE = re.compile(r"[a-z][a-z0-9]{1,30}")
_NAMES = NameForm(re.compile(r"[A-Za-z0-9$._-]{1,24}/[A-Z0-9$._-]{1,24}"), "BTC/USD")


def exchange(name: str) -> Adapter:
    """Return the adapter of one exchange.

    Raises:
        ConfigError: it is no name of one.
    """
    if not _EXCHANGE.fullmatch(name):
        raise ConfigError(f"say which exchange, as in ccxt:kraken; found {clean(name, 32)!r}")

    def begin(terms: Beginning) -> LiveVenue:
        from engine.adapters.ccxt.opening import open_exchange  # noqa: PLC0415  # only what is used

        return open_exchange(name, terms.settings, terms.symbols, terms.clock)

    return Adapter(
        name=f"ccxt:{name}",
        label=f"{name.capitalize()} by ccxt",
        names=_NAMES,
        settings=CcxtSettings,
        extra="ccxt",
        begin=begin,
    )


def _which(_terms: Beginning) -> LiveVenue:
    raise ConfigError("say which exchange, as in ccxt:kraken")


CCXT = Adapter(
    name="ccxt",
    label="Exchanges by ccxt",
    names=_NAMES,
    settings=CcxtSettings,
    extra="ccxt",
    begin=_which,
    member=exchange,
)
