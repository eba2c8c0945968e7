"""How each venue's market data is begun; a symbol that the venue does not have is refused first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from engine.adapters.live.source import LiveSource
from engine.adapters.pair_names import name_at
from engine.clock import Clock
from engine.config import Settings
from engine.errors import ConfigError
from engine.model.instrument import Symbol
from engine.ports.secrets import Credential

if TYPE_CHECKING:
    from engine.adapters.alpaca.market_data import AlpacaSource

LiveVenue: TypeAlias = "LiveSource | AlpacaSource"
ReadCredential = Callable[[str], Credential | None]
"""Returns the credential of a venue, None where there is none."""


def begin(
    venue: str, settings: Settings, symbols: Sequence[Symbol], clock: Clock, read_credential: ReadCredential
) -> LiveVenue:
    """Return the source of a venue's market data.

    Raises:
        ConfigError: the venue has no such symbol, wants a key that there is none of, or a setting is wrong.
        SecretsError: the place that keeps the keys can't be asked.
    """
    return _SOURCES[venue](settings, symbols, clock, read_credential)


def begin_standby(
    venue: str,
    names: Sequence[Symbol],
    first: LiveVenue,
    settings: Settings,
    clock: Clock,
    read_credential: ReadCredential,
) -> tuple[LiveVenue, Mapping[Symbol, Symbol]]:
    """Return a source that stands by for another's symbols, and the first's symbol for each of its own.

    Raises:
        ConfigError: as `begin`, or it is not known what the venue calls a symbol.
        SecretsError: likewise.
    """
    if venue == first.name:
        raise ConfigError(f"--standby {venue}: it can't stand by for itself")
    names = names or [_name_at(venue, first.name, symbol) for symbol in first.wanted]
    if len(set(names)) != len(first.wanted):
        raise ConfigError(
            f"--standby {venue}: expected {len(first.wanted)} names, one for each symbol, found {len(set(names))}"
        )
    source = begin(venue, settings, names, clock, read_credential)
    return source, dict(zip(names, first.wanted, strict=True))


def _name_at(venue: str, first: str, symbol: Symbol) -> Symbol:
    name = name_at(venue, first, symbol)
    if name is None:
        raise ConfigError(
            f"--standby {venue}: it is not known what {symbol} is called there; say so: --standby {venue}:NAME"
        )
    return name


def _alpaca(
    settings: Settings, symbols: Sequence[Symbol], clock: Clock, read_credential: ReadCredential
) -> AlpacaSource:
    from engine.adapters.alpaca.enquiry import check_hosts, refuse_unknown  # noqa: PLC0415  # only what is used
    from engine.adapters.alpaca.market_data import AlpacaSource  # noqa: PLC0415

    if settings.broker.kind == "alpaca":
        check_hosts(settings.venues.alpaca)
    credential = _credential("alpaca", "Alpaca", read_credential)
    refuse_unknown(settings.venues.alpaca, credential, symbols)
    return AlpacaSource(settings.venues.alpaca, credential, symbols, clock)


def _binance(
    settings: Settings, symbols: Sequence[Symbol], clock: Clock, read_credential: ReadCredential
) -> LiveSource:
    from engine.adapters.binance.enquiry import check_hosts, refuse_unknown  # noqa: PLC0415  # only what is used
    from engine.adapters.binance.market_data import BinanceSource  # noqa: PLC0415

    credential = None
    if settings.broker.kind == "binance":
        check_hosts(settings.venues.binance)
        credential = _credential("binance", "Binance", read_credential)
    refuse_unknown(settings.venues.binance, symbols, clock)
    return BinanceSource(settings.venues.binance, symbols, clock, credential=credential)


def _coinbase(
    settings: Settings, symbols: Sequence[Symbol], clock: Clock, read_credential: ReadCredential
) -> LiveSource:
    from engine.adapters.coinbase.opening import open_coinbase  # noqa: PLC0415  # only what is used

    return open_coinbase(settings.venues.coinbase, symbols, clock, read_credential)


def _kraken(
    settings: Settings, symbols: Sequence[Symbol], clock: Clock, _read_credential: ReadCredential
) -> LiveSource:
    from engine.adapters.kraken.enquiry import refuse_unknown  # noqa: PLC0415  # only what is used
    from engine.adapters.kraken.market_data import KrakenSource  # noqa: PLC0415

    refuse_unknown(settings.venues.kraken, symbols)
    return KrakenSource(settings.venues.kraken, symbols, clock)


def _credential(venue: str, label: str, read_credential: ReadCredential) -> Credential:
    credential = read_credential(venue)
    if credential is None:
        raise ConfigError(f"there is no key for {label}: keep one with touchline credentials add {venue}")
    return credential


_SOURCES: Mapping[str, Callable[[Settings, Sequence[Symbol], Clock, ReadCredential], LiveVenue]] = {
    "alpaca": _alpaca,
    "binance": _binance,
    "coinbase": _coinbase,
    "kraken": _kraken,
}
