"""The metrics of quotes that desks share: what is told to the others, and what is heard of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.desk.quote_outbox import QuoteOutbox
from engine.observe.told import Points, one
from engine.ports.shared_quotes import Follows
from engine.readings.sample_maker import Metric, SampleMaker


def _told(read: Callable[[QuoteOutbox], float]) -> Callable[[SampleMaker], Points]:
    """Return what reads a number of what is told; nothing where nothing is."""

    def points(maker: SampleMaker) -> Points:
        outbox = maker.rooms.quotes
        return one(read(outbox)) if outbox is not None else ()

    return points


def _heard(read: Callable[[Follows], float]) -> Callable[[SampleMaker], Points]:
    """Return what reads a number of every desk that is followed."""

    def points(maker: SampleMaker) -> Points:
        for venue in maker.rooms.venues:
            if isinstance(venue, Follows):
                yield (venue.name,), read(venue)

    return points


SHARED_METRICS: Final = (
    Metric(
        "touchline_shared_entries_total",
        "counter",
        "Entries of our quotes that were told to the other desks.",
        (),
        _told(lambda outbox: outbox.entries),
    ),
    Metric(
        "touchline_shared_conflated_total",
        "counter",
        "Quotes that were overtaken by newer ones before they could be told.",
        (),
        _told(lambda outbox: outbox.conflated),
    ),
    Metric(
        "touchline_shared_failures_total",
        "counter",
        "Entries that Redis did not take.",
        (),
        _told(lambda outbox: outbox.failures),
    ),
    Metric(
        "touchline_shared_feed_gaps_total",
        "counter",
        "Times that something was missing of what another desk told.",
        ("venue",),
        _heard(lambda feed: feed.gaps),
    ),
    Metric(
        "touchline_shared_feed_conflated_total",
        "counter",
        "Quotes of another desk that were overtaken before they were read.",
        ("venue",),
        _heard(lambda feed: feed.conflated),
    ),
    Metric(
        "touchline_shared_feed_unread_total",
        "counter",
        "Entries under another desk's name that no desk wrote, or out of turn.",
        ("venue",),
        _heard(lambda feed: feed.unread),
    ),
    Metric(
        "touchline_shared_feed_behind_seconds",
        "gauge",
        "How old the newest of what another desk told was when it was read.",
        ("venue",),
        _heard(lambda feed: feed.behind_ms / 1_000),
    ),
)
