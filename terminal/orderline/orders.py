"""Reads an order: size, symbol and price in this order, then options in any."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from engine.model.order import TimeInForce
from terminal.orderline import amounts
from terminal.orderline.errors import ParseError
from terminal.orderline.lines import Absolute, AtMarket, Intent, Multiple, OrderLine, PositionShare, Risk
from terminal.orderline.strategies import strategy_name
from terminal.orderline.tokens import Reader, Token, shown
from terminal.orderline.words import (
    EITHER_OR,
    LIMIT,
    ORDER_WORDS,
    POST_ONLY,
    REDUCE_ONLY,
    STRATEGY_KEY,
    TIFS,
    UNAVAILABLE,
)

_OPTIONS = "options are stp=185, tr=1%, sl=-2%, tp=+2R, oco, day, gtc, ioc, fok, ro, po and as=NAME"


class _Draft:
    """What has been read of an order so far."""

    def __init__(self, intent: Intent, symbols: Container[str]) -> None:
        self.intent = intent
        self.symbols = symbols
        self.fields: dict[str, Any] = {}
        self.limit_word: Token | None = None

    def put(self, token: Token, name: str, value: object, what: str) -> None:
        """Note a part of the order; each may be said once."""
        if name in self.fields:
            raise token.error(f"{shown(token.text)}: the order already has {what}")
        self.fields[name] = value

    def has(self, *names: str) -> bool:
        """Tell whether any of these parts was read."""
        return any(name in self.fields for name in names)


def parse_order(intent: Intent, reader: Reader, symbols: Container[str] = ()) -> OrderLine:
    """Read the rest of an order after its side.

    Raises:
        ParseError: a part is unknown, twice there, or at the wrong place, or parts contradict each other.
    """
    draft = _Draft(intent, symbols)
    last: Token | None = None
    while (token := reader.take()) is not None:
        last = token
        _read(token, draft)
    _check(draft, last)
    return OrderLine(intent=intent, **draft.fields)


def _read(token: Token, draft: _Draft) -> None:
    if not any(read(token, draft) for read in _READERS):
        raise token.error(f"{shown(token.text)} means nothing here; {_OPTIONS}")


def _option(token: Token, draft: _Draft) -> bool:
    """Read a word or a key=value of the options."""
    if token.quoted:
        return False
    key, equals, value = token.text.partition("=")
    if key in UNAVAILABLE:
        raise token.error(UNAVAILABLE[key])
    if equals and key in _VALUED:
        _VALUED[key](token, draft, value)
        return True
    if token.text in _FLAGS:
        _refuse_listed(token, draft)
        name, flag, what = _FLAGS[token.text]
        draft.put(token, name, flag, what)
        return True
    if token.text == LIMIT:
        draft.limit_word = token
        return True
    return False


def _read_stop(token: Token, draft: _Draft, value: str) -> None:
    draft.put(token, "stop", amounts.limit(token, value, "stp"), "a stop price")


def _read_trail(token: Token, draft: _Draft, value: str) -> None:
    draft.put(token, "trail", amounts.trail(token, value), "a trailing distance")


def _read_protection(token: Token, draft: _Draft, value: str) -> None:
    draft.put(token, "protection", amounts.protection(token, value), "a stop loss")


def _read_goal(token: Token, draft: _Draft, value: str) -> None:
    draft.put(token, "goal", amounts.goal(token, value), "a target")


def _read_strategy(token: Token, draft: _Draft, value: str) -> None:
    draft.put(token, "strategy", strategy_name(token, value), "a strategy")


_VALUED: dict[str, Callable[[Token, _Draft, str], None]] = {
    "stp": _read_stop,
    "tr": _read_trail,
    "sl": _read_protection,
    "tp": _read_goal,
    STRATEGY_KEY: _read_strategy,
}
_FLAGS: dict[str, tuple[str, TimeInForce | bool, str]] = {
    **{word: ("tif", tif, "a time in force") for word, tif in TIFS.items()},
    REDUCE_ONLY: ("reduce_only", True, "ro"),
    POST_ONLY: ("post_only", True, "po"),
    EITHER_OR: ("either_or", True, "oco"),
}


def _quantity(token: Token, draft: _Draft) -> bool:
    """Read a size, which stands before the symbol and the price."""
    if token.quoted:
        return False
    quantity = amounts.quantity(token)
    if quantity is None:
        return False
    if not draft.has("quantity", "symbol", "price"):
        draft.put(token, "quantity", quantity, "a size")
        return True
    if draft.has("symbol") and amounts.NUMBER.fullmatch(token.text):
        return False
    raise _second_number(token, draft)


def _second_number(token: Token, draft: _Draft) -> ParseError:
    number = shown(token.text)
    if draft.has("price"):
        return token.error(f"{number}: the order already has a price; the size comes before it")
    if draft.has("quantity") and not draft.has("symbol") and amounts.NUMBER.fullmatch(token.text):
        return token.error(f"is {number} a price? Write @{number}, or put the symbol before it")
    return token.error(f"{number}: the size comes once, before the symbol: b 100 AAPL")


def _price(token: Token, draft: _Draft) -> bool:
    """Read a price, which stands after size and symbol."""
    if token.quoted:
        return False
    price = amounts.price(token)
    if price is None:
        return False
    _refuse_listed(token, draft)
    bare = isinstance(price, Absolute) and not token.text.startswith("@")
    if bare and draft.has("symbol") and not draft.has("quantity", "price"):
        number, symbol = shown(token.text), draft.fields["symbol"]
        raise token.error(
            f"is {number} the size or the price? Write {draft.intent} {number} {symbol}, or @{number}"
        )
    draft.put(token, "price", price, "a price")
    return True


def _symbol(token: Token, draft: _Draft) -> bool:
    """Read the symbol, which stands before the price."""
    if not token.quoted and token.text in ORDER_WORDS:
        raise token.error(
            f"{token.text} is a word of the grammar: write '{token.text.upper()} if it is the symbol"
        )
    if not token.quoted and "=" in token.text:
        raise token.error(f"{shown(token.text)} is not an option; {_OPTIONS}")
    symbol = token.symbol
    if draft.has("price"):
        raise token.error(f"{symbol}: the symbol comes before the price")
    draft.put(token, "symbol", symbol, "a symbol")
    return True


_READERS = (_option, _quantity, _price, _symbol)


def _refuse_listed(token: Token, draft: _Draft) -> None:
    """Refuse a word that is also listed as a symbol, while the order has no symbol yet."""
    word = token.text.upper()
    if not draft.has("symbol") and word in draft.symbols:
        raise token.error(
            f"{token.text} is a word and a listed symbol: write '{word} for it, or name the symbol first"
        )


def _check(draft: _Draft, last: Token | None) -> None:
    """Refuse parts that contradict each other."""
    price = draft.fields.get("price")
    has_exits = draft.has("protection", "goal")
    for wrong, sentence in (
        (
            draft.limit_word is not None and (price is None or isinstance(price, AtMarket)),
            "lmt needs a price: @189.5 or bid",
        ),
        (draft.has("trail") and draft.has("stop"), "a trailing stop takes no stp=: it follows the market"),
        (
            draft.has("either_or") and not (_is_limit(price) and draft.has("stop", "trail")),
            "oco joins a limit and a stop: s 100 AAPL 195 oco stp=185",
        ),
        (draft.has("either_or") and has_exits, "oco is the way out itself: it takes no sl= and tp="),
        (
            draft.has("either_or") and _is_brief(draft),
            "oco waits for one of two prices, ioc and fok never wait",
        ),
        (
            draft.has("trail") and _is_limit(price) and not draft.has("either_or"),
            "a trailing stop takes no price: it sells or buys at market",
        ),
        (
            draft.has("post_only") and (not _is_limit(price) or draft.has("stop")),
            "po is for limit orders: give a price",
        ),
        (
            draft.has("post_only") and _is_brief(draft),
            "po rests in the book, ioc and fok never do",
        ),
        (
            draft.intent is Intent.SHORT and draft.has("reduce_only"),
            "ss opens a short, ro only closes: use s to close",
        ),
        (
            draft.intent is Intent.SHORT and isinstance(draft.fields.get("quantity"), PositionShare),
            "ss opens a short, pos closes a position: use s to close",
        ),
        (
            has_exits and draft.has("trail"),
            "sl= and tp= are measured from the entry, and tr= has no price: sl=tr1% is a stop that trails",
        ),
        (has_exits and _closes(draft), "sl= and tp= protect an entry, and this order only closes"),
        (
            isinstance(draft.fields.get("goal"), Multiple) and not draft.has("protection"),
            "R is the distance of the stop: say where it stands, sl=-1%",
        ),
        (
            isinstance(draft.fields.get("quantity"), Risk) and not draft.has("protection"),
            "r$ sizes an order by the loss at its stop: say where it stands, sl=-1%",
        ),
    ):
        if wrong:
            raise (last.error(sentence) if last else ParseError(sentence))


def _closes(draft: _Draft) -> bool:
    closing_size = isinstance(draft.fields.get("quantity"), PositionShare)
    return closing_size or draft.intent is Intent.COVER or draft.has("reduce_only")


def _is_brief(draft: _Draft) -> bool:
    return draft.fields.get("tif") in {TimeInForce.IOC, TimeInForce.FOK}


def _is_limit(price: object) -> bool:
    return price is not None and not isinstance(price, AtMarket)
