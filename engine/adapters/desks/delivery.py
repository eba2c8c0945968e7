"""Hands on what another desk tells: what changed since, with the times that it noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from engine.adapters.desks.parse import fresh_prints, quote_of, status_of, trade_of
from engine.clock import NS_PER_MS, Clock
from engine.messages.shared_quotes import SharedRow
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.ports.market_data import MarketSink
from engine.transport.skew import ClockSkew

AGREEING_NS: Final = 50 * NS_PER_MS
"""Clocks that are no further apart are one: what one desk noted is kept as it is by the other."""
_QUOTE: Final = ("source", "bid", "ask", "bid_size", "ask_size", "event_ns", "receive_ns", "trouble")
_SESSION: Final = ("session", "session_reason")


class Delivery:
    """Remembers what the market has of each symbol."""

    def __init__(self, source: str, label: str, clock: Clock, skew: ClockSkew) -> None:
        """Take the source's name, that of the desk in a sentence, and how far the desk's clock is ahead of ours."""
        self.tell: Callable[[str], None] = lambda _: None
        """Given a sentence when a symbol comes from elsewhere at the desk."""
        self.missed = 0
        """Prints that were not told."""
        self._source = source
        self._label = label
        self._clock = clock
        self._skew = skew
        self._has: dict[Symbol, SharedRow] = {}
        """Without the prints."""
        self._printed: dict[Symbol, int] = {}
        """How many prints of the run were told."""

    def deliver(self, sink: MarketSink, row: SharedRow, number: int) -> None:
        """Hand on the newest of one symbol, told in the entry of that number."""
        symbol, now_ns = Symbol(row.symbol), self._clock.now_ns()
        before, bare = self._has.get(symbol), replace(row, prints=())
        if bare == before:
            return
        self._has[symbol] = bare
        if before is not None and before.source != row.source:
            self._change_source(sink, symbol, row.source)
            before = None
        if before is None or _differ(before, row, _SESSION):
            sink.on_status(status_of(row, self._source, now_ns))
        self._prints(sink, symbol, row, now_ns)
        if (row.bid or row.ask) and (before is None or _differ(before, row, _QUOTE)):
            sink.on_quote(quote_of(row, self._source, number, self._at(row.receive_ns, now_ns)))
        if row.trouble:
            trouble = clean(f"{self._label}: {row.trouble}")
            sink.on_distrusted(self._source, symbol, trouble)
            if not (row.bid or row.ask):
                self.tell(f"no price of {symbol} comes from {trouble}")

    def drop(self, sink: MarketSink, symbol: Symbol, reason: str) -> None:
        """Distrust a symbol that is told of no more, once."""
        if self._has.pop(symbol, None) is not None:
            sink.on_distrusted(self._source, symbol, reason)

    def doubt_all(self) -> None:
        """Hand on everything again once it is told again: the market distrusts it."""
        self._has.clear()

    def forget(self) -> None:
        """Count prints anew: another run of the desk does."""
        self._printed.clear()

    def leave(self, symbol: Symbol) -> None:
        """Be as if a symbol had never been told of."""
        self._has.pop(symbol, None)
        self._printed.pop(symbol, None)

    def _prints(self, sink: MarketSink, symbol: Symbol, row: SharedRow, now_ns: int) -> None:
        first = row.printed - len(row.prints)
        known = self._printed.get(symbol, first)
        self.missed += max(0, first - known)
        self._printed[symbol] = row.printed
        for each in fresh_prints(row, known):
            sink.on_trade(trade_of(symbol, self._source, each, self._at(each.receive_ns, now_ns)))

    def _change_source(self, sink: MarketSink, symbol: Symbol, source: str) -> None:
        """Judge what comes from elsewhere as its first: its times and numbers are others."""
        told = clean(source, 40)
        sink.on_disconnected(self._source, (symbol,), f"{self._label} has it from {told} now")
        self.tell(f"{symbol} comes from {told} at {self._label} now")

    def _at(self, receive_ns: int, now_ns: int) -> int:
        """Return by our clock when the desk received something, which is not later than now."""
        apart_ns = self._skew.skew_ns or 0
        if receive_ns and abs(apart_ns) - self._skew.within_ns > AGREEING_NS:
            receive_ns = max(1, receive_ns - apart_ns)
        return min(receive_ns, now_ns)


def _differ(one: SharedRow, other: SharedRow, names: tuple[str, ...]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in names)
