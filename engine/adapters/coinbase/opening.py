"""Begins Coinbase's market data: with the kept key where there is one, and publicly all the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.adapters.coinbase.enquiry import refuse_unknown
from engine.adapters.coinbase.market_data import CoinbaseSource
from engine.clock import Clock
from engine.model.instrument import Symbol
from engine.ports.secrets import Credential, SecretsError
from engine.settings.venues import CoinbaseSettings


def open_coinbase(
    settings: CoinbaseSettings,
    symbols: Sequence[Symbol],
    clock: Clock,
    read_credential: Callable[[], Credential | None],
) -> CoinbaseSource:
    """Return the source; a place of keys that can't be asked is told on the desk, and no reason not to begin.

    Raises:
        ConfigError: the venue has no such product, the kept key is none, or a setting is wrong.
    """
    refuse_unknown(settings, symbols, clock)
    credential, why_none = None, ""
    try:
        credential = read_credential()
    except SecretsError as error:
        why_none = str(error)
    return CoinbaseSource(settings, symbols, clock, credential, why_no_key=why_none)
