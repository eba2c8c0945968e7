"""Everything that happens at the venue, on one loop: the books, the account, and who listens."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from random import Random
from typing import Any

from tests.venues.alpaca.account import Account
from tests.venues.alpaca.assets import Asset, Listing
from tests.venues.alpaca.auctions import change_phase
from tests.venues.alpaca.data_stream import DataSession
from tests.venues.alpaca.exchange import Exchange
from tests.venues.alpaca.faults import Faults
from tests.venues.alpaca.history import History
from tests.venues.alpaca.limits import RateLimit
from tests.venues.alpaca.orders import Order
from tests.venues.alpaca.pit import OURS, Pit
from tests.venues.alpaca.rules import Touch
from tests.venues.alpaca.tape import Tape
from tests.venues.alpaca.texts import SECOND_NS, stamp
from tests.venues.alpaca.trade_stream import TradeSession
from tests.venues.price_time import PriceTimeBook, Resting

CROWD = "crowd"
KEYS = {"PKLOCALVENUE": "local-venue-secret", "PKOTHERCLIENT": "other-client-secret"}
"""Two keys of the one account, so that two clients can be there at once."""
CASH = Decimal(100_000)
REQUESTS_A_MINUTE = 200


class Floor:
    """The venue; whatever is done to it is done on its loop."""

    def __init__(self, assets: Iterable[Asset], *, seed: int = 1, cash: Decimal = CASH) -> None:
        self.listing = Listing(assets)
        self.keys = dict(KEYS)
        self.faults = Faults()
        self.phase = "regular"
        self.halted: set[str] = set()
        self.random = Random(seed)
        self.account = Account(self.new_id(), cash, self.price_of)
        self.exchange = Exchange(self)
        self.pit = Pit(self)
        self.tape = Tape(self)
        self.history = History(self.now_ns())
        self.has_sip = False
        """Whether the plan has the consolidated tape."""
        self.trading_limit = RateLimit(REQUESTS_A_MINUTE)
        self.data_limit = RateLimit(REQUESTS_A_MINUTE)
        self.channels_max = 30
        """Quotes and trades that one connection to the stocks' stream may have; 0 for any number."""
        self.connections_max = 1
        """Connections of one key to one data stream; 0 for any number."""
        self.outbox_max = 100_000
        """Frames that may wait for a connection that reads too slowly."""
        self.login_s = 10.0
        """How long a connection may stay without having logged in."""
        self.trade_sessions: set[TradeSession] = set()
        self.data_sessions: set[DataSession] = set()
        self.connections = 0
        self.requests: deque[str] = deque(maxlen=1000)
        """What was asked over HTTP, newest last: `POST /v2/orders`."""
        self.updates: list[dict[str, Any]] = []
        """Every trade update there was, whoever heard it."""
        self._held: list[Callable[[], None]] = []
        self._books = {symbol: PriceTimeBook() for symbol in self.listing.assets}

    # Time and names

    def now_ns(self) -> int:
        """Return the venue's time."""
        return (self.faults.stopped_ns or time.time_ns()) + int(self.faults.skew_s * SECOND_NS)

    def new_id(self) -> str:
        """Return a name that nothing has yet."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def later(self, delay_s: float, what: Callable[[], None]) -> None:
        """Do something after what is going on now, or later than that."""
        loop = asyncio.get_running_loop()
        if delay_s:
            loop.call_later(delay_s, what)
        else:
            loop.call_soon(what)

    def change_later(self, what: Callable[[], None]) -> None:
        """Let a cancel or a replacement happen, when the faults say."""
        if self.faults.hold_changes:
            self._held.append(what)
        else:
            self.later(self.faults.change_s, what)

    def let_go(self) -> None:
        """Let the changes happen that were held, and hold no more."""
        self.faults.hold_changes = False
        held, self._held = self._held, []
        for each in held:
            each()

    # Books

    def book(self, asset: Asset) -> PriceTimeBook:
        """Return the book of an asset."""
        return self._books[asset.symbol]

    def touch(self, asset: Asset) -> Touch:
        """Return the best bid and offer."""
        book = self.book(asset)
        return book.best("buy"), book.best("sell")

    def price_of(self, asset: Asset) -> Decimal:
        """Return what one is worth: the last trade, or the middle of the quote before the first."""
        return self.tape.last_price(asset)

    def changed(self, asset: Asset) -> None:
        """Tell how a book is now, and let the orders look that wait for it."""
        self.tape.book_changed(asset)
        self.pit.market_moved(asset.symbol)

    def printed(self, asset: Asset, price: Decimal, quantity: Decimal, taker: str) -> None:
        """Print a trade."""
        self.tape.print(asset, price, quantity, taker)

    # The others

    def quote(self, symbol: str, bid: str, ask: str, bid_size: str = "100", ask_size: str = "100") -> None:
        """Let the others have this one bid and offer and no more; whoever of us is in the way trades."""
        self.ladder(symbol, [(Decimal(bid), Decimal(bid_size))], [(Decimal(ask), Decimal(ask_size))])

    def ladder(
        self, symbol: str, bids: Iterable[tuple[Decimal, Decimal]], asks: Iterable[tuple[Decimal, Decimal]]
    ) -> None:
        """Let the others have these bids and offers and no more."""
        asset = self.listing.assets[symbol]
        self.book(asset).clear(CROWD)
        for side, levels in (("buy", bids), ("sell", asks)):
            for price, quantity in levels:
                left = self._trade(asset, side, quantity, price)
                if left > 0:
                    self.book(asset).rest(Resting(CROWD, side, price, left))
        self.changed(asset)

    def others_take(self, symbol: str, side: str, quantity: str, limit: str | None = None) -> None:
        """Let somebody buy or sell at once, whoever is there to trade with."""
        asset = self.listing.assets[symbol]
        self._trade(asset, side, Decimal(quantity), None if limit is None else Decimal(limit), "taker")
        self.changed(asset)

    def _trade(
        self, asset: Asset, side: str, quantity: Decimal, limit: Decimal | None, owner: str = CROWD
    ) -> Decimal:
        """Let somebody else take; return what is left."""
        if not asset.is_crypto and (asset.symbol in self.halted or self.phase == "closed"):
            return quantity
        for each in self.book(asset).take(side, quantity, limit, owner):
            quantity -= each.quantity
            self.printed(asset, each.price, each.quantity, side)
            if each.maker.owner == OURS:
                self.pit.filled_at(each.maker.order_id, each.price, each.quantity)
        return quantity

    # The day

    def set_phase(self, phase: str) -> None:
        """Go on to another part of the day, with the auctions between."""
        change_phase(self, phase)

    def halt(self, symbol: str) -> None:
        """Let nothing trade in a share."""
        self.halted.add(symbol)
        self.pit.pause()
        self.tape.status(self.listing.assets[symbol], "H", "Trading Halt", "T1", "News Pending")

    def resume(self, symbol: str) -> None:
        """Let it trade again."""
        self.halted.discard(symbol)
        self.tape.status(self.listing.assets[symbol], "T", "Trading Resumption", "", "")
        self.pit.resume(symbol)

    # Who listens

    def tell(self, event: str, order: Order, **facts: Any) -> None:
        """Tell the trade stream what happened to an order, now unless it says when."""
        update = {
            "event": event,
            "execution_id": facts.pop("execution_id", None) or self.new_id(),
            "timestamp": stamp(facts.pop("when_ns", None) or self.now_ns()),
            **facts,
            "order": order.json(),
        }
        self.updates.append(update)
        if self.faults.lose_updates:
            self.faults.lose_updates -= 1
            return
        for session in self.trade_sessions:
            session.tell(update)

    def drop(self, streams: str = "") -> None:
        """End connections without a word: `trades`, `data`, or all."""
        for session in (*self.trade_sessions, *self.data_sessions):
            if streams in {"", session.kind}:
                session.connection.transport.abort()

    def half_open(self, streams: str = "") -> None:
        """Keep connections open and neither read nor write any more: `trades`, `data`, or all."""
        for session in (*self.trade_sessions, *self.data_sessions):
            if streams in {"", session.kind}:
                session.go_deaf()

    def say(self, frame: str | bytes, streams: str = "") -> None:
        """Send a frame of any kind to everyone."""
        for session in (*self.trade_sessions, *self.data_sessions):
            if streams in {"", session.kind}:
                session.push(frame)

    def is_key(self, key: object, secret: object) -> bool:
        """Whether a key is one of the account's."""
        return isinstance(key, str) and self.keys.get(key) == secret
