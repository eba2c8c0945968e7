"""Who takes an account's orders, by the name that the settings give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from engine.adapters.adapter import BrokerTerms, settings_for
from engine.adapters.bridge.address import read_address
from engine.adapters.bridge.broker import BridgeBroker
from engine.adapters.bridge.protocol import CancelOnDisconnect
from engine.adapters.paper.broker import PaperBroker
from engine.adapters.registry import find
from engine.clock import Clock
from engine.compose import Instruments
from engine.config import Settings
from engine.market.book import OrderBook
from engine.market.market import Market
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.ports.broker import Broker
from engine.ports.market_data import MarketDataSource
from engine.ports.venue import LiveVenue


class _PaperView:
    """The market as the paper broker looks at it."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def state(self, symbol: Symbol) -> MarketState | None:
        return self._market.states.get(symbol)

    def book(self, symbol: Symbol) -> OrderBook | None:
        return self._market.books.get(symbol)


def _at_venue(
    settings: Settings, clock: Clock, source: MarketDataSource, market: Market, _run: str
) -> Broker:
    adapter, instruments = find(settings.broker.kind), Instruments(market.states)
    assert adapter.make_broker is not None
    return adapter.make_broker(
        BrokerTerms(
            settings_for(adapter, settings),
            settings.account.name,
            cast("LiveVenue", source),  # it was begun by the same adapter
            instruments,
            market.on_listed,
            clock,
        )
    )


def _bridge(settings: Settings, clock: Clock, _source: MarketDataSource, market: Market, _run: str) -> Broker:
    address = read_address(settings.broker.address)
    safety, instruments = settings.safety, Instruments(market.states)
    dead_man = None
    if safety.dead_man_s:
        after_ms = round(safety.dead_man_s * 1000)
        dead_man = CancelOnDisconnect(after_ms=after_ms, keep_reduce_only=safety.dead_man_keeps_stops)
    return BridgeBroker(address, settings.account.name, clock, instruments, dead_man)


def _paper(settings: Settings, clock: Clock, _source: MarketDataSource, market: Market, run: str) -> Broker:
    broker = PaperBroker(settings.paper, clock, _PaperView(market), run=run)
    broker.opened = lambda symbol: market.listen_to(symbol, broker.on_quote)
    market.listen(on_trade=broker.on_trade, on_book=broker.on_book, on_status=broker.on_status)
    return broker


MakeBroker = Callable[[Settings, Clock, MarketDataSource, Market, str], Broker]
"""Is given the settings, the account's clock, the source of its market data, the market and the run."""


def maker_of(kind: str) -> MakeBroker:
    """Return what makes the broker of that name; what is none of ours is the venue of the market data."""
    return _OURS.get(kind, _at_venue)


_OURS: Mapping[str, MakeBroker] = {"bridge": _bridge, "paper": _paper}
