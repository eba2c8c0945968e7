"""Lets a desk on live data follow more symbols than it was started with."""

from __future__ import annotations

from pathlib import Path

from engine.adapters.adapter import Adapter
from engine.duties.market_cache import MarketCache
from engine.errors import ConfigError
from engine.messages.events import AlertRaised
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.rooms import Rooms
from engine.watch_list import WatchList
from engine.watching import Following, Watching


def watch_more(rooms: Rooms, adapter: Adapter, source: Following, cache: MarketCache, path: Path) -> None:
    """Follow what was followed besides the command line, and let more be followed while the desk runs."""

    def read_name(text: str) -> Symbol:
        symbol = adapter.names.read(text) or adapter.names.read(text.lower())
        if symbol is None:
            raise ConfigError(
                f"{adapter.label}'s names look like {adapter.names.example}; found {clean(text, 32)}"
            )
        return symbol

    rooms.watching = Watching(
        adapter.name,
        source,
        WatchList(path, adapter.name),
        read_name,
        cache.look_up,
        rooms.market.forget,
        lambda severity, text: rooms.bus.publish(
            AlertRaised(severity, "watch list", text, rooms.clock.now_ns())
        ),
    )
    rooms.watching.recall()
    rooms.services.append(("watch list", rooms.watching.run))
