"""Reads an order: size, symbol and price in this order, then options in any."""

from __future__ import annotations

from collections.abc import Callable, Container

from engine.model.order import TimeInForce
from terminal.orderline import amounts
from terminal.orderline.contradictions import refuse_contradictions
from terminal.orderline.errors import ParseError
from terminal.orderline.lines import Absolute, Intent, OrderLine
from terminal.orderline.order_parts import OrderParts
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


def parse_order(intent: Intent, reader: Reader, symbols: Container[str] = ()) -> OrderLine:
    """Read the rest of an order after its side.

    Raises:
        ParseError: a part is unknown, twice there, or at the wrong place, or parts contradict each other.
    """
    parts = OrderParts(intent, symbols)
    last: Token | None = None
    while (token := reader.take()) is not None:
        last = token
        _read(token, parts)
    refuse_contradictions(parts, last)
    return OrderLine(intent=intent, **parts.fields)


def _read(token: Token, parts: OrderParts) -> None:
    if not any(read(token, parts) for read in _READERS):
        raise token.error(f"{shown(token.text)} means nothing here; {_OPTIONS}")


def _option(token: Token, parts: OrderParts) -> bool:
    """Read a word or a key=value of the options."""
    if token.quoted:
        return False
    key, equals, value = token.text.partition("=")
    if key in UNAVAILABLE:
        raise token.error(UNAVAILABLE[key])
    if equals and key in _VALUED:
        _VALUED[key](token, parts, value)
        return True
    if token.text in _FLAGS:
        _refuse_listed(token, parts)
        name, flag, what = _FLAGS[token.text]
        parts.put(token, name, flag, what)
        return True
    if token.text == LIMIT:
        parts.limit_word = token
        return True
    return False


def _read_stop(token: Token, parts: OrderParts, value: str) -> None:
    parts.put(token, "stop", amounts.limit(token, value, "stp"), "a stop price")


def _read_trail(token: Token, parts: OrderParts, value: str) -> None:
    parts.put(token, "trail", amounts.trail(token, value), "a trailing distance")


def _read_protection(token: Token, parts: OrderParts, value: str) -> None:
    parts.put(token, "protection", amounts.protection(token, value), "a stop loss")


def _read_goal(token: Token, parts: OrderParts, value: str) -> None:
    parts.put(token, "goal", amounts.goal(token, value), "a target")


def _read_strategy(token: Token, parts: OrderParts, value: str) -> None:
    parts.put(token, "strategy", strategy_name(token, value), "a strategy")


_VALUED: dict[str, Callable[[Token, OrderParts, str], None]] = {
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


def _quantity(token: Token, parts: OrderParts) -> bool:
    """Read a size, which stands before the symbol and the price."""
    if token.quoted:
        return False
    quantity = amounts.quantity(token)
    if quantity is None:
        return False
    if not parts.has("quantity", "symbol", "price"):
        parts.put(token, "quantity", quantity, "a size")
        return True
    if parts.has("symbol") and amounts.NUMBER.fullmatch(token.text):
        return False
    raise _second_number(token, parts)


def _second_number(token: Token, parts: OrderParts) -> ParseError:
    number = shown(token.text)
    if parts.has("price"):
        return token.error(f"{number}: the order already has a price; the size comes before it")
    if parts.has("quantity") and not parts.has("symbol") and amounts.NUMBER.fullmatch(token.text):
        return token.error(f"is {number} a price? Write @{number}, or put the symbol before it")
    return token.error(f"{number}: the size comes once, before the symbol: b 100 AAPL")


def _price(token: Token, parts: OrderParts) -> bool:
    """Read a price, which stands after size and symbol."""
    if token.quoted:
        return False
    price = amounts.price(token)
    if price is None:
        return False
    _refuse_listed(token, parts)
    bare = isinstance(price, Absolute) and not token.text.startswith("@")
    if bare and parts.has("symbol") and not parts.has("quantity", "price"):
        number, symbol = shown(token.text), parts.fields["symbol"]
        raise token.error(
            f"is {number} the size or the price? Write {parts.intent} {number} {symbol}, or @{number}"
        )
    parts.put(token, "price", price, "a price")
    return True


def _symbol(token: Token, parts: OrderParts) -> bool:
    """Read the symbol, which stands before the price."""
    if not token.quoted and token.text in ORDER_WORDS:
        raise token.error(
            f"{token.text} is a word of the grammar: write '{token.text.upper()} if it is the symbol"
        )
    if not token.quoted and "=" in token.text:
        raise token.error(f"{shown(token.text)} is not an option; {_OPTIONS}")
    symbol = token.symbol
    if parts.has("price"):
        raise token.error(f"{symbol}: the symbol comes before the price")
    parts.put(token, "symbol", symbol, "a symbol")
    return True


_READERS = (_option, _quantity, _price, _symbol)


def _refuse_listed(token: Token, parts: OrderParts) -> None:
    """Refuse a word that is also listed as a symbol, while the order has no symbol yet."""
    word = token.text.upper()
    if not parts.has("symbol") and word in parts.symbols:
        raise token.error(
            f"{token.text} is a word and a listed symbol: write '{word} for it, or name the symbol first"
        )
