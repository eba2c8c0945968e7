"""Short ways to make the market room and what is sent to it."""

from __future__ import annotations

from decimal import Decimal

from engine.clock import NS_PER_S, SimulatedClock
from engine.config import FilterSettings, MarketSettings
from engine.market.market import Market
from engine.model.depth import DepthDelta, DepthSnapshot, Level, SequenceRule
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.quote import Quote
from engine.model.trade import Side, Trade

ABC = Symbol("ABC")
NOON_NS = 1_723_161_600 * NS_PER_S - 12 * 3600 * NS_PER_S
"""2024-08-08, 12:00 UTC."""


def instrument(symbol: Symbol = ABC, calendar: str = "24/7") -> Instrument:
    return Instrument(
        symbol=symbol,
        venue="TEST",
        asset_class=AssetClass.CRYPTO,
        currency="USD",
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal("0.1"),
        lot=Decimal("0.1"),
        calendar=calendar,
    )


def market_of(
    filters: FilterSettings | None = None,
    *,
    rule: SequenceRule = SequenceRule.CONTIGUOUS,
    calendar: str = "24/7",
) -> Market:
    market = Market(MarketSettings(filters=filters or FilterSettings()), SimulatedClock(NOON_NS))
    market.on_listed(instrument(calendar=calendar), rule)
    return market


def state_of(market: Market) -> MarketState:
    return market.states[ABC]


def quote(
    bid: int = 10_000,
    ask: int = 10_002,
    *,
    at_s: float = 0,
    lag_s: float = 0,
    sizes: tuple[int, int] = (10, 10),
    sequence: int = 0,
    source: str = "feed",
) -> Quote:
    """Make a quote that is received `at_s` after noon and happened `lag_s` before that."""
    receive_ns = NOON_NS + int(at_s * NS_PER_S)
    return Quote(ABC, source, bid, ask, *sizes, receive_ns - int(lag_s * NS_PER_S), receive_ns, sequence)


def trade(
    price: int = 10_001,
    size: int = 10,
    *,
    at_s: float = 0,
    trade_id: int = 0,
    sets_last: bool = True,
    aggressor: Side | None = Side.BUY,
) -> Trade:
    at_ns = NOON_NS + int(at_s * NS_PER_S)
    return Trade(ABC, "feed", price, size, aggressor, at_ns, at_ns, trade_id, "", sets_last)


def snapshot(
    bids: tuple[Level, ...] = ((100, 5), (99, 6)),
    asks: tuple[Level, ...] = ((101, 5), (102, 6)),
    last_id: int = 10,
    source: str = "feed",
) -> DepthSnapshot:
    return DepthSnapshot(ABC, source, bids, asks, last_id, NOON_NS, NOON_NS)


def delta(
    first_id: int,
    last_id: int | None = None,
    previous_id: int = 0,
    *,
    bids: tuple[Level, ...] = (),
    asks: tuple[Level, ...] = (),
    checksum: int | None = None,
    source: str = "feed",
) -> DepthDelta:
    last_id = first_id if last_id is None else last_id
    return DepthDelta(ABC, source, bids, asks, first_id, last_id, previous_id, NOON_NS, NOON_NS, checksum)
