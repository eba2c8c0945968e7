"""Parts of an order that contradict each other, each with the sentence that refuses it."""

from __future__ import annotations

from collections.abc import Callable

from engine.model.order import TimeInForce
from terminal.orderline.errors import ParseError
from terminal.orderline.lines import AtMarket, Intent, Multiple, PositionShare, Risk
from terminal.orderline.order_parts import OrderParts
from terminal.orderline.tokens import Token


def refuse_contradictions(parts: OrderParts, last: Token | None) -> None:
    """Refuse an order with the first contradiction in it, at its last word.

    Raises:
        ParseError: there is one.
    """
    for contradicts, sentence in _CONTRADICTIONS:
        if contradicts(parts):
            raise (last.error(sentence) if last else ParseError(sentence))


def _limited(parts: OrderParts) -> bool:
    price = parts.fields.get("price")
    return price is not None and not isinstance(price, AtMarket)


def _brief(parts: OrderParts) -> bool:
    return parts.fields.get("tif") in {TimeInForce.IOC, TimeInForce.FOK}


def _exits(parts: OrderParts) -> bool:
    return parts.has("protection", "goal")


def _sized(parts: OrderParts, kind: type) -> bool:
    return isinstance(parts.fields.get("quantity"), kind)


def _closes(parts: OrderParts) -> bool:
    return _sized(parts, PositionShare) or parts.intent is Intent.COVER or parts.has("reduce_only")


_CONTRADICTIONS: tuple[tuple[Callable[[OrderParts], bool], str], ...] = (
    (lambda parts: parts.limit_word is not None and not _limited(parts), "lmt needs a price: @189.5 or bid"),
    (
        lambda parts: parts.has("trail") and parts.has("stop"),
        "a trailing stop takes no stp=: it follows the market",
    ),
    (
        lambda parts: parts.has("either_or") and not (_limited(parts) and parts.has("stop", "trail")),
        "oco joins a limit and a stop: s 100 AAPL 195 oco stp=185",
    ),
    (
        lambda parts: parts.has("either_or") and _exits(parts),
        "oco is the way out itself: it takes no sl= and tp=",
    ),
    (
        lambda parts: parts.has("either_or") and _brief(parts),
        "oco waits for one of two prices, ioc and fok never wait",
    ),
    (
        lambda parts: parts.has("trail") and _limited(parts) and not parts.has("either_or"),
        "a trailing stop takes no price: it sells or buys at market",
    ),
    (
        lambda parts: parts.has("post_only") and (not _limited(parts) or parts.has("stop")),
        "po is for limit orders: give a price",
    ),
    (
        lambda parts: parts.has("post_only") and _brief(parts),
        "po rests in the book, ioc and fok never do",
    ),
    (
        lambda parts: parts.intent is Intent.SHORT and parts.has("reduce_only"),
        "ss opens a short, ro only closes: use s to close",
    ),
    (
        lambda parts: parts.intent is Intent.SHORT and _sized(parts, PositionShare),
        "ss opens a short, pos closes a position: use s to close",
    ),
    (
        lambda parts: _exits(parts) and parts.has("trail"),
        "sl= and tp= are measured from the entry, and tr= has no price: sl=tr1% is a stop that trails",
    ),
    (
        lambda parts: _exits(parts) and _closes(parts),
        "sl= and tp= protect an entry, and this order only closes",
    ),
    (
        lambda parts: isinstance(parts.fields.get("goal"), Multiple) and not parts.has("protection"),
        "R is the distance of the stop: say where it stands, sl=-1%",
    ),
    (
        lambda parts: _sized(parts, Risk) and not parts.has("protection"),
        "r$ sizes an order by the loss at its stop: say where it stands, sl=-1%",
    ),
)
"""The first that holds is told."""
