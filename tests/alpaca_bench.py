"""Alpaca's adapter against a venue that speaks its protocols on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from engine.adapters.alpaca.admission import Admission
from engine.adapters.alpaca.broker import AlpacaBroker
from engine.adapters.alpaca.requests import TradingRequests
from engine.clock import SystemClock
from engine.messages.reports import LinkReport, Report
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from engine.ports.broker import Broker
from engine.ports.secrets import Credential
from tests.venues.alpaca.floor import KEYS
from tests.venues.alpaca.venue import AlpacaVenue

R = TypeVar("R")
AAPL = Symbol("AAPL")
ACCOUNT = "PAPER-1"
CREDENTIAL = Credential("PKLOCALVENUE", KEYS["PKLOCALVENUE"])
PATIENCE_S = 20.0


def coarse(symbol: Symbol = AAPL) -> Instrument:
    """Return an instrument whose units are whole dollars and whole shares."""
    one = Decimal(1)
    return Instrument(
        symbol=symbol,
        venue="alpaca",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=one,
        tick=one,
        size_unit=one,
        lot=one,
    )


class AlpacaBench:
    """A broker on a loop that runs only while somebody waits for something."""

    def __init__(
        self, venue: AlpacaVenue, credential: Credential = CREDENTIAL, account_number: str = ""
    ) -> None:
        self.venue = venue
        self.reports: list[Report] = []
        self.alerts: list[str] = []
        self.loop = asyncio.new_event_loop()
        self.clock = SystemClock()
        self.instruments = {AAPL: coarse()}
        self.requests = TradingRequests(venue.trading_url, credential, self.clock, open_s=0.05)
        self.admission = Admission(
            venue.trades_url,
            self.requests.account_circuit,
            credential,
            self.clock,
            account_number=account_number,
            silence_s=1.0,
            retry_s_max=0.05,
        )
        self.admission.alert = lambda _severity, text: self.alerts.append(text)
        self.alpaca = AlpacaBroker(self.requests, self.admission, ACCOUNT, self.clock, self.instruments)
        self.alpaca.listings.listed = lambda each: self.instruments.__setitem__(each.symbol, each)
        self.broker: Broker = self.alpaca
        self.alpaca.connect(self.reports.append)
        self._numbers = itertools.count(1)
        self._task: asyncio.Task[None] | None = None
        self._before = 0

    def begin(self) -> AlpacaBench:
        """Start its task, and return once the way is open."""
        self._task = self.loop.create_task(self.alpaca.run())
        self.wait_for(lambda: self.alpaca.connected)
        self.reports.clear()
        self.meet()
        return self

    def begin_alone(self) -> AlpacaBench:
        """Start its task though nobody may be there."""
        self._task = self.loop.create_task(self.alpaca.run())
        self.turn()
        return self

    def meet(self) -> None:
        """Count the venue's updates from now on: those before went to nobody."""
        self._before = len(self.venue.floor.updates) - self.alpaca.telling.updates

    def close(self) -> None:
        """Stop its task, as the engine does."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                self.loop.run_until_complete(self._task)
        self.loop.run_until_complete(self.requests.close())
        self.turn()
        self.loop.close()

    def turn(self, times: int = 3) -> None:
        """Let the loop do what is ready."""
        for _ in range(times):
            self.loop.run_until_complete(asyncio.sleep(0))

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        """Let the loop run until it is so."""

        async def wait() -> None:
            async with asyncio.timeout(PATIENCE_S):
                while not is_so():  # noqa: ASYNC110 - what is waited for has no event
                    await asyncio.sleep(0.001)

        self.loop.run_until_complete(wait())

    def wait_for_report(self, kind: type[R], count: int = 1) -> R:
        """Wait for a report of a kind and return the last of them."""
        self.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[-1]

    def of(self, kind: type[R]) -> list[R]:
        return [report for report in self.reports if isinstance(report, kind)]

    def links(self) -> list[bool]:
        return [report.connected for report in self.of(LinkReport)]

    # What the contract asks for

    def quote(self, bid: int, ask: int, bid_size: int = 100, ask_size: int = 100) -> None:
        floor = self.venue.floor
        self.venue.do(lambda: floor.quote("AAPL", str(bid), str(ask), str(bid_size), str(ask_size)))
        self.settle()

    def request(self, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> OrderRequest:
        number = next(self._numbers)
        kind = terms.pop("type", OrderType.MARKET if limit is None else OrderType.LIMIT)
        return OrderRequest(
            client_id=terms.pop("client_id", f"a-{number}"),
            number=number,
            account=ACCOUNT,
            symbol=terms.pop("symbol", AAPL),
            side=side,
            quantity=quantity,
            type=kind,
            limit=limit,
            created_ns=self.clock.now_ns(),
            **terms,
        )

    def send(self, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> str:
        request = self.request(side, quantity, limit, **terms)
        self.broker.submit(request)
        self.settle()
        return request.client_id

    def settle(self) -> None:
        """Wait until every request is answered and every update has come, both of them for sure."""
        self.turn()
        for _ in range(2):
            self.wait_for(lambda: not (self.alpaca.underway or self.alpaca.questions.open))
            told = self.venue.do(lambda: len(self.venue.floor.updates)) - self._before
            self.wait_for(lambda told=told: self.alpaca.telling.updates >= told)  # type: ignore[misc]
        self.turn()
