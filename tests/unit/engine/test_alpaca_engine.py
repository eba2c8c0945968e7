"""The engine as the program composes it, with its account at a venue that speaks Alpaca's protocols."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.bootstrap import live_engine, simulated_engine
from engine.config import AccountSettings, Settings
from engine.credentials import Credentials
from engine.engine import Engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.messages.commands import AmendOrder, ArmTrading, CancelOrder, Flatten
from engine.messages.views import HealthState
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.model.order import ExitPlan, Order, OrderStatus, OrderType
from engine.model.trade import Side
from engine.observe.logs import NAME as LOG
from engine.pace import Pace
from engine.ports.secrets import Credential
from engine.settings.venues import AlpacaSettings
from tests.account_desk import AccountDesk
from tests.alpaca_bench import CREDENTIAL
from tests.venue_accounts import at_alpaca as settings_for
from tests.venue_accounts import folders_in
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.venue import AlpacaVenue
from tests.waiting import wait_until

BTC = Symbol("BTC/USD")
COIN = 10**9
NUMBER = "PA3LOCAL0001"


@pytest.fixture
def venue() -> Iterator[AlpacaVenue]:
    with AlpacaVenue() as each:
        each.do(lambda: each.floor.quote("BTC/USD", "60999", "61001", "5", "5"))
        yield each


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return folders_in(tmp_path)


LIVE = AccountSettings(name="MAIN", cash=Decimal(100_000), live=True)


class Desk(AccountDesk):
    """With coins at Alpaca."""

    def __init__(self, engine: Engine, venue: AlpacaVenue) -> None:
        super().__init__(engine, BTC)
        self.venue = venue

    def is_followed(self) -> bool:
        feed = self.rooms.source.feeds[0]  # type: ignore[attr-defined]
        return len(feed.client.confirmed) == 3

    def quote(self) -> None:
        self.venue.do(lambda: self.venue.floor.quote("BTC/USD", "60998", "61002", "5", "5"))

    def send(self, side: Side, quantity: int, limit: int, *, plan: ExitPlan | None = None) -> str:
        """Send an order at a price in dollars."""
        return super().send(side, quantity, limit * COIN, plan=plan)

    def tries(self, side: Side, quantity: int, limit: int) -> Order:
        """Send an order that may be denied."""
        return self.order(self.ask_for(side, quantity, limit * COIN))


def desk_at(
    venue: AlpacaVenue, folders: Folders, settings: Settings | None = None
) -> AbstractContextManager[Desk]:
    settings = settings or settings_for(venue, folders)
    return Desk(live_engine(settings, folders, "alpaca", [BTC]), venue).at_work()


def test_an_order_is_placed_filled_and_held(venue: AlpacaVenue, folders: Folders) -> None:
    with desk_at(venue, folders) as desk:
        client_id = desk.send(Side.BUY, COIN // 2, 61_002)
        desk.becomes(client_id, OrderStatus.FILLED)
        wait_until(lambda: desk.rooms.ledger.positions[BTC].quantity == COIN // 2)
        desk.agrees()
        assert desk.order(client_id).average_price == 61_002 * COIN
    assert venue.do(lambda: venue.floor.account.holdings["BTC/USD"].quantity) == Decimal("0.5")
    assert [path.name for path in (folders.data / "journal").glob("*PAPER-1")] == ["paper-alpaca-PAPER-1"]
    lines = map(json.loads, (folders.logs / LOG).read_text(encoding="utf-8").splitlines())
    (call,) = [each for each in lines if each["component"] == "venue" and each["client_id"] == client_id]
    assert (call["operation"], call["correlation"], call["failure"]) == ("submit", client_id, "")
    assert call["ms"] > 0


def test_coins_are_flattened_at_market_though_their_market_has_no_days(
    venue: AlpacaVenue, folders: Folders
) -> None:
    with desk_at(venue, folders) as desk:
        desk.becomes(desk.send(Side.BUY, COIN // 2, 61_002), OrderStatus.FILLED)
        wait_until(lambda: desk.rooms.ledger.positions[BTC].quantity == COIN // 2)
        desk.engine.submit(Flatten(BTC))
        wait_until(lambda: desk.rooms.ledger.positions[BTC].quantity == 0)
        closing = list(desk.rooms.orders.orders.values())[-1]
        assert (closing.request.type, closing.status) == (OrderType.MARKET, OrderStatus.FILLED)


def test_an_order_that_is_lost_in_the_answer_is_unknown_and_then_proven(
    venue: AlpacaVenue, folders: Folders
) -> None:
    def fail() -> None:
        venue.floor.faults.rest.append(RestFault("error", "POST", "/v2/orders", done=True))
        venue.floor.faults.lose_updates = 2

    with desk_at(venue, folders) as desk:
        venue.do(fail)
        client_id = desk.send(Side.BUY, COIN // 2, 60_000)
        desk.becomes(client_id, OrderStatus.WORKING)
        assert desk.history[client_id][-2:] == [OrderStatus.UNKNOWN, OrderStatus.WORKING]
        desk.agrees()
    assert [each for each in venue.floor.requests if each.startswith("POST")] == ["POST /v2/orders"]


def test_an_order_whose_venue_dies_before_it_answers_is_proven_and_not_sent_again(
    venue: AlpacaVenue, folders: Folders
) -> None:
    def hang() -> None:
        venue.floor.faults.rest.append(RestFault("hang", "POST", "/v2/orders", done=True))
        venue.floor.faults.lose_updates = 2

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
    assert [each for each in venue.floor.requests if each.startswith("POST")] == ["POST /v2/orders"]


def test_an_order_that_never_arrived_is_proven_not_to_be_there(venue: AlpacaVenue, folders: Folders) -> None:
    with desk_at(venue, folders) as desk:
        venue.do(lambda: venue.floor.faults.rest.append(RestFault("drop", "POST", "/v2/orders")))
        client_id = desk.send(Side.BUY, COIN // 2, 60_000)
        desk.becomes(client_id, OrderStatus.NOT_FOUND)
        assert OrderStatus.UNKNOWN in desk.history[client_id]


def test_an_order_from_elsewhere_is_taken_in_and_followed(venue: AlpacaVenue, folders: Folders) -> None:
    body = {"symbol": "BTC/USD", "qty": "1", "side": "buy", "type": "limit", "limit_price": "60000"}
    with desk_at(venue, folders) as desk:
        venue.do(lambda: venue.floor.exchange.submit({**body, "time_in_force": "gtc"}))
        wait_until(lambda: bool(desk.rooms.orders.orders))
        (order,) = desk.rooms.orders.orders.values()
        assert (order.request.origin, order.quantity, order.limit) == ("external", COIN, 60_000 * COIN)
        desk.engine.submit(CancelOrder(order.client_id))
        desk.becomes(order.client_id, OrderStatus.CANCELED)
    assert venue.do(lambda: venue.floor.exchange.open) == []


def test_an_order_works_on_over_a_restart_and_takes_new_terms(venue: AlpacaVenue, folders: Folders) -> None:
    with desk_at(venue, folders) as desk:
        client_id = desk.send(Side.BUY, COIN // 2, 60_000)
        desk.becomes(client_id, OrderStatus.WORKING)
    with desk_at(venue, folders) as desk:
        desk.becomes(client_id, OrderStatus.WORKING)
        desk.engine.submit(AmendOrder(client_id, limit=60_100 * COIN))
        wait_until(lambda: desk.order(client_id).limit == 60_100 * COIN)
        desk.engine.submit(CancelOrder(client_id))
        desk.becomes(client_id, OrderStatus.CANCELED)
        desk.agrees()


def test_what_alpaca_says_of_itself_is_on_the_board(venue: AlpacaVenue, folders: Folders) -> None:
    with desk_at(venue, folders) as desk:
        board = desk.rooms.health
        names = ("venue_crypto", "venue_account", "route_submit", "route_cancel", "route_account")
        wait_until(lambda: all(board.reading(name).state is HealthState.OK for name in names))
        wait_until(lambda: board.reading("venue_clock").state is HealthState.OK)
        assert board.reading("venue_requests").number < 200


def test_with_the_paper_broker_no_order_goes_there(venue: AlpacaVenue, folders: Folders) -> None:
    settings = settings_for(venue, folders, "paper")
    engine = live_engine(settings, folders, "alpaca", [BTC])
    desk = Desk(engine, venue)
    engine.start()
    try:
        desk.ready()
        desk.becomes(desk.send(Side.BUY, COIN // 2, 61_002), OrderStatus.FILLED)
    finally:
        engine.stop()
    assert engine.mode is AccountMode.PAPER
    assert not any(each.startswith("POST") for each in venue.floor.requests)


def test_a_live_account_opens_only_while_it_is_armed_by_its_name(
    venue: AlpacaVenue, folders: Folders
) -> None:
    settings = settings_for(venue, folders, account=LIVE, account_number=NUMBER)
    with desk_at(venue, folders, settings) as desk:
        assert desk.engine.mode is AccountMode.LIVE
        denied = desk.tries(Side.BUY, COIN // 2, 61_002)
        assert denied.status is OrderStatus.DENIED
        assert "press F12 and type the account's name" in denied.reason
        desk.engine.submit(ArmTrading("main"))
        desk.engine.submit(ArmTrading("MAIN"))
        wait_until(lambda: desk.rooms.arming.armed)
        assert desk.rooms.arming.refused == 1
        desk.becomes(desk.send(Side.BUY, COIN // 2, 61_002), OrderStatus.FILLED)
        desk.agrees()
        venue.close()
        wait_until(lambda: not desk.rooms.arming.armed)
        wait_until(desk.is_cut_off)
        venue.open()
        desk.agrees()
        desk.ready()
        assert not desk.rooms.arming.armed
        assert desk.tries(Side.BUY, COIN // 10, 61_002).status is OrderStatus.DENIED
        wait_until(lambda: desk.rooms.ledger.positions[BTC].quantity > 0)
        desk.becomes(desk.send(Side.SELL, COIN // 4, 60_998), OrderStatus.FILLED)
        assert (folders.data / "journal" / "live-alpaca-MAIN").is_dir()
    assert len([each for each in venue.floor.requests if each.startswith("POST")]) == 2


# What is refused before anything is made


def refused(
    venue: AlpacaVenue, folders: Folders, text: str, begin: Callable[[Settings], object], **alpaca: Any
) -> None:
    with pytest.raises(ConfigError, match=text):
        begin(settings_for(venue, folders, **alpaca))
    assert not folders.data.exists()


def test_an_account_at_the_other_kind_of_host_is_refused(venue: AlpacaVenue, folders: Folders) -> None:
    begin = partial(live_engine, folders=folders, venue="alpaca", symbols=[BTC])
    live = {"trading_url": "https://api.alpaca.markets", "trades_url": "wss://api.alpaca.markets/stream"}
    for setting, url in live.items():
        refused(venue, folders, "for a live account set account.live = true", begin, **{setting: url})
    paper = {"trading_url": AlpacaSettings().trading_url, "trades_url": AlpacaSettings().trades_url}
    for setting, url in paper.items():
        wrong: dict[str, Any] = {setting: url}
        settings = settings_for(venue, folders, account=LIVE, account_number=NUMBER, **wrong)
        with pytest.raises(ConfigError, match="for a paper account"):
            begin(settings)


def test_a_live_account_is_told_apart_by_broker_number_and_name(venue: AlpacaVenue, folders: Folders) -> None:
    begin = partial(live_engine, folders=folders, venue="alpaca", symbols=[BTC])
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("broker.kind", {"account": LIVE, "kind": "paper", "account_number": NUMBER}),
        ("venues.alpaca.account", {"account": LIVE}),
        ("account.name", {"account": replace(LIVE, name="PAPER-1"), "account_number": NUMBER}),
        ("account.name", {"account": replace(LIVE, name=""), "account_number": NUMBER}),
        ("account.name", {"account": replace(LIVE, name="MAIN "), "account_number": NUMBER}),
        ("account.name", {"account": replace(LIVE, name="MA\u200bIN"), "account_number": NUMBER}),
    ]
    for text, terms in wrong:
        with pytest.raises(ConfigError, match=text):
            begin(settings_for(venue, folders, **terms))
    simulated = settings_for(venue, folders, account=LIVE, kind="paper")
    with pytest.raises(ConfigError, match=r"account\.live: "):
        simulated_engine(simulated, folders, seed=1, pace=Pace())
    assert not folders.data.exists()


def test_a_symbol_that_alpaca_does_not_have_is_refused(venue: AlpacaVenue, folders: Folders) -> None:
    begin = partial(live_engine, folders=folders, venue="alpaca", symbols=[BTC, Symbol("NOPE")])
    refused(venue, folders, "Alpaca has no NOPE", begin)


def test_a_venue_that_can_not_be_asked_does_not_hold_the_start_up(
    venue: AlpacaVenue, folders: Folders
) -> None:
    settings = settings_for(venue, folders)
    venue.close()
    engine = live_engine(settings, folders, "alpaca", [BTC])
    desk = Desk(engine, venue)
    engine.start()
    try:
        wait_until(lambda: desk.rooms.health.reading("venue_account").state is HealthState.DOWN)
        venue.open()
        desk.ready()
    finally:
        engine.stop()


def test_orders_to_alpaca_go_with_its_own_market(venue: AlpacaVenue, folders: Folders) -> None:
    at_kraken = partial(live_engine, folders=folders, venue="kraken", symbols=[BTC])
    refused(venue, folders, "broker.kind", at_kraken)
    refused(venue, folders, "broker.kind", partial(simulated_engine, folders=folders, seed=1, pace=Pace()))


def test_without_a_key_nothing_is_begun(venue: AlpacaVenue, folders: Folders) -> None:
    settings = settings_for(venue, folders)
    Credentials(settings).forget("alpaca")
    with pytest.raises(ConfigError, match="touchline credentials add alpaca"):
        live_engine(settings, folders, "alpaca", [BTC])


def test_a_key_is_in_nothing_that_is_written(venue: AlpacaVenue, folders: Folders) -> None:
    secret = Credential(CREDENTIAL.key, CREDENTIAL.secret).secret
    with desk_at(venue, folders) as desk:
        desk.becomes(desk.send(Side.BUY, COIN // 2, 61_002), OrderStatus.FILLED)
    written = [path.read_bytes() for path in folders.data.rglob("*") if path.is_file()]
    assert written
    assert not any(secret.encode() in each or CREDENTIAL.key.encode() in each for each in written)
