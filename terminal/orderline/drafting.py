"""What the text on the line means right now: an action, or a sentence why it means none."""

from __future__ import annotations

from datetime import UTC, tzinfo

from msgspec import Struct

from engine.model.instrument import AssetClass, Symbol
from engine.model.order import OrderRequest
from terminal.desk import Desk
from terminal.orderline.describe import symbol_word
from terminal.orderline.errors import ParseError, ResolveError
from terminal.orderline.grammar import parse
from terminal.orderline.intents import Action, orders_of
from terminal.orderline.requests import DraftIds
from terminal.orderline.resolve import resolve

_FIRST_SIZES = {AssetClass.EQUITY: "100", AssetClass.FX: "10k", AssetClass.FUTURE: "1"}
"""What a hotkey suggests before anything was traded; elsewhere one percent of the buying power."""


class Draft(Struct, frozen=True):
    """A text read against the desk."""

    action: Action | None = None
    sentence: str = ""
    """Why it means nothing; empty when it does."""
    wrong: tuple[int, int] | None = None
    """The part of the text that offends."""

    @property
    def request(self) -> OrderRequest | None:
        """The order it would send, the first of two; None if it is none."""
        orders = orders_of(self.action)
        return orders[0].request if orders else None


class Drafter:
    """Reads lines for one account; remembers the size last used of each symbol."""

    def __init__(self, desk: Desk, account: str, zone: tzinfo = UTC) -> None:
        self.account = account
        self._desk = desk
        self._zone = zone
        self._sizes: dict[Symbol, int] = {}
        self._ids = DraftIds()

    def draft(self, text: str) -> Draft:
        """Read a text; an empty one means nothing and is not wrong."""
        if not text.strip():
            return Draft()
        try:
            line = parse(text, self._desk.instruments)
            action = resolve(line, self._desk, self._ids, 0, self.account, sizes=self._sizes, zone=self._zone)
        except ParseError as error:
            return Draft(None, error.sentence, (error.start, error.end))
        except ResolveError as error:
            return Draft(None, error.sentence)
        return Draft(action)

    def sent(self, request: OrderRequest) -> None:
        """Remember the size of an order that was sent."""
        self._sizes[request.symbol] = request.quantity

    def suggestion(self, price: str) -> str:
        """Return what follows a side's letter by default: the focused symbol, its usual size, a price."""
        focus = self._desk.focus
        instrument = self._desk.instruments.get(focus) if focus else None
        if instrument is None:
            return ""
        used = self._sizes.get(instrument.symbol)
        size = (
            f"{instrument.size(used).normalize():f}"
            if used
            else _FIRST_SIZES.get(instrument.asset_class, "1%")
        )
        return f" {size} {symbol_word(instrument.symbol)} {price}"
