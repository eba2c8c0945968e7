"""A bench to try the paper broker on: a market set by hand, a clock moved by hand, and what was reported."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeVar

from engine.adapter_contract.reported import subject
from engine.adapters.paper.broker import PaperBroker
from engine.clock import SimulatedClock
from engine.config import PaperSettings
from engine.messages.reports import FillReport, Report
from engine.model.depth import Level
from engine.model.fill import Fill
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.market_status import Session
from engine.model.order import OrderRequest, OrderType
from engine.model.quote import UNPUBLISHED_SIZE
from engine.model.trade import Side, Trade
from engine.ports.broker import Broker

START_NS = 1_700_000_000_000_000_000
SYMBOL = Symbol("ACME")
R = TypeVar("R")


def make_instrument(symbol: Symbol = SYMBOL, calendar: str = "XNYS") -> Instrument:
    """Return a share priced and sized in whole cents and shares."""
    return Instrument(
        symbol=symbol,
        venue="TEST",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal(1),
        lot=Decimal(1),
        calendar=calendar,
    )


class HandBook:
    """A book whose levels a test sets."""

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol
        self.synced = False
        self.best_bid = 0
        self.best_ask = 0
        self.sides: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}

    def size_at(self, side: Side, price: int) -> int:
        return self.sides[side].get(price, 0)

    def walk(self, side: Side) -> Iterator[Level]:
        return iter(sorted(self.sides[side].items(), key=lambda level: -side * level[0]))


class HandMarket:
    """One symbol's state and book."""

    def __init__(self, instrument: Instrument) -> None:
        self.states = {instrument.symbol: MarketState(instrument)}
        self.books = {instrument.symbol: HandBook(instrument.symbol)}

    def state(self, symbol: Symbol) -> MarketState | None:
        return self.states.get(symbol)

    def book(self, symbol: Symbol) -> HandBook | None:
        return self.books.get(symbol)


class PaperBench:
    """A paper broker with everything round it."""

    def __init__(
        self, settings: PaperSettings | None = None, calendar: str = "XNYS", *, run: str = ""
    ) -> None:
        self.clock = SimulatedClock(START_NS)
        self.market = HandMarket(make_instrument(calendar=calendar))
        self.state = self.market.states[SYMBOL]
        self.book = self.market.books[SYMBOL]
        self.reports: list[Report] = []
        free = PaperSettings(taker_fee_bps=Decimal(0))
        self.paper = PaperBroker(settings or free, self.clock, self.market, run=run)
        self.broker: Broker = self.paper
        self.paper.connect(self.reports.append)
        self._numbers = itertools.count(1)

    def quote(self, bid: int, ask: int, bid_size: int = 100, ask_size: int = 100) -> None:
        state = self.state
        state.bid, state.ask, state.bid_size, state.ask_size = bid, ask, bid_size, ask_size
        self.paper.on_quote(state)
        self.settle()

    def quote_without_sizes(self, bid: int, ask: int) -> None:
        self.quote(bid, ask, UNPUBLISHED_SIZE, UNPUBLISHED_SIZE)

    def depth(self, bids: dict[int, int], asks: dict[int, int]) -> None:
        self.book.synced = True
        self.book.sides = {Side.BUY: dict(bids), Side.SELL: dict(asks)}
        self.book.best_bid = max(bids, default=0)
        self.book.best_ask = min(asks, default=0)
        self.paper.on_book(self.book)
        self.settle()

    def trade(self, price: int, size: int, aggressor: Side | None = None) -> None:
        self.state.last = price
        now_ns = self.clock.now_ns()
        self.paper.on_trade(self.state, Trade(SYMBOL, "test", price, size, aggressor, now_ns, now_ns))
        self.settle()

    def session(self, session: Session) -> None:
        self.state.session = session
        self.paper.on_status(self.state)
        self.settle()

    def request(self, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> OrderRequest:
        number = next(self._numbers)
        kind = terms.pop("type", OrderType.MARKET if limit is None else OrderType.LIMIT)
        return OrderRequest(
            client_id=terms.pop("client_id", f"t-{number}"),
            number=number,
            account="PAPER-1",
            symbol=terms.pop("symbol", SYMBOL),
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

    def cancel(self, client_id: str) -> None:
        self.broker.cancel(client_id)
        self.settle()

    def amend(self, client_id: str, quantity: int, limit: int | None = None, stop: int | None = None) -> None:
        self.broker.amend(client_id, quantity, limit, stop)
        self.settle()

    def settle(self, elapsed_ns: int = 10_000_000) -> None:
        """Let whatever is on its way arrive."""
        self.clock.advance_to(self.clock.now_ns() + elapsed_ns)

    def fills(self, client_id: str | None = None) -> list[Fill]:
        fills = [report.fill for report in self.reports if isinstance(report, FillReport)]
        return [fill for fill in fills if client_id in {None, fill.client_id}]

    def traded(self, client_id: str) -> list[tuple[int, int]]:
        """Return the price and quantity of each fill of an order."""
        return [(fill.price, fill.quantity) for fill in self.fills(client_id)]

    def last(self, kind: type[R]) -> R:
        """Return the latest report of a kind."""
        found = [report for report in self.reports if isinstance(report, kind)]
        assert found, f"no {kind.__name__} among {self.reports}"
        return found[-1]

    def kinds(self, client_id: str) -> list[str]:
        """Return the names of the reports about an order, what changes by the moment apart."""
        names = []
        for report in self.reports:
            about = subject(report)
            name = type(report).__name__.removesuffix("Report")
            if about == client_id and name not in {"Queue", "Trail"}:
                names.append(name)
        return names
