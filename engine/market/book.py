"""A full order book, kept equal to the venue's or known not to be."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from engine.market.book_side import BookSide
from engine.market.checksum import CHECKSUM_LEVELS, KRAKEN_DEPTHS, kraken_checksum
from engine.market.sequencing import CHECKS, NUMBERED, Fit
from engine.model.depth import DepthDelta, DepthSnapshot, Level, SequenceRule
from engine.model.instrument import Instrument
from engine.model.quote import NO_PRICE
from engine.model.trade import Side

BUFFER_MAX = 10_000
"""Changes kept while a snapshot is awaited: over a quarter of an hour of Binance's."""
WAITING: Final = "waiting for a snapshot"
_MISMATCH: Final = "the venue's checksum does not match"


class Outcome(IntEnum):
    """What became of a message to a book."""

    APPLIED = 0
    BUFFERED = 1
    """Kept until a snapshot comes."""
    OLD = 2
    """Already contained: dropped."""
    LOST = 3
    """It showed that something is missing or wrong; a fresh snapshot is needed."""


# Named once: reading a member off its enum costs 150 ns in Python 3.11.
APPLIED, BUFFERED, OLD, LOST = Outcome.APPLIED, Outcome.BUFFERED, Outcome.OLD, Outcome.LOST
_NEXT, _CONTAINED, _GAP = Fit.NEXT, Fit.OLD, Fit.GAP
_BUY: Final = Side.BUY


class OrderBook:
    """The levels of one symbol from snapshots and changes, by its venue's sequencing rule.

    While `synced` is false the levels are the last ones known and must not be traded against.
    """

    __slots__ = (
        "_ask_side",
        "_bid_side",
        "_buffer",
        "_check",
        "_checksummed",
        "_fresh",
        "_numbered",
        "asks",
        "best_ask",
        "best_bid",
        "bids",
        "depth_max",
        "dropped",
        "event_ns",
        "instrument",
        "last_id",
        "receive_ns",
        "resyncs",
        "rule",
        "source",
        "status",
        "symbol",
        "synced",
        "version",
    )

    def __init__(self, instrument: Instrument, rule: SequenceRule = SequenceRule.NONE) -> None:
        self.instrument = instrument
        self.symbol = instrument.symbol
        self.rule = rule
        self._buffer: deque[DepthDelta] = deque(maxlen=BUFFER_MAX)
        self.begin("")
        self._bid_side = BookSide(Side.BUY)
        self._ask_side = BookSide(Side.SELL)
        self.bids: dict[int, int] = self._bid_side.sizes
        """Size by price; to be read only."""
        self.asks: dict[int, int] = self._ask_side.sizes
        self.version = 0
        """Counts every change."""
        self.clear()

    def clear(self) -> None:
        """Forget all levels and counts, as if nothing had been received."""
        self._bid_side.replace(())
        self._ask_side.replace(())
        self._buffer.clear()
        self._fresh = False
        self.depth_max = 0
        """How many levels of a side are kept; 0 for all."""
        self.source = ""
        self.best_bid = NO_PRICE
        self.best_ask = NO_PRICE
        self.last_id = 0
        self.event_ns = 0
        self.receive_ns = 0
        self.synced = False
        self.status = WAITING
        self.resyncs = 0
        """How often the book was lost and a fresh snapshot needed."""
        self.dropped = 0
        """Changes that came before the snapshot and could not be kept."""
        self.version += 1

    def begin(self, source: str, *, checked: bool = True) -> None:
        """Belong to a source from now on; unchecked, changes are applied whatever their numbers.

        What waited for a snapshot of the one before is forgotten.
        """
        self._buffer.clear()
        self.source = source
        rule = self.rule if checked else SequenceRule.NONE
        self._check = CHECKS[rule]
        self._numbered = rule in NUMBERED
        self._checksummed = checked

    @property
    def crossed(self) -> bool:
        """Whether the best bid is at or above the best ask, which no continuous market allows."""
        return self.best_bid >= self.best_ask > NO_PRICE

    @property
    def buffered(self) -> int:
        """How many changes wait for a snapshot."""
        return len(self._buffer)

    def size_at(self, side: Side, price: int) -> int:
        """Return the size resting at a price, 0 where there is none."""
        return (self.bids if side is _BUY else self.asks).get(price, 0)

    def levels(self, side: Side, count: int) -> tuple[Level, ...]:
        """Return the best levels of a side, best first."""
        return (self._bid_side if side is _BUY else self._ask_side).top(count)

    def walk(self, side: Side) -> Iterator[Level]:
        """Go through all levels of a side, best first; the book must not change meanwhile."""
        return iter(self._bid_side if side is _BUY else self._ask_side)

    def apply_snapshot(self, snapshot: DepthSnapshot) -> Outcome:
        """Replace the book, then catch up with the changes that came before the snapshot."""
        if self.synced and self._numbered and snapshot.last_id < self.last_id:
            return OLD
        self._bid_side.replace(snapshot.bids)
        self._ask_side.replace(snapshot.asks)
        self._limit_depth(snapshot)
        self.best_bid = self._bid_side.best
        self.best_ask = self._ask_side.best
        self.last_id = snapshot.last_id
        self.event_ns = snapshot.event_ns
        self.receive_ns = snapshot.receive_ns
        self.version += 1
        self._fresh = True
        self.synced = True
        self.status = ""
        if not self._proven_by(snapshot.checksum):
            return self.lose(_MISMATCH)
        return self._catch_up()

    def apply_delta(self, delta: DepthDelta) -> Outcome:
        """Change levels if the message follows on; otherwise keep it, drop it, or lose the book."""
        if not self.synced:
            return self._keep(delta)
        fit = self._check(self.last_id, self._fresh, delta)
        if fit is _NEXT:
            return self._apply(delta)
        if fit is _CONTAINED:
            return OLD
        self._keep(delta)
        return self.lose(f"changes are missing after {self.last_id}")

    def lose(self, reason: str) -> Outcome:
        """Stop believing the book until a fresh snapshot comes."""
        if self.synced:
            self.resyncs += 1
        self.synced = False
        self.status = reason
        self.version += 1
        return LOST

    def _apply(self, delta: DepthDelta) -> Outcome:
        if delta.bids:
            self._bid_side.apply(delta.bids)
            self.best_bid = self._bid_side.best
        if delta.asks:
            self._ask_side.apply(delta.asks)
            self.best_ask = self._ask_side.best
        self.last_id = delta.last_id
        self.event_ns = delta.event_ns
        self.receive_ns = delta.receive_ns
        self.version += 1
        self._fresh = False
        if self.depth_max:
            self._bid_side.truncate(self.depth_max)
            self._ask_side.truncate(self.depth_max)
        return APPLIED if self._proven_by(delta.checksum) else self.lose(_MISMATCH)

    def checksum(self) -> int:
        """Return Kraken's checksum of the best ten levels of each side."""
        return kraken_checksum(self._ask_side.top(CHECKSUM_LEVELS), self._bid_side.top(CHECKSUM_LEVELS))

    def _keep(self, delta: DepthDelta) -> Outcome:
        if not self._numbered or len(self._buffer) == BUFFER_MAX:
            self.dropped += 1
        if self._numbered:
            self._buffer.append(delta)
        return BUFFERED

    def _catch_up(self) -> Outcome:
        buffer = self._buffer
        while buffer:
            fit = self._check(self.last_id, self._fresh, buffer[0])
            if fit is _GAP:
                return self.lose(f"the snapshot {self.last_id} is older than the changes kept")
            delta = buffer.popleft()
            if fit is _NEXT and self._apply(delta) is LOST:
                return LOST
        return APPLIED

    def _proven_by(self, checksum: int | None) -> bool:
        return checksum is None or not self._checksummed or checksum == self.checksum()

    def _limit_depth(self, snapshot: DepthSnapshot) -> None:
        """Take the depth that the source told, or guess that a full side of a recording shows it."""
        levels = max(len(snapshot.bids), len(snapshot.asks))
        kraken = self.rule is SequenceRule.KRAKEN_CHECKSUM
        self.depth_max = snapshot.depth_max or (levels if kraken and levels in KRAKEN_DEPTHS else 0)
