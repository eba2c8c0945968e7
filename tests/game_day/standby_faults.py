"""Faults of a source that stands by: it is lost while the first speaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle

from engine.bootstrap import live_engine
from engine.config import MetricsSettings, Settings
from engine.messages.remedies import Remedy
from engine.settings.venues import CoinbaseSettings, KrakenSettings, VenuesSettings
from tests import coinbase_bench
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.game_day.venue_faults import again_and_again
from tests.kraken_bench import venue_with_books
from tests.venues.kraken.venue import KrakenVenue


@contextmanager
def _standing_by(stage: Stage) -> Iterator[KrakenVenue]:
    """Follow Coinbase, for which Kraken stands by; on both the best bid changes all the time."""
    with coinbase_bench.venue_with_books() as first, venue_with_books() as second:
        sizes = cycle(range(1, 10))

        def change() -> None:
            size = f"{next(sizes)}.00000000"
            first.do(partial(first.floor.change, "BTC-USD", [("60999.00", size)]))
            second.do(partial(second.floor.change, "BTC/USD", [("60999.0", size)]))

        venues = VenuesSettings(
            KrakenSettings(second.stream_url, second.rest_url, 10),
            coinbase=CoinbaseSettings(first.stream_url, first.api_url),
        )
        settings = Settings(metrics=MetricsSettings(enabled=False), venues=venues)
        engine = live_engine(
            settings, stage.folders, "coinbase", [coinbase_bench.BTC], standby={"kraken": []}
        )
        with again_and_again(change), stage.running(engine):
            stage.is_well("sources", "stand-by: kraken")
            yield second


def lost(stage: Stage) -> None:
    """The servers of the venue that stands by are gone, and the first speaks on."""
    with _standing_by(stage) as second:
        stage.begins()
        second.close()
        stage.turns_red("sources", "nobody stands by")
        stage.fires()
        stage.is_well("feed")
        stage.is_well("venue", "connected")
        second.open()
        stage.remedied("Where nobody stands by, `r` on the row of the venue that did dials it at once")
        stage.press("venue_kraken", Remedy.RECONNECT)
        stage.turns_green(says="stand-by: kraken")


FAULTS = (
    Fault(
        name="standby-lost",
        what="The venue that stands by is gone",
        play=lost,
        runbook="sources",
        alert="venue kraken",
        yellow="every price comes as before, from the first",
    ),
)
