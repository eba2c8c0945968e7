"""Symbols that a desk is given while it runs: followed, traded, kept for the next start, and dropped again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from engine.account.journal import set_aside
from engine.bootstrap import live_engine, simulated_engine
from engine.config import MetricsSettings, Settings
from engine.duties.followed import why_followed
from engine.engine import Engine
from engine.errors import ConfigError, EngineError, TransientError
from engine.folders import Folders
from engine.market.bars import MINUTE_NS
from engine.messages.commands import (
    CancelAll,
    Command,
    Flatten,
    SubmitOrder,
    UnwatchSymbol,
    WatchSymbol,
)
from engine.messages.events import AlertRaised, Severity
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from engine.pace import Pace
from engine.settings.venues import CoinbaseSettings, KrakenSettings, VenuesSettings
from engine.watch_list import WatchList
from engine.watching import ASKED_MAX, SYMBOLS_MAX, Watching
from tests import coinbase_bench
from tests.engine_rooms import ABC, buying, composed, passes, quoted, share
from tests.kraken_bench import BTC, ETH, venue_with_books
from tests.venues.coinbase.venue import CoinbaseVenue
from tests.venues.kraken.venue import KrakenVenue
from tests.waiting import until, wait_until

DOGE = Symbol("DOGE/EUR")
KEPT = "is followed from now on, and at the next start"


@pytest.fixture
def venue() -> Iterator[KrakenVenue]:
    with venue_with_books() as each:
        yield each


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))


@dataclass
class Hands:
    """Somebody at a desk on the local venue."""

    engine: Engine
    venue: KrakenVenue
    alerts: list[str]

    def asks(self, command: Command, *, told: str = "") -> None:
        """Send a command, and wait until something is said of it."""
        self.alerts.clear()
        self.engine.submit(command)
        if told:
            wait_until(lambda: any(told in alert for alert in self.alerts))

    def trades(self, symbol: Symbol, quantity: int, limit: int | None = None) -> None:
        """Buy so many units, at a quote that was heard of just now."""
        size = f"{quantity % 7 + 1}.50000000"
        price = {BTC: "60995.0", ETH: "2640.00"}[symbol]
        self.venue.do(lambda: self.venue.floor.change(symbol, bids=[(price, size)]))
        wait_until(lambda: self.trust(symbol) is Trust.GOOD)
        client_id, number = self.engine.ids.next()
        self.asks(
            SubmitOrder(
                OrderRequest(
                    client_id=client_id,
                    number=number,
                    account=self.engine.account_name,
                    symbol=symbol,
                    side=Side.BUY,
                    quantity=quantity,
                    type=OrderType.MARKET if limit is None else OrderType.LIMIT,
                    limit=limit,
                )
            )
        )

    def trust(self, symbol: Symbol) -> Trust:
        rooms = self.engine._rooms
        return rooms.market.states[symbol].trust(rooms.clock.now_ns())

    def follows(self, symbol: Symbol) -> bool:
        market = self.engine._rooms.market
        return symbol in market.books and market.books[symbol].synced

    def held(self, symbol: Symbol) -> int:
        position = self.engine._rooms.ledger.positions.get(symbol)
        return position.quantity if position is not None else 0


@contextmanager
def desk_on(
    venue: KrakenVenue, folders: Folders, *symbols: Symbol, first: CoinbaseVenue | None = None
) -> Iterator[Hands]:
    """Open a desk on Kraken, or on Coinbase with Kraken standing by."""
    venues = VenuesSettings(KrakenSettings(venue.stream_url, venue.rest_url, 10))
    if first is not None:
        venues = structs.replace(venues, coinbase=CoinbaseSettings(first.stream_url, first.api_url))
    settings = Settings(metrics=MetricsSettings(enabled=False), venues=venues)
    standby: dict[str, list[Symbol]] = {} if first is None else {"kraken": []}
    at = "kraken" if first is None else "coinbase"
    engine = live_engine(settings, folders, at, symbols, standby=standby)
    alerts: list[str] = []
    engine._rooms.bus.subscribe(AlertRaised, lambda event: alerts.append(event.text))
    engine.start()
    try:
        hands = Hands(engine, venue, alerts)
        wait_until(lambda: all(map(hands.follows, symbols)))
        yield hands
    finally:
        engine.stop()


def noted(source: Any) -> list[int]:
    """Note from where on minutes are asked for."""
    known_to_ns, known = source.known_to_ns, list[int]()

    def asked(symbol: Symbol) -> int:
        known.append(known_to_ns(symbol))
        return known[-1]

    source.known_to_ns = asked
    return known


def test_a_symbol_is_followed_traded_kept_from_dropping_and_there_at_the_next_start(
    venue: KrakenVenue, folders: Folders
) -> None:
    kept = folders.data / "journal" / "paper.watch.json"
    with desk_on(venue, folders, BTC) as desk:
        rooms = desk.engine._rooms
        assert rooms.watching is not None
        desk.asks(WatchSymbol("eth/usd"), told=f"ETH/USD {KEPT}")
        wait_until(lambda: desk.follows(ETH))
        assert rooms.watching.view.symbols == (BTC, ETH)
        assert len(rooms.market.bars.series(ETH, MINUTE_NS).closed) > 100
        assert rooms.source.connects == 1  # type: ignore[attr-defined]
        desk.asks(WatchSymbol("ETH/USD"), told="ETH/USD is followed already")
        desk.asks(WatchSymbol("ETH/ZZZ"), told="ETH/ZZZ is not followed: Kraken has no pair ETH/ZZZ")
        desk.asks(WatchSymbol("ETHUSD"), told="Kraken's names look like BTC/USD; found ETHUSD")
        desk.trades(ETH, 10_000_000, limit=264_000)
        wait_until(lambda: bool(list(rooms.working.of(ETH))))
        desk.asks(UnwatchSymbol(ETH), told="ETH/USD has a working order and stays: x ETH/USD cancels")
        desk.asks(CancelAll(ETH))
        wait_until(lambda: not list(rooms.working.of(ETH)))
        desk.trades(ETH, 100_000_000)
        wait_until(lambda: desk.held(ETH) == 100_000_000)
        desk.asks(UnwatchSymbol(ETH), told="ETH/USD is held (1) and stays: flat ETH/USD closes")
        wait_until(kept.exists)
        assert json.loads(kept.read_bytes()) == {"version": 1, "venues": {"kraken": ["ETH/USD"]}}
    with desk_on(venue, folders, BTC) as desk:
        wait_until(lambda: desk.follows(ETH))
        assert desk.held(ETH) == 100_000_000
        desk.asks(Flatten(ETH))
        wait_until(lambda: not desk.held(ETH))
        desk.asks(UnwatchSymbol(ETH), told="ETH/USD is not followed any more; watch takes it back")
        assert desk.trust(ETH) is Trust.NONE
        desk.asks(UnwatchSymbol(ETH), told="ETH/USD is not followed")
        desk.asks(UnwatchSymbol(BTC), told="BTC/USD stays: it is the only one")
        rooms = desk.engine._rooms
        assert rooms.watching is not None
        assert rooms.watching.view.dropped == {ETH}
        desk.asks(WatchSymbol("ETH/USD"), told=KEPT)
        wait_until(lambda: desk.follows(ETH))
        assert rooms.watching.view.dropped == frozenset()
        desk.asks(UnwatchSymbol(ETH), told="takes it back")
    assert json.loads(kept.read_bytes())["venues"] == {"kraken": []}
    with desk_on(venue, folders, BTC) as desk:
        rooms = desk.engine._rooms
        known = noted(rooms.source)
        assert ETH in rooms.market.states  # the journal names it
        assert not desk.follows(ETH)
        desk.asks(WatchSymbol("ETH/USD"), told=KEPT)
        wait_until(lambda: desk.follows(ETH))
        assert known != [0], "only the minutes since the desk last followed it are asked for"


def test_a_venue_that_is_gone_is_said_and_so_is_what_the_next_start_has_again(
    venue: KrakenVenue, folders: Folders
) -> None:
    with desk_on(venue, folders, BTC, DOGE) as desk:
        rooms = desk.engine._rooms
        desk.asks(UnwatchSymbol(DOGE), told="the command line names it, so the next start has it again")
        venue.close()
        wait_until(lambda: desk.trust(BTC) is Trust.DISTRUSTED)
        desk.asks(WatchSymbol("ETH/USD"), told="ETH/USD is not followed: Kraken is not connected")
        assert rooms.watching is not None
        assert rooms.watching.view.symbols == (BTC,)


def test_whoever_stands_by_does_so_for_symbols_that_are_added_and_speaks_of_none_that_is_dropped(
    venue: KrakenVenue, folders: Folders
) -> None:
    btc, eth = coinbase_bench.BTC, coinbase_bench.ETH

    def stands_by(desk: Hands) -> bool:
        return desk.follows(eth) and desk.engine._rooms.health.reading("sources").detail == "stand-by: kraken"

    with coinbase_bench.venue_with_books() as first:
        with desk_on(venue, folders, btc, first=first) as desk:
            desk.asks(WatchSymbol("ETH-USD"), told=f"ETH-USD {KEPT}")
            wait_until(lambda: stands_by(desk))
        with desk_on(venue, folders, btc, first=first) as desk:
            wait_until(lambda: stands_by(desk))
            states = desk.engine._rooms.market.states
            first.close()
            wait_until(lambda: {states[btc].source, states[eth].source} == {"kraken"})
            desk.asks(UnwatchSymbol(eth), told="takes it back")
            for _ in range(3):
                venue.do(lambda: venue.floor.change("ETH/USD", bids=[("2640.00", "1.00000000")]))
            trades = desk.engine._rooms.market.counters.trades
            venue.do(lambda: venue.floor.trade("BTC/USD", "buy", "61000.1", "0.01000000"))
            wait_until(lambda: desk.engine._rooms.market.counters.trades > trades)
            assert desk.trust(eth) is Trust.NONE
            desk.asks(WatchSymbol("ETH-USD"), told="Coinbase is not connected")


def test_what_says_the_worth_of_a_position_stays(tmp_path: Path) -> None:
    pair, stock = Symbol("EUR/USD"), Symbol("SAP")
    with composed(tmp_path) as rooms:
        euros = replace(share(stock), currency="EUR")
        rooms.market.on_listed(euros)
        rooms.market.on_listed(replace(share(pair), base="EUR"))
        rooms.rates.set("EUR", 1_100_000)
        for symbol in (stock, pair):
            quoted(rooms, symbol, 100)
        assert why_followed(rooms, pair) == ""
        rooms.orders.submit(buying(rooms, 10, symbol=stock).request)
        passes(rooms, 1)
        assert why_followed(rooms, stock).startswith("SAP is held (10) and stays")
        assert why_followed(rooms, pair) == "EUR/USD stays: it says what SAP is worth, which is held in EUR"
        assert why_followed(rooms, ABC) == ""


def test_a_simulated_market_has_the_symbols_it_has(folders: Folders) -> None:
    engine = simulated_engine(Settings(), folders, seed=1, pace=Pace())
    with pytest.raises(EngineError, match="others are followed on live data: touchline live VENUE SYMBOL"):
        engine._handlers.handle(WatchSymbol("BTC/USD"))
    with pytest.raises(EngineError, match="has the symbols it has"):
        engine._handlers.handle(UnwatchSymbol(Symbol("AAPL")))
    engine._rooms.journal.close()


class Told:
    """A source that hears what it is asked for."""

    follows_more = True

    def __init__(self, *symbols: Symbol) -> None:
        self.wanted = symbols
        self.trouble: Exception | None = None

    def want(self, symbols: object) -> None:
        self.wanted = (*self.wanted, *symbols)  # type: ignore[misc]

    async def follow(self, symbol: Symbol) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.want([symbol])

    def leave(self, symbol: Symbol) -> None:
        self.wanted = tuple(each for each in self.wanted if each != symbol)


class Fixed:
    """A source from elsewhere that knows nothing of more symbols."""

    wanted = (BTC,)


def name_of(text: str) -> Symbol:
    if not text.isupper():
        raise ConfigError(f"expected capitals, found {text}")
    return Symbol(text)


def watching(source: object, path: Path, say: Callable[[Severity, str], None] = lambda *_: None) -> Watching:
    return Watching("acme", source, WatchList(path, "acme"), name_of, ready, lambda _: None, say)  # type: ignore[arg-type]


async def ready(_symbol: Symbol) -> None:
    """Need nothing before a symbol is followed."""


def test_a_source_that_takes_no_more_symbols_is_said_with_the_command_that_has_them(tmp_path: Path) -> None:
    desk = watching(Fixed(), tmp_path / "list")
    desk.recall()
    assert not desk.view.is_open_ended
    with pytest.raises(EngineError, match="touchline live acme BTC/USD ETH/USD"):
        desk.watch("ETH/USD")
    with pytest.raises(EngineError, match="BTC/USD stays"):
        desk.unwatch(BTC)


def test_symbols_are_bounded_and_so_are_those_that_wait(tmp_path: Path) -> None:
    crowd = [Symbol(f"S{number}") for number in range(SYMBOLS_MAX)]
    with pytest.raises(EngineError, match=f"{SYMBOLS_MAX} symbols at most"):
        watching(Told(*crowd), tmp_path / "list").watch("MORE")
    desk = watching(Told(), tmp_path / "list")
    for symbol in (*crowd[:ASKED_MAX], crowd[0]):
        desk.watch(symbol)
    with pytest.raises(EngineError, match="MORE has to wait"):
        desk.watch("MORE")
    assert list(desk._asked) == crowd[:ASKED_MAX]


async def _worked_off(desk: Watching) -> None:
    """Let it do what it was asked, as an engine that ends then does."""
    work = asyncio.create_task(desk.run())
    await until(lambda: not desk._asked and desk._kept == desk._saved)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


def test_the_list_of_one_venue_leaves_those_of_others_alone_and_what_can_not_be_read_is_not_written_over(
    tmp_path: Path,
) -> None:
    path, said = tmp_path / "list", list[str]()
    WatchList(path, "other").write([ETH])
    source = Told(BTC)
    desk = watching(source, path, lambda _, text: said.append(text))
    desk.recall()
    assert source.wanted == (BTC,)
    desk.watch("DOGE/EUR")
    asyncio.run(_worked_off(desk))
    assert (WatchList(path, "other").read(), WatchList(path, "acme").read()) == ((ETH,), (DOGE,))
    source.trouble = TransientError("[Errno 1] it is not there")
    desk.watch("ETH/USD")
    asyncio.run(_worked_off(desk))
    assert said[-1] == "ETH/USD is not followed: it is not there"
    path.write_text('{"version": 7}', encoding="utf-8")
    source.trouble = None
    desk.watch("ETH/USD")
    asyncio.run(_worked_off(desk))
    assert said[-1].endswith("is of version 7, and this desk knows 1")
    path.write_text("{", encoding="utf-8")
    later = watching(Told(BTC), path, lambda _, text: said.append(text))
    later.recall()
    assert "can't be read" in said[-1]
    assert path.read_text(encoding="utf-8") == "{"


def test_a_fresh_account_begins_with_the_command_line_alone(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    folder.mkdir()
    WatchList(tmp_path / "paper.watch.json", "kraken").write([ETH])
    set_aside(folder, "run")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "paper-until-run",
        "paper-until-run.watch.json",
    ]
