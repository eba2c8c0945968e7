"""Everything that happens at the venue, on one loop."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.venues.coinbase.books import Book, Print
from tests.venues.coinbase.keys import Keys
from tests.venues.coinbase.stock import ALIASES, Pair
from tests.venues.levels import TextLevel

if TYPE_CHECKING:
    from tests.venues.coinbase.session import Session


@dataclass
class Faults:
    """What goes wrong until it is set right again."""

    mute: bool = False
    """Say nothing, and keep the connection."""
    refuse: bool = False
    """Answer every handshake with 503."""
    refuse_tokens: bool = False
    """Take no token on the stream, however good it is."""
    skip: int = 0
    """So many messages are counted and never sent, on every connection."""
    late_s: float = 0.0
    """How long every message waits."""
    skew_s: float = 0.0
    """How far the venue's clock is ahead."""
    status: int = 200
    """What every read is answered with."""
    retry_after: str = ""
    """In how many seconds one may ask again, for those who asked too often."""
    status_of: str = ""
    """The only reads that are answered so: those whose path ends so; empty for all."""


class Floor:
    """Books, prints and who listens to them."""

    def __init__(
        self, pairs: Iterable[Pair], heartbeat_s: float, aliases: Mapping[str, str] = ALIASES
    ) -> None:
        self.books = {pair.symbol: Book(pair) for pair in pairs}
        self.aliases = {name: market for name, market in aliases.items() if market in self.books}
        self.keys = Keys(self.now_s)
        """Whose tokens are taken; without any token all of this is public."""
        self.may = {"can_view": True, "can_trade": False, "can_transfer": False, "can_receive": False}
        """What every key may do."""
        self.sessions: set[Session] = set()
        self.faults = Faults()
        self.heartbeat_s = heartbeat_s
        self.beats = 3000
        self.connections = 0
        self.requests: deque[str] = deque(maxlen=1000)
        """What was asked on the stream, newest last."""
        self.reads: deque[str] = deque(maxlen=1000)
        """What was read over HTTP."""
        self._trades = 500_000

    def now_s(self) -> float:
        """Return the venue's time."""
        return time.time() + self.faults.skew_s

    def stamp(self) -> str:
        """Return the venue's time as it writes it: with nanoseconds."""
        return f"{datetime.fromtimestamp(self.now_s(), UTC):%Y-%m-%dT%H:%M:%S.%f}123Z"

    def change(self, symbol: str, bids: Iterable[TextLevel] = (), asks: Iterable[TextLevel] = ()) -> None:
        """Change a book and tell everyone."""
        book = self.books[symbol]
        lists = list(bids), list(asks)
        book.bids.change(lists[0])
        book.asks.change(lists[1])
        self.tell("level2", symbol, book.event("update", *lists, self.stamp()))

    def trade(self, symbol: str, side: str, price: str, quantity: str) -> None:
        """Print a trade that this side took; a ticker is told at each, and at nothing else."""
        self._trades += 1
        book = self.books[symbol]
        made = Print(self._trades, symbol, side, price, quantity, self.stamp())
        book.prints.append(made)
        self.tell("market_trades", symbol, {"type": "update", "trades": [made.told()]})
        if book.bids.levels and book.asks.levels:
            self.tell("ticker", symbol, {"type": "update", "tickers": [book.ticker()]})

    def tell(self, channel: str, symbol: str, event: dict[str, Any]) -> None:
        """Send an event to whoever subscribed it."""
        for session in self.sessions:
            if symbol in session.channels.get(channel, ()):
                session.tell(channel, event)

    def beat(self) -> None:
        """Tell that the connection lives."""
        self.beats += 1
        for session in self.sessions:
            if "heartbeats" in session.channels:
                at = f"{datetime.fromtimestamp(self.now_s(), UTC):%Y-%m-%d %H:%M:%S.%f}000 +0000 UTC m=+91717.5"
                session.tell("heartbeats", {"current_time": at, "heartbeat_counter": self.beats})

    def say(self, frame: str | bytes) -> None:
        """Send a frame of any kind to everyone; it has no number."""
        for session in self.sessions:
            session.push(frame)

    def list_again(self, pair: Pair, *, quietly: bool = False) -> None:
        """Change a pair's rules, and tell who follows how it is."""
        self.books[pair.symbol].pair = pair
        if not quietly:
            self.tell("status", pair.symbol, {"type": "update", "products": [pair.told()]})

    def kill(self) -> None:
        """Drop every connection without a word."""
        for session in self.sessions:
            session.connection.transport.abort()
