"""Faults between a venue and us: it refuses, the wire is cut, what it says is late or can't be."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from engine.messages.remedies import Remedy
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.game_day.venue_faults import following
from tests.game_day.wire import Wire
from tests.kraken_bench import BTC
from tests.venues.kraken.venue import KrakenVenue

LATE_S = 5.0
CROSSED_TIMES = 12


def refusing(stage: Stage) -> None:
    """The venue answers every connection with 503 until our circuit opens."""
    with following(stage) as venue:
        stage.begins()
        venue.floor.faults.refuse = True
        venue.do(venue.floor.kill)
        stage.turns_red("route_data", "503")
        stage.fires()
        venue.floor.faults.refuse = False
        stage.remedy("route_data", Remedy.PROBE)
        stage.turns_green("venue", "connected")
        stage.turns_green()


def cut(stage: Stage) -> None:
    """The wire to the venue is cut, and neither end is told."""
    with ExitStack() as stack:
        wires: list[Wire] = []

        def between(venue: KrakenVenue) -> int:
            wires.append(stack.enter_context(Wire(venue.port)))
            return wires[0].port

        with following(stage, between):
            stage.begins()
            wires[0].cut()
            stage.turns_red("feed", "nothing for")
            stage.fires()
            wires[0].mend()
            stage.remedy("venue", Remedy.RECONNECT)
            stage.turns_green()


def crossed(stage: Stage) -> None:
    """The venue's best bid is above its best ask."""
    with following(stage) as venue:
        stage.begins()
        for size in range(1, CROSSED_TIMES + 1):
            venue.do(partial(venue.floor.change, BTC, bids=[("62000.0", f"{size}.00000000")]))
        stage.turns_red("trust", "crossed")
        stage.fires()
        venue.do(partial(venue.floor.change, BTC, bids=[("62000.0", "0.00000000")]))
        stage.remedy("venue", Remedy.RECONNECT)
        stage.turns_green()


def late(stage: Stage) -> None:
    """Every message of the venue comes five seconds late."""
    with following(stage) as venue:
        stage.begins()
        venue.floor.faults.late_s = LATE_S
        stage.turns_red("feed", "nothing for")
        stage.fires()
        venue.floor.faults.late_s = 0.0
        stage.remedy("venue", Remedy.RECONNECT)
        stage.turns_green()


FAULTS = (
    Fault(
        name="venue-refuses",
        what="The venue answers 503, and our circuit opens",
        play=refusing,
        runbook="route",
        alert="venue kraken",
    ),
    Fault(
        name="wire-cut",
        what="The wire to the venue is cut, and neither end is told",
        play=cut,
        runbook="feed",
        alert="venue kraken",
    ),
    Fault(
        name="venue-slow",
        what="What the venue says comes 5 s late",
        play=late,
        runbook="feed",
        alert="venue kraken",
    ),
    Fault(
        name="book-crossed",
        what="The venue's best bid is above its best ask",
        play=crossed,
        runbook="trust",
        quiet="one quote is not believed, and is traded on by nobody",
        yellow="all other quotes are believed",
    ),
)
