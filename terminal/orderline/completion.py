"""What could come next on the line: candidates for the word at its end, and the defaults it leaves unsaid."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from engine.model.instrument import Symbol
from terminal.desk import Desk
from terminal.orderline.describe import symbol_word
from terminal.orderline.errors import ParseError
from terminal.orderline.grammar import parse
from terminal.orderline.lines import AtMarket, OrderLine
from terminal.orderline.offers import abilities_for, offered, type_of
from terminal.orderline.strategies import strategies_of, strategy_word
from terminal.orderline.words import (
    BASES,
    COMMANDS,
    FIRM,
    MARKET,
    PANES,
    SIDES,
    STATES,
    STRATEGY_KEY,
    VIEWS,
)

CANDIDATES_MAX = 8

_TAKES_STRATEGY = frozenset({"x", *STATES})
_TAKES_SYMBOL = frozenset({"x", "flat", "rev", "split", "dividend", "watch", "unwatch", *STATES})


class Completion(Struct, frozen=True):
    """What a line may go on with."""

    candidates: tuple[str, ...] = ()
    """Whole words that could stand where the last one is, likeliest first."""
    insert: str = ""
    """What Tab adds to the text: the rest of the first candidate."""
    defaults: str = ""
    """What is meant without being said; shown, never inserted."""

    @property
    def ghost(self) -> str:
        """The faint text after the cursor."""
        return self.insert or self.defaults


def complete(text: str, desk: Desk) -> Completion:
    """Return what the end of a line may become."""
    words = text.lower().split()
    ends_word = not text or text[-1].isspace()
    part = "" if ends_word or not words else words[-1]
    before = words if ends_word else words[:-1]
    found = tuple(_matching(part, before, desk)) if part else ()
    insert = found[0][len(part) :] if found and found[0].lower() != part else ""
    if text.rpartition(" ")[2].islower():
        insert = insert.lower()
    return Completion(found, insert, "" if insert else _defaults(text, desk, ends_word=ends_word))


def _matching(part: str, before: list[str], desk: Desk) -> list[str]:
    """Return the candidates that begin like the typed part, exact ones first."""
    strategies = _strategies(part, before, desk)
    words = [word for word in strategies or _words(before, desk) if word.startswith(part)]
    symbols = _symbols(part.removeprefix("'"), before, desk)
    numbers = _numbers(part, before, desk)
    found = [*numbers, *symbols, *words] if before else [*words, *symbols]
    exact = [word for word in found if word.lower() == part]
    return [*exact, *(word for word in found if word.lower() != part)][:CANDIDATES_MAX]


def _words(before: list[str], desk: Desk) -> list[str]:
    """Return the words of the grammar that may stand after these."""
    if not before:
        return [*COMMANDS, *SIDES]
    if before[0] in SIDES:
        return ["pos", MARKET, *BASES, *offered(before, abilities_for(before, desk))]
    if before[0] == "m":
        return ["p", "q", "stp="] if len(before) > 1 else []
    if before[0] in _TAKES_STRATEGY and len(before) == 1:
        return [f"{STRATEGY_KEY}=", *([FIRM] if before[0] in STATES else [])]
    if before[0] in COMMANDS:
        return []
    return ["go"] if before[0] in PANES else list(VIEWS) if len(before) == 1 else []


def _strategies(part: str, before: list[str], desk: Desk) -> list[str]:
    """Return `as=` with each strategy the desk knows, once the key is typed."""
    may_follow = bool(before) and (before[0] in SIDES or (before[0] in _TAKES_STRATEGY and len(before) == 1))
    if not may_follow or not part.startswith(f"{STRATEGY_KEY}="):
        return []
    return [strategy_word(name) for name in strategies_of(desk)]


def _symbols(part: str, before: list[str], desk: Desk) -> list[str]:
    """Return the symbols that may stand here: the focused one first, then in listed order."""
    if not part or part[0] == "#" or not _symbol_may_follow(before, desk):
        return []
    focus = desk.focus
    matching = [symbol for symbol in _candidates(before, desk) if symbol.lower().startswith(part)]
    return [symbol_word(symbol) for symbol in sorted(matching, key=lambda symbol: symbol != focus)]


def _candidates(before: list[str], desk: Desk) -> Iterable[Symbol]:
    """Return the symbols that a command may be about: watch is about those that the venue lists besides."""
    watching = desk.watching
    if watching is None or before[:1] not in (["watch"], ["unwatch"]):
        return desk.symbols
    if before[0] == "unwatch":
        return watching.symbols
    venues = desk.catalogue.venues if desk.catalogue is not None else ()
    listed = (each.symbol for venue in venues if venue.venue == watching.venue for each in venue.listings)
    return (*sorted(watching.dropped), *(symbol for symbol in listed if symbol not in watching.symbols))


def _symbol_may_follow(before: list[str], desk: Desk) -> bool:
    if not before:
        return True
    if before[0] in SIDES:
        return not any(word.removeprefix("'").upper() in desk.instruments for word in before[1:])
    return before[0] in _TAKES_SYMBOL and len(before) == 1


def _numbers(part: str, before: list[str], desk: Desk) -> list[str]:
    """Return our open orders' numbers, the newest first."""
    if not part.startswith("#") or len(before) != 1 or before[0] not in {"x", "m"}:
        return []
    newest = reversed(desk.working)
    return [f"#{order.number}" for order in newest if f"#{order.number}".startswith(part)]


def _defaults(text: str, desk: Desk, *, ends_word: bool) -> str:
    """Return what a complete order leaves unsaid: lmt day."""
    try:
        line = parse(text)
    except ParseError:
        return ""
    if not isinstance(line, OrderLine) or (line.quantity is None and line.symbol is None):
        return ""
    said_market = isinstance(line.price, AtMarket) or line.trail is not None
    kind = "" if said_market else "mkt" if line.price is None else "lmt"
    if kind and f" {kind}" in f" {' '.join(text.lower().split())} ":
        kind = ""
    usual = abilities_for(text.split(), desk).usual_time(type_of(line)).value
    unsaid = " ".join(word for word in (kind, "" if line.tif else usual) if word)
    return unsaid if ends_word or not unsaid else f" {unsaid}"
