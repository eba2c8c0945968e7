"""Faults of a feed's numbers: a change of a book is told to nobody, and what it needs to start anew is not to be had."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle

from engine.bootstrap import live_engine
from engine.config import MetricsSettings, Settings
from engine.messages.remedies import Remedy
from engine.settings.venues import BinanceSettings, VenuesSettings
from tests.binance_bench import BTC, venue_with_books
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.game_day.venue_faults import again_and_again
from tests.venues.binance.venue import BinanceVenue


@contextmanager
def _following(stage: Stage) -> Iterator[BinanceVenue]:
    with venue_with_books() as venue:
        sizes = cycle(range(1, 10))

        def change() -> None:
            venue.do(partial(venue.floor.change, BTC, [("60999.00", f"{next(sizes)}.00000000")]))

        venues = VenuesSettings(binance=BinanceSettings(venue.stream_url, venue.api_url))
        settings = Settings(metrics=MetricsSettings(enabled=False), venues=venues)
        with again_and_again(change), stage.running(live_engine(settings, stage.folders, "binance", [BTC])):
            stage.is_well("books", "1 in sync")
            yield venue


def skipped(stage: Stage) -> None:
    """Numbers are left out, and every read of a fresh book is answered with 500."""
    with _following(stage) as venue:
        stage.begins()
        venue.floor.faults.status = 500
        venue.floor.faults.skip = 3
        stage.turns_red("books", "BTCUSDT")
        stage.fires()
        venue.floor.faults.status = 200
        stage.remedy("books", Remedy.RESYNC)
        stage.turns_green(says="1 in sync")


FAULTS = (
    Fault(
        name="sequence-gap",
        what="A change of a book never comes, and no fresh book is to be had",
        play=skipped,
        runbook="books",
        alert="venue binance",
    ),
)
