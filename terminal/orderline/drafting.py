"""What the text on the line means right now: an action, or a sentence why it means none."""

from __future__ import annotations

from datetime import UTC, tzinfo

from msgspec import Struct

from engine.model.instrument import AssetClass
from terminal.desk import Desk
from terminal.orderline.describe import pegged_word, symbol_word
from terminal.orderline.errors import ParseError, ResolveError
from terminal.orderline.grammar import parse
from terminal.orderline.intents import Action
from terminal.orderline.lines import AmendLine, Line
from terminal.orderline.requests import DraftIds, open_order
from terminal.orderline.resolve import resolve
from terminal.orderline.sizing import usual_size

_FIRST_SIZES = {AssetClass.EQUITY: "100", AssetClass.FX: "10k", AssetClass.FUTURE: "1"}
"""What a hotkey suggests before anything was traded; elsewhere one percent of the buying power."""


class Draft(Struct, frozen=True):
    """A text read against the desk."""

    action: Action | None = None
    sentence: str = ""
    """Why it means nothing; empty when it does."""
    wrong: tuple[int, int] | None = None
    """The part of the text that offends."""
    pegged: str = ""
    """The word of its price that moves with the market: bid, ask+.05; empty for a price that stays."""
    amends: str = ""
    """The client id of the open order that it changes, or would change if it said to what."""


class Drafter:
    """Reads lines for one account."""

    def __init__(self, desk: Desk, account: str, zone: tzinfo = UTC) -> None:
        self.account = account
        self._desk = desk
        self._zone = zone
        self._ids = DraftIds()

    def draft(self, text: str) -> Draft:
        """Read a text; an empty one means nothing and is not wrong."""
        if not text.strip():
            return Draft()
        try:
            line = parse(text, self._desk.instruments)
        except ParseError as error:
            return Draft(None, error.sentence, (error.start, error.end))
        amends = self._amends(line)
        try:
            action = resolve(line, self._desk, self._ids, 0, self.account, zone=self._zone)
        except ResolveError as error:
            return Draft(None, error.sentence, amends=amends)
        return Draft(action, pegged=pegged_word(line), amends=amends)

    def _amends(self, line: Line) -> str:
        if not isinstance(line, AmendLine):
            return ""
        try:
            return open_order(self._desk, line.number).client_id
        except ResolveError:
            return ""

    def suggestion(self, price: str) -> str:
        """Return what follows a side's letter by default: the focused symbol, its usual size, a price."""
        focus = self._desk.focus
        instrument = self._desk.instruments.get(focus) if focus else None
        if instrument is None:
            return ""
        used = usual_size(instrument.symbol, self._desk)
        size = (
            f"{instrument.size(used).normalize():f}"
            if used
            else _FIRST_SIZES.get(instrument.asset_class, "1%")
        )
        return f" {size} {symbol_word(instrument.symbol)} {price}"
