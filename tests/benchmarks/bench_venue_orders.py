"""An order at local venues, there and back: from handing it in until the program knows that it works.

What is timed is the clock on the wall, and the venue's own part is in it on both sides: where a ratio is near 1, the
venue is what takes long. Ours is the whole engine as it runs: gate, journal, and what the order became told on
another thread. With `process` nothing waits for the disk, as in the other clients, which keep nothing there; with
`strict`, as it is set unless one says otherwise, a byte leaves once its order is on the disk, and what that disk
takes is in the figure.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from engine.bootstrap import live_engine
from engine.config import (
    AccountSettings,
    BrokerSettings,
    CredentialSettings,
    FilterSettings,
    JournalSettings,
    MarketSettings,
    MetricsSettings,
    Settings,
)
from engine.credentials import Credentials
from engine.engine import Engine
from engine.folders import Folders
from engine.messages.commands import CancelOrder, SubmitOrder
from engine.messages.events import OrderChanged
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.order import OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from engine.ports.secrets import Credential
from engine.settings.venues import AlpacaSettings, BinanceSettings, VenuesSettings
from tests import alpaca_bench, binance_broker_bench
from tests.benchmarks.options import Against, Options, against
from tests.benchmarks.row import Row
from tests.benchmarks.venues_there import Addresses, running
from tests.waiting import wait_until

Durability = Literal["process", "strict"]
_ROUNDS = 5
_COUNT, _QUICK_COUNT = 50, 3
_PRICE = 55_000
"""Far enough below the market to rest, and no two orders are the same."""
_PATIENCE_S = 120.0
_LIMITS = "[account]\norder_rate_per_s = 100000\norder_burst = 100000\n"
_CREDENTIALS = {"alpaca": alpaca_bench.CREDENTIAL, "binance": binance_broker_bench.CREDENTIAL}
_PEERS = {"alpaca": ("alpaca-py", "alpaca_order.py"), "binance": ("ccxt", "ccxt_order.py")}
_DURABILITIES: tuple[Durability, ...] = ("process", "strict")
_QUICK = (("binance", _DURABILITIES[0]),)
_SYMBOLS = {"alpaca": Symbol("BTC/USD"), "binance": Symbol("BTCUSDT")}


def rows(options: Options) -> list[Row]:
    """Return a row for each venue and each durability of the journal."""
    count = _QUICK_COUNT if options.quick else _COUNT
    found: list[Row] = []
    for name, durability in _QUICK if options.quick else product(_PEERS, _DURABILITIES):
        with running(name) as there, desk_at(name, there, durability) as desk:
            theirs = partial(_time_theirs, options, name, there, count)
            pair = against(options.rounds(_ROUNDS), partial(desk.median_us, count), theirs)
            found.append(_row(name, durability, pair))
    return found


class Desk:
    """An engine, and a thread that waits for what becomes of its orders."""

    def __init__(self, engine: Engine, symbol: Symbol) -> None:
        self.engine = engine
        self._rooms = engine._rooms
        self._symbol = symbol
        self._told = threading.Condition()
        self._sent = 0
        self._latest: dict[str, OrderStatus] = {}
        self._rooms.bus.subscribe(OrderChanged, self._note)

    def ready(self) -> None:
        """Go on until the account was compared, and the venue itself has quoted."""
        rooms, symbol = self._rooms, self._symbol
        wait_until(lambda: rooms.orders.reconciler.settled and symbol in rooms.market.states, _PATIENCE_S)
        wait_until(lambda: rooms.market.states[symbol].trust(rooms.clock.now_ns()) is Trust.GOOD, _PATIENCE_S)

    def median_us(self, count: int) -> float:
        """Return the median of the microseconds from an order's submit until it is known to work; each is cancelled."""
        taken = []
        for _ in range(count):
            request = self._request()
            start_ns = time.perf_counter_ns()
            self.engine.submit(SubmitOrder(request))
            self._wait(request.client_id, OrderStatus.WORKING)
            taken.append(time.perf_counter_ns() - start_ns)
            self.engine.submit(CancelOrder(request.client_id))
            self._wait(request.client_id, OrderStatus.CANCELED)
        return statistics.median(taken) / 1_000

    def _note(self, event: OrderChanged) -> None:
        with self._told:
            self._latest[event.order.client_id] = event.status
            self._told.notify()

    def _wait(self, client_id: str, status: OrderStatus) -> None:
        with self._told:
            assert self._told.wait_for(lambda: self._latest.get(client_id) is status, _PATIENCE_S), (
                self._latest
            )

    def _request(self) -> OrderRequest:
        self._sent += 1
        client_id, order_number = self.engine.ids.next()
        instrument = self._rooms.market.states[self._symbol].instrument
        return OrderRequest(
            client_id=client_id,
            number=order_number,
            account=self.engine.account_name,
            symbol=self._symbol,
            side=Side.BUY,
            quantity=instrument.size_scale // 1_000,
            type=OrderType.LIMIT,
            limit=(_PRICE + self._sent) * instrument.price_scale,
            tif=TimeInForce.GTC,
            created_ns=self._rooms.clock.now_ns(),
        )


@contextmanager
def desk_at(name: str, there: Addresses, durability: Durability) -> Iterator[Desk]:
    """Run an engine whose orders go to a venue, compared and quoted."""
    with TemporaryDirectory(prefix="touchline-") as scratch:
        folders = Folders(*(Path(scratch) / each for each in ("config", "data", "cache", "logs")))
        folders.config.mkdir()
        folders.limits.write_text(_LIMITS, encoding="utf-8")
        settings = _settings(name, there, Path(scratch), durability)
        Credentials(settings).keep(name, _CREDENTIALS[name])
        engine = live_engine(settings, folders, name, [_SYMBOLS[name]])
        desk = Desk(engine, _SYMBOLS[name])
        engine.start()
        try:
            desk.ready()
            yield desk
        finally:
            engine.stop()


def _settings(name: str, there: Addresses, scratch: Path, durability: Durability) -> Settings:
    addresses: dict[str, Any] = {each: url for each, url in there.items() if each != "burst_url"}
    is_alpaca = name == "alpaca"
    return Settings(
        account=AccountSettings(cash=Decimal(100_000), base_currency="USD" if is_alpaca else "USDT"),
        broker=BrokerSettings(kind="alpaca" if is_alpaca else "binance"),
        credentials=CredentialSettings(key_file=str(scratch / "keys")),
        journal=JournalSettings(durability=durability),
        market=MarketSettings(FilterSettings(stale_after_s=0)),
        metrics=MetricsSettings(enabled=False),
        venues=VenuesSettings(alpaca=AlpacaSettings(**addresses))
        if is_alpaca
        else VenuesSettings(binance=BinanceSettings(**addresses)),
    )


def _time_theirs(options: Options, name: str, there: Addresses, count: int) -> float | None:
    credential: Credential = _CREDENTIALS[name]
    addresses = [there["trading_url"]] if name == "alpaca" else [there["api_url"], there["stream_url"]]
    told = options.peer(_PEERS[name][1], *addresses, credential.key, credential.secret, str(count))
    return None if told is None else told["us"]


def _row(name: str, durability: Durability, pair: Against) -> Row:
    title = f"order to {name.capitalize()} and back, {durability}"
    return Row(name=title, value=pair.ours, unit="us", against=_PEERS[name][0], ratio=pair.ratio, goal="<= 1")
