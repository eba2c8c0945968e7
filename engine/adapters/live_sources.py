"""Begins the market data of venues; a symbol that a venue does not have is refused first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from engine.adapters.adapter import Adapter, Beginning, ReadCredential, settings_for
from engine.adapters.pair_names import name_at
from engine.adapters.registry import distribution_of, find
from engine.clock import Clock
from engine.config import Settings
from engine.errors import ConfigError, EngineError
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.ports.shared_quotes import OpenDesk
from engine.ports.venue import LiveVenue


def begin(
    adapter: Adapter,
    settings: Settings,
    symbols: Sequence[Symbol],
    clock: Clock,
    read_credential: ReadCredential,
    open_desk: OpenDesk | None = None,
) -> LiveVenue:
    """Return the source of a venue's market data.

    Raises:
        ConfigError: the venue has no such symbol, wants a key that there is none of, or a setting is wrong.
        SecretsError: the place that keeps the keys can't be asked.
    """
    beginning = Beginning(
        settings_for(adapter, settings),
        symbols,
        clock,
        partial(read_credential, adapter.section),
        settings.broker.kind == adapter.name,
        settings.account.live,
        open_desk,
    )
    try:
        return adapter.begin(beginning)
    except EngineError:
        raise
    except Exception as error:
        where = distribution_of(adapter.name) or "Touchline"
        told = clean(f"{type(error).__name__}: {error}", 200)
        raise ConfigError(f"{adapter.name}: the adapter of {where} could not begin: {told}") from error


def begin_standby(
    venue: str,
    names: Sequence[Symbol],
    first: LiveVenue,
    settings: Settings,
    clock: Clock,
    read_credential: ReadCredential,
    open_desk: OpenDesk | None = None,
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
    source = begin(find(venue), settings, names, clock, read_credential, open_desk)
    return source, dict(zip(names, first.wanted, strict=True))


def _name_at(venue: str, first: str, symbol: Symbol) -> Symbol:
    name = name_at(venue, first, symbol)
    if name is None:
        raise ConfigError(
            f"--standby {venue}: it is not known what {symbol} is called there; say so: --standby {venue}:NAME"
        )
    return name
