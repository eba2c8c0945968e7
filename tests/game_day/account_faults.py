"""Faults of the venue that has the account: it fails, wants to be left alone, knows our key no more, or is slow to answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from typing import Final

from engine.bootstrap import live_engine
from engine.messages.remedies import Remedy
from engine.model.instrument import Symbol
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.game_day.venue_faults import again_and_again
from tests.venue_accounts import at_alpaca
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.refusal import BROKEN, TOO_MANY, UNAUTHORIZED
from tests.venues.alpaca.venue import AlpacaVenue

BTC: Final = Symbol("BTC/USD")
ALWAYS: Final = 1_000_000
ASKED_AGAIN_S: Final = 5


@contextmanager
def _trading(stage: Stage) -> Iterator[AlpacaVenue]:
    with AlpacaVenue() as venue:
        sizes = cycle("56789")

        def quote() -> None:
            size = next(sizes)
            venue.do(lambda: venue.floor.quote("BTC/USD", "60999", "61001", size, size))

        quote()
        engine = live_engine(at_alpaca(venue, stage.folders), stage.folders, "alpaca", [BTC])
        with again_and_again(quote), stage.running(engine):
            stage.is_well("venue_account", "connected")
            stage.is_well("broker", "agreed")
            yield venue


def answering(stage: Stage, *, fault: RestFault, row: str, says: str, remedy: Remedy | str) -> None:
    """The venue answers questions about the account in another way."""
    with _trading(stage) as venue:
        stage.begins()
        venue.do(lambda: venue.floor.faults.rest.append(fault))
        stage.turns_red(row, says)
        stage.fires()
        venue.do(venue.floor.faults.rest.clear)
        if isinstance(remedy, Remedy):
            stage.remedy(row, remedy)
        else:
            stage.remedied(remedy)
        stage.turns_green("broker", "agreed")
        stage.turns_green()


FAULTS = (
    Fault(
        name="account-fails",
        what="The venue answers 500 to every question about the account",
        play=partial(
            answering,
            fault=RestFault("error", times=ALWAYS, error=BROKEN),
            row="route_account",
            says="the venue answered 500",
            remedy=Remedy.PROBE,
        ),
        runbook="route",
        alert="venue alpaca",
        also=("broker", "venue_account"),
    ),
    Fault(
        name="account-garbled",
        what="The venue answers every question about the account with what is no JSON",
        play=partial(
            answering,
            fault=RestFault("garbage", times=ALWAYS),
            row="venue_account",
            says="JSON is malformed",
            remedy="Something between answers for the venue: go to it by another way",
        ),
        runbook="venue_account",
        alert="venue_account",
        yellow="reports still come, and what can't be read changes nothing",
        also=("broker",),
    ),
    Fault(
        name="account-cut",
        what="The venue's answers about the account end before they are whole",
        play=partial(
            answering,
            fault=RestFault("cut", times=ALWAYS),
            row="route_account",
            says="opened 1",
            remedy=Remedy.PROBE,
        ),
        runbook="route",
        alert="venue alpaca",
        also=("broker", "venue_account"),
    ),
    Fault(
        name="account-throttled",
        what="The venue answers 429 and says for how long it wants to be left alone",
        play=partial(
            answering,
            fault=RestFault("error", times=1, error=TOO_MANY, headers={"Retry-After": str(ASKED_AGAIN_S)}),
            row="route_account",
            says="the venue answered 429",
            remedy="wait; asking sooner makes it longer",
        ),
        runbook="route",
        alert="venue alpaca",
        also=("broker", "venue_account"),
    ),
    Fault(
        name="account-key-refused",
        what="The venue does not know our key any more",
        play=partial(
            answering,
            fault=RestFault("error", times=ALWAYS, error=UNAUTHORIZED),
            row="venue_account",
            says="unauthorized",
            remedy="The key is refused: `touchline credentials test kraken`",
        ),
        runbook="venue_account",
        alert="venue_account",
        yellow="what was signed before goes on: reports still come",
        also=("broker",),
    ),
    Fault(
        name="account-slow",
        what="The venue takes longer to answer than we wait",
        play=partial(
            answering,
            fault=RestFault("hang", times=ALWAYS),
            row="broker",
            says="late",
            remedy=Remedy.COMPARE,
        ),
        runbook="broker",
        alert="broker",
        also=("venue alpaca", "venue_account"),
        yellow="orders work on at the venue, and each has a time limit of its own",
        late="a comparison may take 10 s before somebody is told of it",
    ),
)
