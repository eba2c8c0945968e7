"""The engine as the program composes it, with its account at a venue that speaks Binance's protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from engine.bootstrap import live_engine, simulated_engine
from engine.config import AccountSettings, Settings
from engine.credentials import Credentials
from engine.engine import Engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.messages.commands import AmendOrder, ArmTrading, CancelOrder, DisarmTrading, SubmitOrder
from engine.messages.views import HealthState, OrderPreview
from engine.model.account import AccountMode
from engine.model.order import ExitPlan, OrderStatus, OrderType
from engine.model.trade import Side
from engine.pace import Pace
from engine.settings.venues import BinanceSettings, VenuesSettings
from tests.account_desk import AccountDesk
from tests.binance_broker_bench import BTC, CREDENTIAL
from tests.venue_accounts import at_binance as settings_for
from tests.venue_accounts import folders_in
from tests.venues.binance.exchange import UID
from tests.venues.binance.floor import RestFault
from tests.venues.binance.stock import BTC as PAIR
from tests.venues.binance.venue import BinanceVenue
from tests.waiting import wait_until

COIN = 10**8
POST = "POST /api/v3/order"
AMEND = "PUT /api/v3/order/amend/keepPriority"


@pytest.fixture
def venue() -> Iterator[BinanceVenue]:
    """Run a venue whose account has money and no coins."""
    with BinanceVenue([PAIR]) as each:
        each.floor.exchange.purse.free = {"USDT": Decimal(100_000), "BTC": Decimal(0)}
        each.do(lambda: each.floor.quote("BTCUSDT", "60999.00", "61001.00", "5", "5"))
        yield each


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return folders_in(tmp_path)


LIVE = AccountSettings(name="MAIN", cash=Decimal(100_000), base_currency="USDT", live=True)


class Desk(AccountDesk):
    """With coins at Binance."""

    def __init__(self, engine: Engine, venue: BinanceVenue) -> None:
        super().__init__(engine, BTC)
        self.venue = venue

    def is_followed(self) -> bool:
        source: Any = self.rooms.source
        return len(source.client.subscribed) == 4

    def quote(self) -> None:
        self.venue.do(lambda: self.venue.floor.quote("BTCUSDT", "60998.00", "61002.00", "5", "5"))

    def send(self, side: Side, quantity: int, limit: int, *, plan: ExitPlan | None = None) -> str:
        """Send an order at a price in dollars."""
        return super().send(side, quantity, limit * self.dollar, plan=plan)

    @property
    def dollar(self) -> int:
        """One, in units of the price."""
        return self.rooms.market.states[BTC].instrument.price_scale


def desk_at(
    venue: BinanceVenue, folders: Folders, settings: Settings | None = None
) -> AbstractContextManager[Desk]:
    settings = settings or settings_for(venue, folders)
    return Desk(live_engine(settings, folders, "binance", [BTC]), venue).at_work()


def test_an_order_is_placed_filled_and_held(venue: BinanceVenue, folders: Folders) -> None:
    with desk_at(venue, folders) as desk:
        client_id = desk.send(Side.BUY, COIN // 2, 61_002)
        desk.becomes(client_id, OrderStatus.FILLED)
        positions = desk.rooms.ledger.positions
        wait_until(lambda: BTC in positions and positions[BTC].quantity == COIN // 2)
        desk.agrees()
        client_id = desk.send(Side.SELL, COIN // 2, 60_998)
        desk.becomes(client_id, OrderStatus.FILLED)
        desk.agrees()
    assert venue.do(lambda: venue.floor.exchange.purse.free["BTC"]) == 0
    assert [path.name for path in (folders.data / "journal").glob("*PAPER-1")] == ["paper-binance-PAPER-1"]


def test_a_live_account_opens_only_while_it_is_armed_by_its_name(
    venue: BinanceVenue, folders: Folders
) -> None:
    settings = settings_for(venue, folders, account=LIVE)
    with pytest.raises(ConfigError, match=r"venues\.binance\.account"):
        live_engine(settings, folders, "binance", [BTC])
    uid = BinanceSettings(**(asdict(settings.venues.binance) | {"account": str(UID)}))
    settings = replace(settings, venues=VenuesSettings(binance=uid))
    with desk_at(venue, folders, settings) as desk:
        with pytest.raises(AssertionError, match="press F12"):
            desk.send(Side.BUY, COIN // 2, 61_002)
        desk.engine.submit(ArmTrading("MAIN"))
        desk.becomes(desk.send(Side.BUY, COIN // 2, 61_002), OrderStatus.FILLED)
        desk.engine.submit(DisarmTrading("by hand"))
        desk.agrees()
        desk.becomes(desk.send(Side.SELL, COIN // 2, 60_998), OrderStatus.FILLED)
    assert [path.name for path in (folders.data / "journal").glob("*MAIN")] == ["live-binance-MAIN"]


def test_an_order_that_is_lost_in_the_answer_is_unknown_and_then_proven(
    venue: BinanceVenue, folders: Folders
) -> None:
    def fail() -> None:
        venue.floor.faults.rest.append(RestFault("error", "POST", "/api/v3/order", done=True))
        venue.floor.faults.lose_events = 1

    with desk_at(venue, folders) as desk:
        venue.do(fail)
        client_id = desk.send(Side.BUY, COIN // 2, 60_000)
        desk.becomes(client_id, OrderStatus.WORKING)
        assert desk.history[client_id][-2:] == [OrderStatus.UNKNOWN, OrderStatus.WORKING]
        desk.agrees()
    assert list(venue.floor.signed).count(POST) == 1


def test_an_order_whose_venue_dies_before_it_answers_is_proven_and_not_sent_again(
    venue: BinanceVenue, folders: Folders
) -> None:
    def hang() -> None:
        venue.floor.faults.rest.append(RestFault("hang", "POST", "/api/v3/order", done=True))
        venue.floor.faults.lose_events = 1

    with desk_at(venue, folders) as desk:
        venue.do(hang)
        client_id = desk.send(Side.BUY, COIN // 2, 60_000)
        wait_until(lambda: len(venue.floor.exchange.open) == 1)
        venue.close()
        wait_until(lambda: desk.lost() == 1)
        wait_until(lambda: desk.rooms.health.reading("venue_account").state is HealthState.DOWN)
        venue.open()
        desk.becomes(client_id, OrderStatus.WORKING)
        desk.agrees()
        wait_until(lambda: desk.rooms.health.reading("venue_account").state is HealthState.OK)
    assert list(venue.floor.signed).count(POST) == 1


def test_an_order_that_never_arrived_is_proven_not_to_be_there(venue: BinanceVenue, folders: Folders) -> None:
    with desk_at(venue, folders) as desk:
        venue.do(lambda: venue.floor.faults.rest.append(RestFault("drop", "POST", "/api/v3/order")))
        client_id = desk.send(Side.BUY, COIN // 2, 60_000)
        desk.becomes(client_id, OrderStatus.NOT_FOUND)
        assert OrderStatus.UNKNOWN in desk.history[client_id]


def test_both_exits_are_held_there_and_the_stop_fills_while_no_desk_runs(
    venue: BinanceVenue, folders: Folders
) -> None:
    def quote(bid: str, ask: str) -> None:
        venue.do(lambda: venue.floor.quote("BTCUSDT", bid, ask, "5", "5"))

    with desk_at(venue, folders) as desk:
        plan = ExitPlan(stop=60_000 * desk.dollar, target=62_000 * desk.dollar)
        entry = desk.send(Side.BUY, COIN // 2, 61_002, plan=plan)
        for leg in ("s1", "t1"):
            wait_until(lambda leg=leg: f"{entry}-{leg}" in desk.history)  # type: ignore[misc]
            desk.becomes(f"{entry}-{leg}", OrderStatus.WORKING)
        assert venue.do(lambda: venue.floor.exchange.purse.told("BTC"))["l"] == "0.50000000"
    quote("59900.00", "59901.00")
    assert venue.do(lambda: venue.floor.exchange.open) == []
    with desk_at(venue, folders) as desk:
        desk.becomes(f"{entry}-s1", OrderStatus.FILLED)
        desk.becomes(f"{entry}-t1", OrderStatus.EXPIRED)
        desk.agrees()
        assert not any(order.request.origin == "external" for order in desk.rooms.orders.orders.values())
    assert list(venue.floor.signed).count("POST /api/v3/orderList/oco") == 1


def test_an_order_from_elsewhere_is_taken_in_and_followed(venue: BinanceVenue, folders: Folders) -> None:
    body = {
        "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "60000",
        "newClientOrderId": "web_1a2b",
    }  # fmt: skip
    with desk_at(venue, folders) as desk:
        made = venue.do(lambda: venue.floor.exchange.submit(body))
        wait_until(lambda: bool(desk.rooms.orders.orders))
        (order,) = desk.rooms.orders.orders.values()
        assert (order.client_id, order.request.origin) == (f"BTCUSDT-{made.id}", "external")
        assert (order.quantity, order.limit) == (COIN, 60_000 * order.instrument.price_scale)
        desk.engine.submit(CancelOrder(order.client_id))
        desk.becomes(order.client_id, OrderStatus.CANCELED)
    assert venue.do(lambda: venue.floor.exchange.open) == []


def test_an_order_works_on_over_a_restart_is_made_smaller_and_cancelled(
    venue: BinanceVenue, folders: Folders
) -> None:
    with desk_at(venue, folders) as desk:
        client_id = desk.send(Side.BUY, COIN // 2, 60_000)
        desk.becomes(client_id, OrderStatus.WORKING)
    with desk_at(venue, folders) as desk:
        desk.becomes(client_id, OrderStatus.WORKING)
        desk.engine.submit(AmendOrder(client_id, quantity=COIN // 4))
        wait_until(lambda: desk.order(client_id).quantity == COIN // 4)
        desk.engine.submit(CancelOrder(client_id))
        desk.becomes(client_id, OrderStatus.CANCELED)
        desk.agrees()


def test_what_binance_does_not_take_is_told_in_the_preview_and_never_sent(
    venue: BinanceVenue, folders: Folders
) -> None:
    with desk_at(venue, folders) as desk:
        client_id = desk.send(Side.BUY, COIN // 2, 60_000)
        desk.becomes(client_id, OrderStatus.WORKING)
        asked = desk.order(client_id).request
        trailing = replace(asked, client_id="draft", type=OrderType.TRAILING, limit=None, trail=10_000)
        told: list[OrderPreview] = []
        for request in (trailing, replace(asked, limit=(asked.limit or 0) + 100)):
            desk.engine.preview(request, told.append)
        wait_until(lambda: len(told) == 2)
        assert [preview.denials[0].text for preview in told] == [
            "Binance has no trailing stops: use a stop",
            "Binance can't change the price of a working order: cancel it and send another",
        ]
        desk.engine.submit(AmendOrder(client_id, limit=(asked.limit or 0) + 100))
        desk.engine.submit(SubmitOrder(replace(trailing, client_id="never-sent")))
        wait_until(lambda: "never-sent" in desk.rooms.orders.orders)
        assert desk.order("never-sent").status is OrderStatus.DENIED
        assert desk.order(client_id).status is OrderStatus.WORKING
    assert list(venue.floor.signed).count(POST) == 1
    assert AMEND not in list(venue.floor.signed)


def test_what_binance_says_of_itself_is_on_the_board(venue: BinanceVenue, folders: Folders) -> None:
    with desk_at(venue, folders) as desk:
        board = desk.rooms.health
        names = ("venue", "venue_account", "route_submit", "route_cancel", "route_account", "orders_weight")
        wait_until(lambda: all(board.reading(name).state is HealthState.OK for name in names))


def test_the_clock_where_orders_go_is_shown_beside_the_one_of_the_market(
    venue: BinanceVenue, folders: Folders
) -> None:
    with BinanceVenue([PAIR]) as testnet:
        testnet.floor.faults.skew_s = 10.0
        settings = settings_for(venue, folders, orders_url=testnet.api_url, user_url=testnet.user_url)
        engine = live_engine(settings, folders, "binance", [BTC])
        engine.start()
        try:
            board = Desk(engine, venue).rooms.health
            wait_until(lambda: board.reading("venue_clock").state is HealthState.OK)
            wait_until(lambda: board.reading("orders_clock").state is HealthState.DOWN)
            assert abs((board.reading("orders_clock").number or 0) - 10_000) < 1_000
        finally:
            engine.stop()


def test_with_the_paper_broker_no_order_goes_there_and_no_key_is_needed(
    venue: BinanceVenue, folders: Folders
) -> None:
    settings = settings_for(venue, folders, "paper")
    Credentials(settings).forget("binance")
    engine = live_engine(settings, folders, "binance", [BTC])
    desk = Desk(engine, venue)
    engine.start()
    try:
        desk.ready()
        desk.becomes(desk.send(Side.BUY, COIN // 2, 61_002), OrderStatus.FILLED)
    finally:
        engine.stop()
    assert engine.mode is AccountMode.PAPER
    assert not venue.floor.signed


# What is refused before anything is made


def refused(
    venue: BinanceVenue, folders: Folders, text: str, begin: Callable[[Settings], object], **urls: Any
) -> None:
    with pytest.raises(ConfigError, match=text):
        begin(settings_for(venue, folders, **urls))
    assert not folders.data.exists()


@pytest.mark.parametrize(
    ("setting", "url"),
    [("orders_url", "https://api.binance.com"), ("user_url", "wss://ws-api.binance.com:443/ws-api/v3")],
)
def test_a_live_account_that_the_settings_do_not_call_so_is_refused(
    venue: BinanceVenue, folders: Folders, setting: str, url: str
) -> None:
    begin = partial(live_engine, folders=folders, venue="binance", symbols=[BTC])
    refused(venue, folders, "for a live account set account.live = true", begin, **{setting: url})


def test_orders_to_binance_go_with_its_own_market(venue: BinanceVenue, folders: Folders) -> None:
    at_kraken = partial(live_engine, folders=folders, venue="kraken", symbols=[BTC])
    refused(venue, folders, "broker.kind", at_kraken)
    refused(venue, folders, "broker.kind", partial(simulated_engine, folders=folders, seed=1, pace=Pace()))


def test_without_a_key_nothing_is_begun(venue: BinanceVenue, folders: Folders) -> None:
    settings = settings_for(venue, folders)
    Credentials(settings).forget("binance")
    with pytest.raises(ConfigError, match="touchline credentials add binance"):
        live_engine(settings, folders, "binance", [BTC])


def test_a_key_is_in_nothing_that_is_written(venue: BinanceVenue, folders: Folders) -> None:
    with desk_at(venue, folders) as desk:
        desk.becomes(desk.send(Side.BUY, COIN // 2, 61_002), OrderStatus.FILLED)
    written = [path.read_bytes() for path in folders.data.rglob("*") if path.is_file()]
    assert written
    assert not any(CREDENTIAL.secret.encode() in each or CREDENTIAL.key.encode() in each for each in written)
