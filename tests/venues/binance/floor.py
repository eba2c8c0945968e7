"""Everything that happens at the venue, on one loop."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.venues.binance.books import Book, Print
from tests.venues.binance.stock import Pair, padded
from tests.venues.levels import TextLevel

if TYPE_CHECKING:
    from tests.venues.binance.capture import Tape
    from tests.venues.binance.session import Session


@dataclass
class Faults:
    """What goes wrong until it is set right again."""

    mute: bool = False
    """Say nothing, and keep the connection."""
    refuse: bool = False
    """Answer every handshake with 503."""
    skip: int = 0
    """So many changes of books are told to nobody."""
    old_snapshots: int = 0
    """So many books are read as they were before their stream began."""
    late_snapshot_s: float = 0.0
    """How long the answer to a read of a book waits, after the book was looked at."""
    late_s: float = 0.0
    """How long every message waits."""
    skew_s: float = 0.0
    """How far the venue's clock is ahead."""
    status: int = 200
    """What every read is answered with."""
    retry_after: str = ""
    """In how many seconds one may ask again, for those who asked too often."""
    status_of: str = ""
    """The only path that is answered so; empty for all."""


class Floor:
    """Books, prints and who listens to them."""

    def __init__(self, pairs: Iterable[Pair], pulse_s: float) -> None:
        self.books = {pair.symbol: Book(pair) for pair in pairs}
        self.sessions: set[Session] = set()
        self.faults = Faults()
        self.pulse_s = pulse_s
        self.tape: Tape | None = None
        """A recording that is told instead of what happens here."""
        self.connections = 0
        self.requests: deque[str] = deque(maxlen=1000)
        """What was asked on the stream, newest last."""
        self.reads: deque[str] = deque(maxlen=1000)
        """What was read over HTTP."""
        self._trades = 500_000

    def now_ms(self) -> int:
        """Return the venue's time."""
        return round((time.time() + self.faults.skew_s) * 1000)

    def change(self, symbol: str, bids: Iterable[TextLevel] = (), asks: Iterable[TextLevel] = ()) -> None:
        """Change a book and tell everyone; where the touch moved, that too."""
        book = self.books[symbol]
        touch = book.touch() if book.bids.levels and book.asks.levels else None
        lists = list(bids), list(asks)
        first = book.change(*lists)
        if self.faults.skip:
            self.faults.skip -= 1
            return
        self.tell(f"{symbol.lower()}@depth", book.delta(first, *lists, self.now_ms()))
        if book.touch() != touch:
            self.tell(f"{symbol.lower()}@bookTicker", book.best())

    def trade(self, symbol: str, side: str, price: str, quantity: str) -> None:
        """Print a trade."""
        self._trades += 1
        now_ms = self.now_ms()
        made = Print(self._trades, price, quantity, now_ms, buyer_is_maker=side == "sell")
        self.books[symbol].prints.append(made)
        self.tell(f"{symbol.lower()}@trade", made.told(symbol, now_ms))

    def pulse(self) -> None:
        """Tell what is told every second."""
        for symbol, book in self.books.items():
            if book.bids.levels and book.asks.levels:
                self.tell(f"{symbol.lower()}@miniTicker", self.day(symbol))

    def day(self, symbol: str) -> dict[str, Any]:
        """Return what the day was like."""
        close = padded(self.books[symbol].touch()[0][0])
        prices = {"c": close, "o": close, "h": close, "l": close}
        return {"e": "24hrMiniTicker", "E": self.now_ms(), "s": symbol, **prices, "v": "1.0", "q": close}

    def tell(self, stream: str, event: dict[str, Any]) -> None:
        """Send an event to whoever subscribed its stream, at any speed."""
        text = json.dumps(event, separators=(",", ":"))
        for session in self.sessions:
            session.tell(stream, text)

    def say(self, frame: str | bytes) -> None:
        """Send a frame of any kind to everyone."""
        for session in self.sessions:
            session.push(frame)

    def list_again(self, pair: Pair) -> None:
        """Change a pair's rules; who wants to know has to ask."""
        self.books[pair.symbol].pair = pair

    def kill(self) -> None:
        """Drop every connection without a word."""
        for session in self.sessions:
            session.connection.transport.abort()
