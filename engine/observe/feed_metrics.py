"""How old market data is, by source; `docs/metrics.md` explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from sys import maxsize
from typing import NamedTuple

from engine.clock import NS_PER_S
from engine.model.market_state import MarketState, Trust
from engine.model.market_status import Session
from engine.observe.told import Points, Told, tallied


class Feeds(NamedTuple):
    """The symbols that something should come of, and what time it is in the market."""

    states: Sequence[MarketState]
    now_ns: int
    sign_ages_ns: Mapping[str, int]
    """How long ago each venue gave a sign of life, by its name; what it has to say is known."""


def _ages(feeds: Feeds) -> Points:
    """Yield how long each source has said nothing at all, s; one of which nothing trades may be silent."""
    latest: dict[str, int] = {}
    for state in feeds.states:
        if state.session is Session.OPEN and state.quote_receive_ns:
            latest[state.source] = max(state.quote_receive_ns, latest.get(state.source, 0))
    for source, heard_ns in latest.items():
        age_ns = min(feeds.now_ns - heard_ns, feeds.sign_ages_ns.get(source, maxsize))
        yield (source,), max(0, age_ns) / NS_PER_S


FEED_METRICS: tuple[Told[Feeds], ...] = (
    Told(
        "touchline_feed_age_seconds",
        "gauge",
        "Since a source last said anything, a sign of life or a quote of a symbol that trades.",
        ("source",),
        _ages,
    ),
    Told(
        "touchline_symbols",
        "gauge",
        "Symbols by how far their price is trusted.",
        ("trust",),
        lambda feeds: tallied(Trust, (state.trust(feeds.now_ns) for state in feeds.states)),
    ),
)
