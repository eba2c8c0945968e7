"""What the exchange publishes of one symbol: levels that changed, the touch, the prints."""

from __future__ import annotations

from collections.abc import Iterable

from engine.adapters.simulated.exchange import BookSide, Execution, MatchingBook
from engine.model.depth import DepthDelta, DepthSnapshot, Level
from engine.model.instrument import Symbol
from engine.model.market_status import Session, StatusChange
from engine.model.quote import Quote
from engine.model.trade import Side, Trade
from engine.ports.market_data import MarketSink

SOURCE = "sim"


class Tape:
    """Numbers every message; depth ids are contiguous, quote sequences and trade ids rise."""

    __slots__ = (
        "_book",
        "_depth_id",
        "_sequence",
        "_sink",
        "_symbol",
        "_touch",
        "_trade_id",
    )

    def __init__(self, symbol: Symbol, book: MatchingBook, sink: MarketSink) -> None:
        self._symbol = symbol
        self._book = book
        self._sink = sink
        self._depth_id = 0
        self._sequence = 0
        self._trade_id = 0
        self._touch = (0, 0, 0, 0)

    def snapshot(self, now_ns: int) -> None:
        """Publish the whole book and the touch."""
        bids, asks = self._book.bids.levels(), self._book.asks.levels()
        self._sink.on_snapshot(
            DepthSnapshot(self._symbol, SOURCE, bids, asks, self._depth_id, now_ns, now_ns)
        )
        self.touch(now_ns)

    def level(self, side: BookSide, price: int, now_ns: int) -> None:
        """Publish one level as it is now, and the touch if that changed."""
        change = ((price, side.sizes.get(price, 0)),)
        previous = self._depth_id
        self._depth_id = depth_id = previous + 1
        if side.sign > 0:
            delta = DepthDelta(self._symbol, SOURCE, change, (), depth_id, depth_id, previous, now_ns, now_ns)
            may_be_touch = price >= self._touch[0]
        else:
            delta = DepthDelta(self._symbol, SOURCE, (), change, depth_id, depth_id, previous, now_ns, now_ns)
            ask = self._touch[1]
            may_be_touch = price <= ask or not ask
        self._sink.on_delta(delta)
        if may_be_touch:
            self.touch(now_ns)

    def levels(self, bids: Iterable[int], asks: Iterable[int], now_ns: int) -> None:
        """Publish these levels as they are now, in one change, and the touch if that changed."""
        previous = self._depth_id
        self._depth_id = depth_id = previous + 1
        self._sink.on_delta(
            DepthDelta(
                self._symbol,
                SOURCE,
                _current(self._book.bids, bids),
                _current(self._book.asks, asks),
                depth_id,
                depth_id,
                previous,
                now_ns,
                now_ns,
            )
        )
        self.touch(now_ns)

    def touch(self, now_ns: int) -> None:
        """Publish the best bid and ask, if they changed."""
        bids, asks = self._book.bids, self._book.asks
        bid = bids.keys[-1] if bids.keys else 0
        ask = -asks.keys[-1] if asks.keys else 0
        bid_size = bids.sizes[bid] if bid else 0
        ask_size = asks.sizes[ask] if ask else 0
        touch = (bid, ask, bid_size, ask_size)
        if touch == self._touch:
            return
        self._touch = touch
        self._sequence = sequence = self._sequence + 1
        self._sink.on_quote(
            Quote(self._symbol, SOURCE, bid, ask, bid_size, ask_size, now_ns, now_ns, sequence)
        )

    def trades(
        self, executions: Iterable[Execution], aggressor: Side | None, now_ns: int, conditions: str = ""
    ) -> None:
        """Print trades, in the order they were made."""
        on_trade, symbol, trade_id = self._sink.on_trade, self._symbol, self._trade_id
        for price, size in executions:
            trade_id += 1
            on_trade(Trade(symbol, SOURCE, price, size, aggressor, now_ns, now_ns, trade_id, conditions))
        self._trade_id = trade_id

    def status(self, session: Session, reason: str, now_ns: int) -> None:
        """Say that the trading session changed."""
        self._sink.on_status(StatusChange(self._symbol, SOURCE, session, reason, now_ns, now_ns))


def _current(side: BookSide, prices: Iterable[int]) -> tuple[Level, ...]:
    return tuple((price, side.sizes.get(price, 0)) for price in prices)
