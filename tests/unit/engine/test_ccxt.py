"""Exchanges by ccxt without ccxt: what it says becomes units, and what it does wrong becomes a sentence.

The exchange here has the methods of ccxt's and nothing of its code; `tests/conformance` follows a venue by the real one.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapter_contract.following import Live, followed
from engine.adapters.ccxt import connection
from engine.adapters.ccxt.market_data import CcxtSource
from engine.adapters.ccxt.opening import open_exchange
from engine.adapters.ccxt.parse import (
    DECIMAL_PLACES,
    TICK_SIZE,
    UNITS_MAX,
    has_steps,
    instrument_of,
    levels_of,
    minutes_of,
    trade_of,
    units_of,
)
from engine.adapters.ccxt.refusals import meaning_of
from engine.adapters.texts import Unreadable
from engine.clock import SystemClock
from engine.errors import ConfigError, RejectedError, ThrottledError, TransientError
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.market_status import Session
from engine.model.trade import Side
from engine.settings.venues import CcxtSettings

BTC = Symbol("BTC/USD")
MARKET = {
    "symbol": "BTC/USD",
    "base": "BTC",
    "quote": "USD",
    "spot": True,
    "active": True,
    "precision": {"price": 0.1, "amount": 1e-05},
    "limits": {"amount": {"min": 0.0001}, "cost": {"min": 5.0}},
}
CHECKED = instrument_of(MARKET, TICK_SIZE, "ccxt:x", "X by ccxt")


class RateLimitExceeded(Exception):
    """As ccxt calls it."""


class ExchangeError(Exception):
    """As ccxt calls it."""


class BadSymbol(ExchangeError):
    """As ccxt calls it."""


class NetworkError(Exception):
    """As ccxt calls it."""


class Exchange:
    """Has the methods of an exchange object of ccxt, on whatever loop it is made."""

    precisionMode = TICK_SIZE  # noqa: N815  # as ccxt calls it
    has: ClassVar[dict[str, bool]] = {"fetchTime": False, "unWatchOrderBook": True}

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._loop = asyncio.get_running_loop()
        self.inbox: dict[str, asyncio.Queue[Any]] = {name: asyncio.Queue() for name in ("book", "prints")}
        self.watched: list[str] = []
        """Who waits for a book or a print, by pair."""
        self.unwatched: list[str] = []
        floor.exchanges.append(self)

    def tell(self, name: str, what: Any) -> None:
        """Let a watcher have something, from any thread; an exception is raised."""
        self._loop.call_soon_threadsafe(self.inbox[name].put_nowait, what)

    async def load_markets(self) -> dict[str, Any]:
        if self._floor.refusal is not None:
            raise self._floor.refusal
        return {"BTC/USD": self._floor.market, **self._floor.others}

    async def fetch_ohlcv(self, *_: object) -> list[list[float]]:
        raise BadSymbol("no minutes \x1b[2J")

    async def watch_order_book(self, symbol: str) -> Any:
        return await self._next("book", symbol)

    async def un_watch_order_book(self, symbol: str) -> None:
        self.unwatched.append(symbol)
        raise NetworkError("it may fail")

    async def watch_trades(self, symbol: str) -> Any:
        return await self._next("prints", symbol)

    async def close(self) -> None:
        self._floor.closed.append(threading.current_thread().name)

    async def _next(self, name: str, symbol: str) -> Any:
        self.watched.append(symbol)
        try:
            told = await self.inbox[name].get()
        finally:
            self.watched.remove(symbol)
        if isinstance(told, Exception):
            raise told
        return told


class Floor:
    """What the exchange has to say."""

    def __init__(self) -> None:
        self.market: dict[str, Any] = dict(MARKET)
        self.others: dict[str, Any] = {}
        self.refusal: Exception | None = None
        self.exchanges: list[Exchange] = []
        self.closed: list[str] = []


def book(bid: float = 60_999.9, ask: float = 61_000.1, size: float = 0.5) -> dict[str, Any]:
    return {"bids": [[bid, size], [bid - 1, 2.0]], "asks": [[ask, 0.25]], "timestamp": None}


def printed(number: object, price: float = 61_000.0, side: str | None = "buy") -> dict[str, Any]:
    return {"id": number, "price": price, "amount": 0.5, "side": side, "timestamp": None}


Scenario = Callable[[Live[CcxtSource]], Awaitable[None]]


def live(floor: Floor, scenario: Scenario, *, silence_s: float = 60.0) -> Live[CcxtSource]:
    """Follow the exchange while a scenario runs."""
    source = CcxtSource(
        "x",
        "X by ccxt",
        CcxtSettings(2, silence_s),
        [BTC],
        SystemClock(),
        lambda: Exchange(floor),
        retry_s_max=0.05,
        open_s=0.1,
    )
    return followed(None, {}, source, scenario, depth=2)  # type: ignore[arg-type]


async def told(desk: Live[CcxtSource], floor: Floor, name: str, *whats: Any) -> None:
    """Let the newest exchange say something once it is followed."""
    await desk.until(lambda: desk.source.connection.is_open and BTC in desk.source._asked)
    for what in whats:
        floor.exchanges[-1].tell(name, what)


@given(st.integers(0, UNITS_MAX - 1), st.integers(0, 12))
def test_every_number_that_a_float_can_tell_apart_is_exact(units: int, decimals: int) -> None:
    assert units_of(float(Decimal(units).scaleb(-decimals)), 10**decimals) == units


@pytest.mark.parametrize("value", [None, "1", float("nan"), float("inf"), -1.0, 1e30, [1]])
def test_what_is_no_number_is_malformed(value: object) -> None:
    with pytest.raises(Unreadable):
        units_of(value, 100)


def test_steps_are_told_as_themselves_or_as_decimals() -> None:
    assert (CHECKED.tick, CHECKED.lot, CHECKED.price_unit) == (
        Decimal("0.1"),
        Decimal("0.00001"),
        Decimal("0.1"),
    )
    assert (CHECKED.size_min, CHECKED.notional_min) == (Decimal("0.0001"), Decimal(5))
    places = instrument_of(
        {**MARKET, "precision": {"price": 2, "amount": 0}, "limits": {}}, DECIMAL_PLACES, "s", "S"
    )
    assert (places.tick, places.lot, places.size_min) == (Decimal("0.01"), Decimal(1), Decimal(0))
    halves = instrument_of({**MARKET, "precision": {"price": 0.5, "amount": 10.0}}, TICK_SIZE, "s", "S")
    assert (halves.price_unit, halves.tick, halves.size_unit, halves.lot) == (
        Decimal("0.1"),
        Decimal("0.5"),
        Decimal(1),
        Decimal(10),
    )
    assert [has_steps(mode) for mode in (2, 3, 4)] == [True, False, True]


@pytest.mark.parametrize(
    "precision", [None, {}, {"price": None, "amount": 1.0}, {"price": 0.0, "amount": 1.0}, {"price": 1e9}]
)
def test_a_pair_without_steps_is_malformed(precision: object) -> None:
    with pytest.raises(Unreadable, match="bad_instrument"):
        instrument_of({**MARKET, "precision": precision}, TICK_SIZE, "s", "S")


def test_sizes_below_a_step_are_no_levels_and_minutes_are_whole() -> None:
    assert levels_of([[1.0, 1e-9], [2.0, 1.0], [3.0, 1.0]], CHECKED, 2) == ((20, 100_000),)
    rows = [[120_000, 2.0, 3.0, 1.0, 2.0, 0.5], [60_000, 1.0, 1.0, 1.0, 1.0, 0.0]]
    bars = minutes_of(rows, CHECKED, "s", 180 * 10**9)
    assert [bar.bar.start_ns for bar in bars] == [60 * 10**9, 120 * 10**9]
    open_still = minutes_of(rows, CHECKED, "s", 179 * 10**9)
    assert [bar.bar.start_ns for bar in open_still] == [60 * 10**9]
    with pytest.raises(Unreadable, match="absurd_time"):
        minutes_of([[61_000, 1.0, 1.0, 1.0, 1.0, 1.0]], CHECKED, "s", 10**18)
    with pytest.raises(Unreadable, match="zero_price"):
        trade_of(printed(1, 0.0), CHECKED, "s", 1)


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (RateLimitExceeded("slow"), ThrottledError),
        (BadSymbol("none"), RejectedError),
        (NetworkError("gone"), TransientError),
        (KeyError("theirs"), TransientError),
        (OSError("down"), TransientError),
    ],
)
def test_an_error_of_ccxt_is_what_the_engine_can_do_about_it(error: Exception, meaning: type) -> None:
    assert type(meaning_of(error)) is meaning
    assert type(error).__name__ in str(meaning_of(error))


def test_books_are_told_whole_and_then_by_what_changed_with_the_touch_and_prints_once() -> None:
    floor = Floor()

    async def scenario(desk: Live[CcxtSource]) -> None:
        await told(desk, floor, "book", book())
        await desk.until(lambda: desk.market.books[BTC].synced and desk.market.states[BTC].has_quote)
        await told(desk, floor, "book", book(size=0.75), book(bid=60_998.0))
        await desk.until(lambda: desk.market.states[BTC].bid == 609_980)
        await told(desk, floor, "prints", [printed("7"), printed("7"), printed(None)], [printed("7")])
        await told(desk, floor, "prints", [printed("8", side="sell")])
        await desk.until(lambda: len(desk.market.tape[BTC]) == 3)

    desk = live(floor, scenario)
    there = desk.market.books[BTC]
    assert [*there.levels(Side.BUY, 5)] == [(609_980, 50_000), (609_970, 200_000)]
    assert [*there.levels(Side.SELL, 5)] == [(610_001, 25_000)]
    assert desk.market.counters.deltas >= 1
    assert desk.market.states[BTC].source == "ccxt:x"
    assert desk.alerts == [r"no history of BTC/USD: BadSymbol: no minutes [2J"]
    assert floor.closed == ["touchline-ccxt"]


def test_what_can_not_be_read_is_counted_and_the_rest_lives() -> None:
    floor = Floor()

    async def scenario(desk: Live[CcxtSource]) -> None:
        await told(desk, floor, "book", {"bids": [["x", 1]], "asks": []}, book())
        await told(desk, floor, "prints", [printed(1, float("nan")), printed(2)])
        await desk.until(lambda: BTC in desk.market.books and desk.market.books[BTC].synced)
        await desk.until(lambda: len(desk.market.tape[BTC]) == 1)

    desk = live(floor, scenario)
    assert (desk.source.unreadable, desk.source.connects) == (2, 1)


def test_prints_that_find_no_room_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PRINTS_WAITING_MAX", 0)
    floor = Floor()

    async def scenario(desk: Live[CcxtSource]) -> None:
        await told(desk, floor, "book", book())
        await told(desk, floor, "prints", [printed(number) for number in range(1, 11)])
        await desk.until(lambda: desk.market.counters.malformed)

    desk = live(floor, scenario)
    assert "overrun" in str(desk.market.counters.malformed)
    assert list(desk.market.tape[BTC]) == []


def test_a_watcher_that_fails_ends_the_connection_and_a_new_one_begins() -> None:
    floor = Floor()

    async def scenario(desk: Live[CcxtSource]) -> None:
        await told(desk, floor, "book", book())
        await desk.until(lambda: BTC in desk.market.books and desk.market.books[BTC].synced)
        floor.market["active"] = False
        await told(desk, floor, "prints", NetworkError("reset \x1b[2J"))
        await desk.until(lambda: desk.source.connects == 2)
        await told(desk, floor, "book", book(bid=60_000.0))
        await desk.until(lambda: desk.market.states[BTC].bid == 600_000)

    desk = live(floor, scenario)
    assert "X by ccxt is not connected: NetworkError: reset [2J" in desk.alerts
    assert "X by ccxt is connected again" in desk.alerts
    assert desk.market.states[BTC].session is Session.HALTED
    assert floor.closed == ["touchline-ccxt"] * 2


def test_one_that_says_nothing_is_given_up() -> None:
    async def scenario(desk: Live[CcxtSource]) -> None:
        await desk.until(lambda: desk.source.connects == 2)

    desk = live(Floor(), scenario, silence_s=0.3)
    assert "X by ccxt is not connected: connected, but nothing came for 0.3 s" in desk.alerts


def test_one_that_can_not_be_reached_opens_the_circuit_and_is_found_again() -> None:
    floor = Floor()
    floor.refusal = NetworkError("down")

    async def scenario(desk: Live[CcxtSource]) -> None:
        await desk.until(lambda: desk.row("route_data").state is HealthState.DOWN)
        assert desk.row("venue").value == "not connected"
        floor.refusal = None
        await desk.until(lambda: desk.source.connection.is_open)

    desk = live(floor, scenario)
    assert desk.changes[0] == "open"
    assert desk.changes[-1] == "closed"


def test_a_pair_that_it_does_not_have_or_that_is_no_spot_pair_is_told() -> None:
    floor = Floor()
    floor.market["spot"] = False

    async def scenario(desk: Live[CcxtSource]) -> None:
        await desk.until(lambda: desk.alerts)

    assert live(floor, scenario).alerts == ["X by ccxt has no pair BTC/USD"]


def test_a_pair_is_added_to_those_that_are_followed_and_left_again() -> None:
    floor, other = Floor(), Symbol("XRP/USD")
    floor.others = {"XRP/USD": {**MARKET, "symbol": "XRP/USD"}, "XRP/USD:USD": {**MARKET, "spot": False}}

    async def scenario(desk: Live[CcxtSource]) -> None:
        with pytest.raises(TransientError, match="X by ccxt is not connected"):
            await desk.source.follow(other)
        await told(desk, floor, "book", book())
        with pytest.raises(RejectedError, match="X by ccxt has no pair XRP/USD:USD"):
            await desk.source.follow(Symbol("XRP/USD:USD"))
        await desk.source.follow(other)

        def heard() -> bool:
            floor.exchanges[-1].tell("book", book())  # whoever of the two waits longest has it
            return other in desk.source._told_books

        await desk.until(heard)
        (exchange,) = floor.exchanges
        desk.source.leave(other)
        assert desk.wanted == (BTC,)
        await desk.until(lambda: exchange.unwatched == [other] and exchange.watched == [BTC, BTC])
        await desk.source.follow(other)
        await desk.until(lambda: sorted(exchange.watched) == [BTC, BTC, other, other])
        assert floor.exchanges == [exchange]

    assert live(floor, scenario).source.unreadable == 0


# Opening


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Installed:
    """Return what is made of an exchange `x`, in a ccxt of the test's."""
    there = Installed()
    module = SimpleNamespace(exchanges=["x"], x=there.make, __version__="4.5")
    monkeypatch.setitem(sys.modules, "ccxt", SimpleNamespace(pro=module))
    monkeypatch.setitem(sys.modules, "ccxt.pro", module)
    return there


class Installed:
    """An exchange that ccxt has."""

    def __init__(self) -> None:
        self.floor = Floor()
        self.mode = TICK_SIZE
        self.has = {"watchOrderBook": True, "watchTrades": True}
        self.told: list[dict[str, Any] | None] = []

    def make(self, config: dict[str, Any] | None = None) -> Any:
        """Make an exchange object: without a loop one that is only looked at."""
        self.told.append(config)
        if config is None:
            return SimpleNamespace(has=self.has, precisionMode=self.mode)
        return Exchange(self.floor)


def opened(symbols: tuple[Symbol, ...] = (BTC,), **told_of: Any) -> CcxtSource:
    """Open the exchange, with what the settings tell of it."""
    return open_exchange("x", CcxtSettings(exchanges={"x": told_of}), symbols, SystemClock())


def test_an_exchange_is_made_of_the_settings_and_asked_for_its_pairs_once(installed: Installed) -> None:
    source = opened(urls={"api": "wss://there.example", "test": "http://127.0.0.1:1"}, timeout=1000)
    assert (source.name, source.label, source.wanted) == ("ccxt:x", "X by ccxt", (BTC,))
    looked, asked = installed.told
    assert looked is None
    assert asked is not None
    assert (asked["timeout"], asked["enableRateLimit"]) == (1000, True)
    assert len(installed.floor.closed) == 1
    with pytest.raises(ConfigError, match="X by ccxt has no pair BTC/EUR; it has BTC/USD"):
        opened((BTC, Symbol("BTC/EUR")))


def test_one_that_can_not_be_asked_for_its_pairs_begins_all_the_same(installed: Installed) -> None:
    installed.floor.refusal = NetworkError("down")
    assert opened((Symbol("ANY/USD"),)).name == "ccxt:x"
    assert len(installed.floor.closed) == 1


def test_an_exchange_that_can_not_be_followed_is_refused(installed: Installed) -> None:
    installed.has = {"watchOrderBook": True}
    with pytest.raises(ConfigError, match="X by ccxt can't be followed: it has no watchTrades"):
        opened()
    installed.has, installed.mode = {"watchOrderBook": True, "watchTrades": True}, 3
    with pytest.raises(ConfigError, match="significant digits"):
        opened()
    with pytest.raises(ConfigError, match=r"ccxt 4\.5 has no streams of an exchange 'y'"):
        open_exchange("y", CcxtSettings(), (BTC,), SystemClock())


@pytest.mark.parametrize(
    ("told_of", "sentence"),
    [
        ({"apiKey": "k"}, r"venues\.ccxt\.exchanges\.x\.apiKey: no key is wanted"),
        ({"options": {"secret": "s"}}, r"x\.options\.secret: no key"),
        ({"urls": {"api": {"ws": "ws://far.example"}}}, r"x\.urls\.api\.ws: expected an encrypted address"),
    ],
)
@pytest.mark.usefixtures("installed")
def test_a_key_or_a_plain_address_in_the_settings_is_refused(told_of: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        opened(**told_of)
