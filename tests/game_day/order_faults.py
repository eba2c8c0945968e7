"""Faults of orders: the venue rejects one after another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Final

from msgspec.structs import replace

from engine.bootstrap import live_engine
from engine.engine import Engine
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.account_desk import AccountDesk
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.game_day.venue_faults import again_and_again
from tests.venue_accounts import at_alpaca
from tests.venues.alpaca.venue import AlpacaVenue

BTC: Final = Symbol("BTC/USD")
COIN: Final = 10**9
SENT: Final = 5
COMPARED_S: Final = 5.0
"""The venue takes 200 requests a minute, and all of it is asked for at each comparison."""
REASON: Final = "no such route"


class Desk(AccountDesk):
    """With coins at Alpaca."""

    def __init__(self, engine: Engine, venue: AlpacaVenue) -> None:
        super().__init__(engine, BTC)
        self.venue = venue
        self._sizes = cycle("56789")

    def is_followed(self) -> bool:
        feed = self.rooms.source.feeds[0]  # type: ignore[attr-defined]
        return len(feed.client.confirmed) == 3

    def quote(self) -> None:
        size = next(self._sizes)
        self.venue.do(lambda: self.venue.floor.quote("BTC/USD", "60998", "61002", size, size))

    def rests(self) -> str:
        """Send a small order below the market, each at another price: the same twice is denied."""
        return self.send(Side.BUY, COIN // 100, (60_000 - len(self.history)) * COIN)


@contextmanager
def _trading(stage: Stage) -> Iterator[Desk]:
    with AlpacaVenue() as venue:
        settings = at_alpaca(venue, stage.folders)
        settings = replace(settings, broker=replace(settings.broker, compare_every_s=COMPARED_S))
        desk = Desk(live_engine(settings, stage.folders, "alpaca", [BTC]), venue)
        desk.quote()
        with again_and_again(desk.quote), stage.running(desk.engine):
            desk.ready()
            stage.is_well("orders", "0 denied")
            yield desk


def rejected(stage: Stage) -> None:
    """The venue takes every order, and rejects it a moment later; what it says is on each."""
    with _trading(stage) as desk:
        desk.becomes(desk.rests(), OrderStatus.WORKING)
        desk.venue.do(lambda: desk.venue.floor.faults.rejections.extend([REASON] * SENT))
        stage.begins()
        for _ in range(SENT):
            client_id = desk.rests()
            desk.becomes(client_id, OrderStatus.REJECTED)
            assert REASON in desk.order(client_id).reason
        stage.turns_red("orders", f"the venue rejected {SENT}")
        stage.fires()
        stage.remedied("send one again once what the venue says is mended")
        desk.becomes(desk.rests(), OrderStatus.WORKING)
        stage.turns_green(says="2 working")


FAULTS = (
    Fault(
        name="orders-rejected",
        what="The venue rejects one order after another",
        play=rejected,
        runbook="orders",
        alert="orders",
        yellow="nothing was traded that is not known, and what works at the venue works on",
    ),
)
