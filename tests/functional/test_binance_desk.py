"""The desk of a real engine whose orders go to a venue of this machine that speaks Binance's protocols."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from textual.events import Key
from textual.pilot import Pilot

from engine.adapters.binance.market_data import BinanceSource
from engine.bootstrap import live_engine
from engine.engine import Engine
from engine.model.order import OrderStatus
from engine.model.trade import Side
from terminal.app import DeskApp
from terminal.desk import Desk
from terminal.screens.leaving import LeavingScreen
from terminal.screens.trade import TradeScreen
from tests.binance_broker_bench import BTC
from tests.driving import drive
from tests.venue_accounts import at_binance, folders_in
from tests.venues.binance.stock import BTC as PAIR
from tests.venues.binance.venue import BinanceVenue
from tests.waiting import until

GUARD_S = 0.3
"""Longer than the guard against double presses."""


@pytest.fixture
def venue() -> Iterator[BinanceVenue]:
    """Run a venue whose account has money and no coins."""
    with BinanceVenue([PAIR]) as each:
        each.floor.exchange.purse.free = {"USDT": Decimal(100_000), "BTC": Decimal(0)}
        each.do(lambda: each.floor.quote(BTC, "60999.00", "61001.00", "5", "5"))
        yield each


@dataclass
class Seat:
    """A person at the desk; keys are posted, since the pilot would wait for a market that never rests."""

    app: DeskApp
    engine: Engine
    venue: BinanceVenue

    @property
    def screen(self) -> TradeScreen:
        """The desk itself, whatever is over it."""
        return cast("TradeScreen", self.app.screen_stack[1])

    @property
    def desk(self) -> Desk:
        """What the desk knows."""
        return self.screen.desk

    async def press(self, key: str) -> None:
        """Press a key."""
        self.app.post_message(Key(key, key if len(key) == 1 else None))
        await asyncio.sleep(GUARD_S)

    async def send(self, text: str) -> None:
        """Type a line and send it."""
        self.screen.type_line(text)
        await asyncio.sleep(GUARD_S)
        await self.press("enter")
        await self.press("enter")

    async def begins(self) -> None:
        """Go on until the account was compared, and the venue itself has quoted."""
        rooms = self.engine._rooms
        source = cast("BinanceSource", rooms.source)
        await until(lambda: rooms.orders.reconciler.settled and len(source.client.subscribed) == 4)
        await asyncio.to_thread(
            self.venue.do, lambda: self.venue.floor.quote(BTC, "60998.00", "61002.00", "5", "5")
        )
        await until(lambda: BTC in self.desk.quotes and self.desk.quotes[BTC].bid)

    def orders(self) -> list[tuple[Side, OrderStatus]]:
        """Return what the blotter has."""
        return [(each.side, each.status) for each in self.desk.orders.values()]


def at_the_desk(root: Path, venue: BinanceVenue, script: Callable[[Seat], Awaitable[None]]) -> None:
    """Open the desk as the program does, let a person work, and close it."""
    folders = folders_in(root)
    settings = at_binance(venue, folders)
    engine = live_engine(settings, folders, "binance", [BTC])
    app = DeskApp(engine, settings.desk, folders)

    async def steps(_: Pilot[None]) -> None:
        seat = Seat(app, engine, venue)
        await seat.begins()
        await script(seat)

    drive(app, steps, size=(160, 48))
    assert app.return_code in {None, 0}


def test_an_order_works_there_is_cancelled_and_one_that_is_kept_is_there_again(
    tmp_path: Path, venue: BinanceVenue
) -> None:
    exchange = venue.floor.exchange

    async def first(seat: Seat) -> None:
        await seat.send("b 0.2 BTCUSDT 60000 gtc")
        await until(lambda: seat.orders() == [(Side.BUY, OrderStatus.WORKING)])
        assert [each.price for each in venue.do(lambda: list(exchange.open))] == [60_000]
        await seat.send("x BTCUSDT")
        await until(lambda: seat.orders() == [(Side.BUY, OrderStatus.CANCELED)])
        assert venue.do(lambda: list(exchange.open)) == []
        await seat.send("b 0.1 BTCUSDT 59000 gtc")
        await until(lambda: seat.orders()[1:] == [(Side.BUY, OrderStatus.WORKING)])
        await seat.press("ctrl+q")
        await until(lambda: isinstance(seat.app.screen, LeavingScreen))
        await seat.press("k")
        await until(lambda: not seat.app.is_running)

    async def again(seat: Seat) -> None:
        await until(lambda: (Side.BUY, OrderStatus.WORKING) in seat.orders())
        (kept,) = (each for each in seat.desk.orders.values() if each.status is OrderStatus.WORKING)
        assert kept.limit == 59_000 * seat.engine._rooms.market.states[BTC].instrument.price_scale
        await seat.send("x BTCUSDT")
        await until(lambda: seat.desk.orders[kept.client_id].status is OrderStatus.CANCELED)

    at_the_desk(tmp_path, venue, first)
    assert len(venue.do(lambda: list(exchange.open))) == 1
    at_the_desk(tmp_path, venue, again)
    assert venue.do(lambda: list(exchange.open)) == []
    placed = [each for each in venue.floor.signed if each == "POST /api/v3/order"]
    assert len(placed) == 2
