"""The engine as the program composes it, with its account behind a gateway of Interactive Brokers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.bootstrap import live_engine
from engine.config import AccountSettings
from engine.engine import Engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.messages.commands import ArmTrading, CancelOrder
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.account_desk import AccountDesk
from tests.venue_accounts import at_ib, folders_in
from tests.venues.ib.venue import IbVenue
from tests.waiting import wait_until

pytest.importorskip("ib_async", reason="the extra is not installed")

AAPL = Symbol("AAPL")
LIVE = AccountSettings(name="MAIN", cash=Decimal(100_000), live=True)


class Desk(AccountDesk):
    """With a share."""

    def __init__(self, engine: Engine, venue: IbVenue) -> None:
        super().__init__(engine, AAPL)
        self.venue = venue

    def is_followed(self) -> bool:
        return bool(self.rooms.source._numbers)  # type: ignore[attr-defined]

    def quote(self) -> None:
        self.venue.do(lambda: self.venue.floor.quote("AAPL", "189.98", "190.02", "500", "500"))


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return folders_in(tmp_path)


@pytest.fixture
def venue() -> Iterator[IbVenue]:
    with IbVenue() as each:
        each.do(lambda: each.floor.quote("AAPL", "189.98", "190.02", "500", "500"))
        yield each


def test_an_account_there_is_traded_through_lost_answers_and_a_killed_gateway(
    venue: IbVenue, folders: Folders
) -> None:
    settings = at_ib(venue, folders, number="DU1234567")
    with Desk(live_engine(settings, folders, "ib", [AAPL]), venue).at_work() as desk:
        bought = desk.send(Side.BUY, 100, 19_002)
        desk.becomes(bought, OrderStatus.FILLED)
        wait_until(lambda: desk.rooms.ledger.positions[AAPL].quantity == 100)
        desk.agrees()

        venue.do(lambda: setattr(venue.floor.faults, "drop_answers", 1))
        lost = desk.send(Side.BUY, 50, 18_000)
        desk.becomes(lost, OrderStatus.WORKING)
        assert OrderStatus.UNKNOWN in desk.history[lost]
        assert venue.do(lambda: venue.floor.placed) == 2

        venue.do(lambda: setattr(venue.floor.faults, "drop_orders", 1))
        never = desk.send(Side.BUY, 40, 18_000)
        desk.becomes(never, OrderStatus.NOT_FOUND)
        assert venue.do(lambda: venue.floor.placed) == 2

        venue.close()
        venue.open()
        wait_until(lambda: desk.rooms.broker.connected)  # type: ignore[attr-defined]
        desk.agrees()
        desk.engine.submit(CancelOrder(lost))
        desk.becomes(lost, OrderStatus.CANCELED)
        wait_until(lambda: desk.rooms.health.readings()["venue_account"].state is HealthState.OK)
        assert desk.rooms.orders.orders[bought].fees_micros == 350_000

    with Desk(live_engine(settings, folders, "ib", [AAPL]), venue).at_work() as desk:
        desk.agrees()
        assert desk.rooms.ledger.positions[AAPL].quantity == 100
        sold = desk.send(Side.SELL, 100, 18_998)
        desk.becomes(sold, OrderStatus.FILLED)
        wait_until(lambda: desk.rooms.ledger.positions[AAPL].quantity == 0)


def test_a_live_account_is_told_by_its_number_and_armed_by_its_name(folders: Folders) -> None:
    with IbVenue(account="U7654321") as venue:
        venue.do(lambda: venue.floor.quote("AAPL", "189.98", "190.02", "500", "500"))
        with pytest.raises(ConfigError, match=r"venues\.ib\.account: a live account needs its number"):
            live_engine(at_ib(venue, folders, LIVE), folders, "ib", [AAPL])
        settings = at_ib(venue, folders, LIVE, "U7654321")
        with Desk(live_engine(settings, folders, "ib", [AAPL]), venue).at_work() as desk:
            denied = desk.ask_for(Side.BUY, 1, 19_002)
            desk.becomes(denied, OrderStatus.DENIED)
            desk.engine.submit(ArmTrading("MAIN"))
            wait_until(lambda: desk.rooms.arming.armed)
            desk.becomes(desk.send(Side.BUY, 1, 19_002), OrderStatus.FILLED)
