"""Everything that happens at the venue, on one loop."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.venues.binance.books import Book, Print
from tests.venues.binance.exchange import Exchange
from tests.venues.binance.stock import Pair, padded
from tests.venues.levels import TextLevel

if TYPE_CHECKING:
    from tests.venues.binance.capture import Tape
    from tests.venues.binance.session import Session
    from tests.venues.binance.user_session import UserSession


@dataclass
class RestFault:
    """What happens to the next requests of a kind, instead of an answer or around it."""

    kind: str
    """`error`: answer with it. `drop`: end the connection without an answer. `hang`: never answer. `garbage`: answer
    with what is no JSON."""
    method: str = ""
    path: str = ""
    """What the path begins with."""
    times: int = 1
    done: bool = False
    """Whether what was asked for is done all the same."""
    status: int = 500
    code: int = -1000

    def meets(self, method: str, path: str) -> bool:
        """Whether it is about a request."""
        return self.method in {"", method} and path.startswith(self.path)


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

    rest: list[RestFault] = field(default_factory=list)
    """The first one that is about a request is used up by it."""
    refuse_user: bool = False
    """Answer every handshake of the WebSocket API with 503."""
    mute_user: bool = False
    """Say nothing on the WebSocket API, and keep the connection."""
    lose_events: int = 0
    """So many events about orders are never sent."""
    duplicate_events: bool = False

    def take_rest(self, method: str, path: str) -> RestFault | None:
        """Use up the fault that is about a request."""
        for fault in self.rest:
            if fault.meets(method, path):
                fault.times -= 1
                if fault.times <= 0:
                    self.rest.remove(fault)
                return fault
        return None


class Floor:
    """Books, prints and who listens to them."""

    def __init__(self, pairs: Iterable[Pair], pulse_s: float) -> None:
        self.books = {pair.symbol: Book(pair) for pair in pairs}
        self.sessions: set[Session] = set()
        self.user_sessions: set[UserSession] = set()
        self.exchange = Exchange(self)
        self.faults = Faults()
        self.pulse_s = pulse_s
        self.tape: Tape | None = None
        """A recording that is told instead of what happens here."""
        self.connections = 0
        self.requests: deque[str] = deque(maxlen=1000)
        """What was asked on the stream, newest last."""
        self.reads: deque[str] = deque(maxlen=1000)
        """What was read over HTTP."""
        self.signed: deque[str] = deque(maxlen=1000)
        """What was asked of the account: method and path."""
        self._trades = 500_000

    def now_ms(self) -> int:
        """Return the venue's time."""
        return round((time.time() + self.faults.skew_s) * 1000)

    def change(self, symbol: str, bids: Iterable[TextLevel] = (), asks: Iterable[TextLevel] = ()) -> None:
        """Change a book and tell everyone; where the touch moved, that too."""
        book = self.books[symbol]
        touch = _touch(book)
        lists = list(bids), list(asks)
        first = book.change(*lists)
        if self.faults.skip:
            self.faults.skip -= 1
        else:
            self.tell(f"{symbol.lower()}@depth", book.delta(first, *lists, self.now_ms()))
            if _touch(book) not in {touch, None}:
                self.tell(f"{symbol.lower()}@bookTicker", book.best())
        self.exchange.moved(symbol)

    def quote(self, symbol: str, bid: str, ask: str, bid_size: str, ask_size: str) -> None:
        """Show this touch and nothing else."""
        book = self.books[symbol]
        bids = dict.fromkeys(book.bids.levels, "0") | {bid: bid_size}
        asks = dict.fromkeys(book.asks.levels, "0") | {ask: ask_size}
        self.change(symbol, bids.items(), asks.items())

    def trade(self, symbol: str, side: str, price: str, quantity: str) -> int:
        """Print a trade, and return its number."""
        self._trades += 1
        now_ms = self.now_ms()
        made = Print(self._trades, price, quantity, now_ms, buyer_is_maker=side == "sell")
        self.books[symbol].prints.append(made)
        self.tell(f"{symbol.lower()}@trade", made.told(symbol, now_ms))
        return self._trades

    def tell_account(self, event: dict[str, Any]) -> int:
        """Send an event to whoever hears of the account; return how often they will, one of them."""
        is_order = event["e"] == "executionReport"
        if is_order and self.faults.lose_events:
            self.faults.lose_events -= 1
            return 0
        times = 2 if is_order and self.faults.duplicate_events else 1
        for session in self.user_sessions:
            for _ in range(times):
                session.tell(event)
        return times

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
        self.kill_user()

    def kill_user(self) -> None:
        """Drop every connection of the WebSocket API that hears of the account."""
        for session in self.user_sessions:
            session.connection.transport.abort()


def _touch(book: Book) -> tuple[TextLevel, TextLevel] | None:
    return book.touch() if book.bids.levels and book.asks.levels else None
