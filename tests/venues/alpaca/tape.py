"""What the venue publishes: trades, quotes, books of crypto, bars and halts; and what it remembers of them."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.alpaca.assets import Asset
from tests.venues.alpaca.rules import Touch
from tests.venues.alpaca.texts import SECOND_NS, plain
from tests.venues.price_time import ZERO, Level

if TYPE_CHECKING:
    from tests.venues.alpaca.data_stream import DataSession
    from tests.venues.alpaca.floor import Floor

Json = dict[str, Any]
MINUTE_NS = 60 * SECOND_NS
KEPT = 10_000
EXCHANGE = "V"


@dataclass(frozen=True)
class Print:
    """One trade."""

    number: int
    price: Decimal
    quantity: Decimal
    taker: str
    time_ns: int


class Tape:
    """Publishes on the data streams, and answers what the latest was."""

    def __init__(self, floor: Floor) -> None:
        self.prints: dict[str, deque[Print]] = defaultdict(lambda: deque(maxlen=KEPT))
        self.began_ns = floor.now_ns()
        self._floor = floor
        self._numbers = 0
        self._touches: dict[str, Touch] = {}
        self._quoted_ns: dict[str, int] = {}
        self._books: dict[str, dict[str, dict[Decimal, Decimal]]] = {}
        self._minutes: dict[str, int] = {}

    def last_price(self, asset: Asset) -> Decimal:
        """Return the last trade's price, or where the market began."""
        prints = self.prints.get(asset.symbol)
        return prints[-1].price if prints else asset.mid

    # What happens

    def print(self, asset: Asset, price: Decimal, quantity: Decimal, taker: str) -> None:
        """Print a trade, after the bar of the minute before where this is the first of another."""
        self.close_minutes(asset)
        self._numbers += 1
        made = Print(self._numbers, price, quantity, taker, self._floor.now_ns())
        self.prints[asset.symbol].append(made)
        self._floor.history.add(asset, price, quantity, made.time_ns)
        self._minutes[asset.symbol] = made.time_ns // MINUTE_NS
        self._tell("trades", asset, {"T": "t", "S": asset.symbol, **self.trade_json(asset, made)})

    def book_changed(self, asset: Asset) -> None:
        """Publish the touch where it moved, and the changes of a crypto book."""
        touch = self._floor.touch(asset)
        if touch != self._touches.get(asset.symbol):
            self._touches[asset.symbol] = touch
            self._quoted_ns[asset.symbol] = self._floor.now_ns()
            self._tell("quotes", asset, {"T": "q", "S": asset.symbol, **self.quote_json(asset)})
        if asset.is_crypto:
            self._publish_book(asset)

    def _publish_book(self, asset: Asset) -> None:
        now = self._levels(asset)
        before, self._books[asset.symbol] = self._books.get(asset.symbol, {"b": {}, "a": {}}), now
        change: Json = {}
        for side, levels in now.items():
            gone = [(price, ZERO) for price in before[side] if price not in levels]
            new = [level for level in levels.items() if before[side].get(level[0]) != level[1]]
            change[side] = [_level_json(level) for level in (*gone, *new)]
        if change["b"] or change["a"]:
            self._tell(
                "orderbooks", asset, {"T": "o", "S": asset.symbol, "t": self._floor.now_ns(), **change}
            )

    def greet(self, session: DataSession, symbols: set[str]) -> None:
        """Tell a session the whole books that it just subscribed."""
        for asset in self._floor.listing.assets.values():
            if asset.is_crypto and ({asset.symbol, "*"} & symbols):
                session.tell({"T": "o", "S": asset.symbol, **self.book_json(asset), "r": True})

    def status(self, asset: Asset, code: str, message: str, reason: str, reason_message: str) -> None:
        """Publish a halt or its end."""
        told: Json = {"sc": code, "sm": message, "rc": reason, "rm": reason_message, "z": asset.tape}
        told = {"T": "s", "S": asset.symbol, **told, "t": self._floor.now_ns()}
        self._tell("statuses", asset, told)

    def correct(self, asset: Asset, number: int, price: Decimal) -> None:
        """Correct the price of a trade of a share; it has another number then."""
        prints = self.prints[asset.symbol]
        place = next(place for place, each in enumerate(prints) if each.number == number)
        self._numbers += 1
        old, new = prints[place], replace(prints[place], number=self._numbers, price=price)
        prints[place] = new
        was, now = (
            {f"{which}{name}": value for name, value in told.items()}
            for which, told in (("o", _part(old)), ("c", _part(new)))
        )
        told = {"T": "c", "S": asset.symbol, "x": EXCHANGE, **was, **now, "z": asset.tape}
        self._tell("corrections", asset, {**told, "t": self._floor.now_ns()})

    def cancel(self, asset: Asset, number: int) -> None:
        """Take a trade of a share back."""
        prints = self.prints[asset.symbol]
        (made,) = (each for each in prints if each.number == number)
        prints.remove(made)
        told = {"i": number, "x": EXCHANGE, "p": plain(made.price), "s": plain(made.quantity), "a": "C"}
        message = {"T": "x", "S": asset.symbol, **told, "z": asset.tape, "t": self._floor.now_ns()}
        self._tell("cancelErrors", asset, message)

    def close_minutes(self, *assets: Asset) -> None:
        """Publish the bars of minutes that are over."""
        minute = self._floor.now_ns() // MINUTE_NS
        for asset in assets or self._floor.listing.assets.values():
            last = self._minutes.get(asset.symbol)
            if last is not None and last < minute:
                del self._minutes[asset.symbol]
                self.publish_bar(asset, last * MINUTE_NS)

    def publish_bar(self, asset: Asset, from_ns: int) -> None:
        """Publish the bar of a minute, and the day's so far."""
        bar = self._floor.history.bar(asset, from_ns, from_ns + MINUTE_NS)
        if bar is not None:
            self._tell("bars", asset, {"T": "b", "S": asset.symbol, **bar.json()})
            day_ns = self._floor.history.day_start(asset, from_ns)
            day = self._floor.history.bar(asset, day_ns, from_ns + MINUTE_NS)
            self._tell("dailyBars", asset, {"T": "d", "S": asset.symbol, **(day or bar).json(), "t": day_ns})

    def _tell(self, channel: str, asset: Asset, message: Json) -> None:
        for session in self._floor.data_sessions:
            if session.wants(channel, asset):
                session.tell(message)

    # How it is told; times are in nanoseconds

    def trade_json(self, asset: Asset, made: Print) -> Json:
        """Return a trade."""
        told: Json = {"i": made.number, "p": plain(made.price), "s": plain(made.quantity), "t": made.time_ns}
        if asset.is_crypto:
            return {**told, "tks": "B" if made.taker == "buy" else "S"}
        return {**told, "x": EXCHANGE, "c": ["@"], "z": asset.tape}

    def quote_json(self, asset: Asset) -> Json:
        """Return the touch; a side that is empty has zeros."""
        bid, ask = (each or (ZERO, ZERO) for each in self._floor.touch(asset))
        told: Json = {
            "bp": plain(bid[0]),
            "bs": plain(bid[1]),
            "ap": plain(ask[0]),
            "as": plain(ask[1]),
            "t": self._quoted_ns.get(asset.symbol, self.began_ns),
        }
        return (
            told if asset.is_crypto else {**told, "bx": EXCHANGE, "ax": EXCHANGE, "c": ["R"], "z": asset.tape}
        )

    def book_json(self, asset: Asset) -> Json:
        """Return a whole book."""
        sides = {
            side: [_level_json(each) for each in levels.items()]
            for side, levels in self._levels(asset).items()
        }
        return {"t": self._floor.now_ns(), **sides}

    def _levels(self, asset: Asset) -> dict[str, dict[Decimal, Decimal]]:
        book = self._floor.book(asset)
        return {"b": dict(book.levels("buy")), "a": dict(book.levels("sell"))}


def _part(made: Print) -> Json:
    return {"i": made.number, "p": plain(made.price), "s": plain(made.quantity), "c": ["@"]}


def _level_json(level: Level) -> Json:
    return {"p": plain(level[0]), "s": plain(level[1])}
