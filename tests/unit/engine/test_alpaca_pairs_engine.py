"""The engine with shares at Alpaca: both exits of an entry are held there, and one ends the other without the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from engine.bootstrap import live_engine
from engine.clock import NS_PER_S
from engine.engine import Engine
from engine.execution.protection import Cover
from engine.folders import Folders
from engine.hours.hours import MarketHours
from engine.hours.table import SessionTable, write_table
from engine.messages.commands import Flatten
from engine.model.instrument import Symbol
from engine.model.market_status import Session
from engine.model.order import ExitPlan, OrderStatus
from engine.model.trade import Side
from tests.account_desk import AccountDesk
from tests.venue_accounts import at_alpaca as settings_for
from tests.venue_accounts import folders_in
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.venue import AlpacaVenue
from tests.waiting import wait_until

AAPL = Symbol("AAPL")
SHARE, DOLLAR = 10**9, 10_000
PLAN = ExitPlan(stop=180 * DOLLAR, target=200 * DOLLAR)
S = OrderStatus


class Desk(AccountDesk):
    """With shares, whose market is open at every hour."""

    def __init__(self, engine: Engine, venue: AlpacaVenue) -> None:
        super().__init__(engine, AAPL)
        self.venue = venue

    def is_followed(self) -> bool:
        feed = self.rooms.source.feeds[0]  # type: ignore[attr-defined]
        return ("quotes", "AAPL") in feed.client.confirmed

    def quote(self, bid: str = "189.98", ask: str = "190.02", size: str = "100") -> None:
        self.venue.do(lambda: self.venue.floor.quote("AAPL", bid, ask, size, size))

    def enter(self, shares: int) -> str:
        """Buy with both exits."""
        return self.send(Side.BUY, shares * SHARE, 191 * DOLLAR, plan=PLAN)

    def held_there(self) -> Decimal:
        """Return for how many shares the venue reserves."""
        floor = self.venue.floor
        asset = floor.listing.assets["AAPL"]
        return self.venue.do(lambda: floor.account.reserved(asset, "sell", floor.exchange.open))

    def is_covered(self) -> bool:
        return self.rooms.orders.protection.of(AAPL).state is Cover.VENUE

    def position(self) -> int:
        return self.rooms.ledger.positions[AAPL].quantity // SHARE

    def posts(self) -> int:
        return [each for each in self.venue.floor.requests if each.startswith("POST")].count(
            "POST /v2/orders"
        )


@pytest.fixture
def venue() -> Iterator[AlpacaVenue]:
    with AlpacaVenue() as each:
        each.do(lambda: each.floor.quote("AAPL", "189.97", "190.03"))
        yield each


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = folders_in(tmp_path)
    year = datetime.now(UTC).year
    span = [round(datetime(each, 1, 1, tzinfo=UTC).timestamp()) * NS_PER_S for each in (year - 1, year + 2)]
    path = MarketHours(folders.cache)._cache_path("XNYS", year - 1, year + 1)
    assert path is not None
    write_table(path, SessionTable("XNYS", span[0], span[1], ((span[0], span[1], Session.OPEN),)))
    return folders


def desk_at(venue: AlpacaVenue, folders: Folders) -> AbstractContextManager[Desk]:
    return Desk(live_engine(settings_for(venue, folders), folders, "alpaca", [AAPL]), venue).at_work()


def test_what_an_entry_fills_bit_by_bit_is_never_without_a_stop_that_stood(
    venue: AlpacaVenue, folders: Folders
) -> None:
    with desk_at(venue, folders) as desk:
        desk.quote("189.98", "190.02", "4")
        entry = desk.enter(10)
        wait_until(desk.is_covered)
        assert desk.held_there() == 4
        desk.quote("190.50", "190.60")
        wait_until(lambda: desk.position() == 10)
        wait_until(desk.is_covered)
        wait_until(lambda: desk.held_there() == 10)
        assert S.PENDING_CANCEL not in desk.history[f"{entry}-s1"]
        desk.engine.submit(Flatten(AAPL))
        wait_until(lambda: desk.position() == 0)
        desk.agrees()
    assert venue.do(lambda: venue.floor.exchange.open) == []


def test_a_stop_fills_while_no_desk_runs_and_nothing_is_left_or_doubled(
    venue: AlpacaVenue, folders: Folders
) -> None:
    with desk_at(venue, folders) as desk:
        entry = desk.enter(10)
        wait_until(desk.is_covered)
        desk.becomes(f"{entry}-t1", S.WORKING)
    venue.do(lambda: venue.floor.quote("AAPL", "179.00", "179.04"))
    assert venue.do(lambda: venue.floor.exchange.open) == []
    with desk_at(venue, folders) as desk:
        desk.becomes(f"{entry}-s1", S.FILLED)
        desk.becomes(f"{entry}-t1", S.CANCELED)
        desk.agrees()
        assert (desk.position(), desk.posts()) == (0, 2)


def test_a_pair_whose_answer_is_lost_is_proven_and_the_target_that_fills_ends_the_stop(
    venue: AlpacaVenue, folders: Folders
) -> None:
    def fail() -> None:
        venue.floor.faults.rest.append(RestFault("error", "POST", "/v2/orders", done=True))
        venue.floor.faults.lose_updates = 3

    with desk_at(venue, folders) as desk:
        desk.quote("191.50", "191.60")
        entry = desk.enter(10)
        desk.becomes(entry, S.WORKING)
        venue.do(fail)
        desk.quote("190.98", "191.00")
        wait_until(lambda: f"{entry}-s1" in desk.history)
        wait_until(desk.is_covered)
        desk.becomes(f"{entry}-t1", S.WORKING)
        wait_until(lambda: desk.lost() == 2)
        assert desk.held_there() == 10
        desk.quote("200.01", "200.05")
        desk.becomes(f"{entry}-t1", S.FILLED)
        desk.becomes(f"{entry}-s1", S.CANCELED)
        desk.agrees()
        assert (desk.position(), desk.posts()) == (0, 2)
