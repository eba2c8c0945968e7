"""Faults of a venue: gone, mute, with another clock, and with books that do not add up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from threading import Event, Thread
from typing import Final

from engine.bootstrap import live_engine
from engine.config import MetricsSettings, Settings
from engine.messages.remedies import Remedy
from engine.settings.venues import KrakenSettings, VenuesSettings
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.kraken_bench import BTC, venue_with_books
from tests.venues.kraken.venue import KrakenVenue

BEST: Final = "61000.0"


@contextmanager
def following(
    stage: Stage, wire: Callable[[KrakenVenue], int] = lambda venue: venue.port
) -> Iterator[KrakenVenue]:
    """Run an engine on a venue's market data, on whose best bid somebody trades; `wire` returns the port on which it is reached."""
    with venue_with_books() as venue:
        stream_url = venue.stream_url.replace(str(venue.port), str(wire(venue)))
        kraken = KrakenSettings(stream_url, venue.rest_url, 10)
        settings = Settings(metrics=MetricsSettings(enabled=False), venues=VenuesSettings(kraken))
        with _trading(venue), stage.running(live_engine(settings, stage.folders, "kraken", [BTC])):
            stage.is_well("venue", "connected")
            stage.is_well("books", "1 in sync")
            yield venue


@contextmanager
def _trading(venue: KrakenVenue) -> Iterator[None]:
    """Let the best bid change ten times a second, while the venue is there."""
    sizes = cycle(range(1, 10))

    def change() -> None:
        venue.do(partial(venue.floor.change, BTC, bids=[(BEST, f"{next(sizes)}.00000000")]))

    with again_and_again(change):
        yield


@contextmanager
def again_and_again(change: Callable[[], object]) -> Iterator[None]:
    """Do something ten times a second, in a thread."""
    stopped = Event()

    def run() -> None:
        while not stopped.wait(0.1):
            change()

    thread = Thread(target=run, name="trading", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def killed(stage: Stage) -> None:
    """The venue's servers are gone; it is dialled again by a key."""
    with following(stage) as venue:
        stage.begins()
        venue.close()
        stage.turns_red("venue", "not connected")
        stage.fires()
        venue.open()
        stage.remedy("venue", Remedy.RECONNECT)
        stage.turns_green(says="connected")


def mute(stage: Stage) -> None:
    """The connection is there, and nothing comes."""
    with following(stage) as venue:
        stage.begins()
        venue.floor.faults.mute = True
        stage.turns_red("feed", "nothing for")
        stage.fires()
        venue.floor.faults.mute = False
        stage.remedy("venue", Remedy.RECONNECT)
        stage.turns_green()


def skewed(stage: Stage) -> None:
    """The venue's clock and ours differ by five seconds."""
    with following(stage) as venue:
        stage.is_well("venue_clock")
        stage.begins()
        venue.floor.faults.skew_s = 5.0
        stage.press("venue", Remedy.RECONNECT)
        stage.turns_red("venue_clock", "+5,0")
        stage.fires()
        venue.floor.faults.skew_s = 0.0
        stage.remedied("Let this machine follow a time server")
        stage.turns_green()


def miscounted(stage: Stage) -> None:
    """Checksums of a book are wrong again and again."""
    with following(stage) as venue:
        stage.begins()
        venue.floor.faults.wrong_checksums = 1_000_000
        stage.turns_red("books", "BTC/USD")
        stage.fires()
        venue.floor.faults.wrong_checksums = 0
        stage.remedy("books", Remedy.RESYNC)
        stage.turns_green()


FAULTS = (
    Fault(
        name="venue-killed",
        what="The venue's servers are gone",
        play=killed,
        runbook="venue",
        alert="venue kraken",
        sampled=True,
    ),
    Fault(
        name="venue-mute",
        what="The venue keeps the connection and says nothing",
        play=mute,
        runbook="feed",
        alert="venue kraken",
    ),
    Fault(
        name="clock-off",
        what="The venue's clock and ours differ by 5 s",
        play=skewed,
        runbook="venue_clock",
        alert="clock",
    ),
    Fault(
        name="book-broken",
        what="A book's checksums are wrong",
        play=miscounted,
        runbook="books",
        alert="venue kraken",
    ),
)
