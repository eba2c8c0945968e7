"""Venues that speak of one symbol when they are told to, and a desk that listens to them in rank."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from engine.clock import NS_PER_S, SimulatedClock
from engine.config import MarketSettings
from engine.market.channel import Channel
from engine.market.failover import LOOK_S, Failover
from engine.market.market import Market
from engine.model.depth import DepthDelta, DepthSnapshot, SequenceRule
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.quote import Quote
from engine.model.trade import Side, Trade

OURS, THEIRS = Symbol("BTCUSDT"), Symbol("BTC/USDT")
NOON_NS = 1_767_268_800 * NS_PER_S
COIN = Instrument(
    symbol=OURS,
    venue="binance",
    asset_class=AssetClass.CRYPTO,
    currency="USDT",
    base="BTC",
    price_unit=Decimal("0.01"),
    tick=Decimal("0.01"),
    size_unit=Decimal("0.00000001"),
    lot=Decimal("0.00001"),
)
COARSE = replace(
    COIN, symbol=THEIRS, venue="kraken", price_unit=Decimal("0.1"), tick=Decimal("0.1"), size_unit=Decimal("0.001"), lot=Decimal("0.001")
)  # fmt: skip
MIDDLE = 60_000
"""Where the market is, in whole dollars."""


class Voice:
    """One venue: it says something every quarter of a second as long as it is there."""

    def __init__(self, name: str, channel: Channel, instrument: Instrument, clock: SimulatedClock) -> None:
        self.name = name
        self.channel = channel
        self.instrument = instrument
        self.speaks = True
        self.middle = MIDDLE
        self.prints = 0
        self._clock = clock
        self.sequence = 0

    def list(self, rule: SequenceRule = SequenceRule.CONTIGUOUS) -> None:
        self.channel.on_listed(self.instrument, rule)

    def quote(self) -> None:
        now_ns, scale = self._clock.now_ns(), self.instrument.price_scale
        middle = self.middle * scale
        self.channel.on_quote(
            Quote(self.instrument.symbol, self.name, middle - 1, middle + 1, 5, 7, now_ns, now_ns)
        )

    def snapshot(self, last_id: int = 10) -> None:
        now_ns, middle = self._clock.now_ns(), self.middle * self.instrument.price_scale
        self.sequence = last_id
        self.channel.on_snapshot(
            DepthSnapshot(
                self.instrument.symbol, self.name, ((middle - 1, 5), (middle - 2, 6)), ((middle + 1, 7),), last_id,
                now_ns, now_ns,
            )
        )  # fmt: skip

    def change(self, size: int, *, missing: int = 0) -> None:
        """Change the size of the second bid, after some changes that got lost."""
        now_ns, middle = self._clock.now_ns(), self.middle * self.instrument.price_scale
        self.sequence += missing + 1
        self.channel.on_delta(
            DepthDelta(
                self.instrument.symbol, self.name, ((middle - 2, size),), (), self.sequence, self.sequence, 0,
                now_ns, now_ns,
            )
        )  # fmt: skip

    def print(self, size: int) -> None:
        now_ns = self._clock.now_ns()
        self.prints += 1
        price = self.middle * self.instrument.price_scale
        self.channel.on_trade(
            Trade(self.instrument.symbol, self.name, price, size, Side.BUY, now_ns, now_ns, self.prints)
        )


class Desk:
    """A market with a source in rank and others that stand by, on a clock that is moved."""

    def __init__(self, *others: str, settings: MarketSettings | None = None, lists: bool = True) -> None:
        self.clock = SimulatedClock(NOON_NS, steady_is_own=True)
        settings = settings or MarketSettings()
        self.market = Market(settings, self.clock)
        self.told: list[str] = []
        self.failover = Failover(self.market, settings, self.clock, self.told.append)
        self.first = Voice("binance", self.failover.add("binance"), COIN, self.clock)
        self.others = [
            Voice(name, self.failover.add(name, {THEIRS: OURS}), COARSE, self.clock) for name in others
        ]
        self.failover.begin([OURS])
        for each in self.voices if lists else ():
            each.list()

    @property
    def voices(self) -> list[Voice]:
        return [self.first, *self.others]

    @property
    def state(self) -> MarketState:
        return self.market.states[OURS]

    @property
    def source(self) -> str:
        return self.failover.speaking[OURS].name

    def passes(self, seconds: float) -> None:
        for _ in range(round(seconds / LOOK_S)):
            self.clock.advance_to(self.clock.now_ns() + round(LOOK_S * NS_PER_S))
            for each in self.voices:
                if each.speaks:
                    each.quote()
            self.failover.look()
