"""The way to each venue, as steps that can be tried; nothing that could trade is ever sent on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.adapters.live.looking import ReadKey
from engine.clock import Clock
from engine.config import Settings
from engine.transport.checking import Check


def way_to(venue: str, settings: Settings, clock: Clock, read_key: ReadKey) -> tuple[Check, ...]:
    """Return the steps to a venue, in their order.

    Raises:
        ConfigError: an address is none.
    """
    return _WAYS[venue](settings, clock, read_key)


def _alpaca(settings: Settings, clock: Clock, read_key: ReadKey) -> tuple[Check, ...]:
    from engine.adapters.alpaca.way import way  # noqa: PLC0415  # only what is used

    return way(settings.venues.alpaca, clock, read_key)


def _binance(settings: Settings, clock: Clock, read_key: ReadKey) -> tuple[Check, ...]:
    from engine.adapters.binance.way import way  # noqa: PLC0415  # only what is used

    return way(settings.venues.binance, clock, read_key)


def _kraken(settings: Settings, clock: Clock, _read_key: ReadKey) -> tuple[Check, ...]:
    from engine.adapters.kraken.way import way  # noqa: PLC0415  # only what is used

    return way(settings.venues.kraken, clock)


_WAYS: Mapping[str, Callable[[Settings, Clock, ReadKey], tuple[Check, ...]]] = {
    "alpaca": _alpaca,
    "binance": _binance,
    "kraken": _kraken,
}
VENUES = frozenset(_WAYS)
"""Those that there is a way to."""
