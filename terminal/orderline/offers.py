"""What may be said of an order, as far as the account's broker takes it."""

from __future__ import annotations

from collections.abc import Iterable

from engine.model.abilities import Abilities
from engine.model.instrument import Symbol
from engine.model.order import OrderType, TimeInForce
from terminal.desk import Desk
from terminal.orderline.errors import ParseError
from terminal.orderline.grammar import parse
from terminal.orderline.lines import AtMarket, OrderLine
from terminal.orderline.words import EITHER_OR, POST_ONLY, REDUCE_ONLY, STRATEGY_KEY, TIFS

_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
_LEGS = (OrderType.STOP, OrderType.TRAILING)


def abilities_for(said: Iterable[str], desk: Desk) -> Abilities:
    """Return what the account's broker takes for the symbol among these words, else for the one in focus."""
    names = (Symbol(word.removeprefix("'").upper()) for word in said)
    symbol = next((name for name in names if name in desk.instruments), desk.focus)
    instrument = desk.instruments.get(symbol) if symbol is not None else None
    return desk.abilities.usual if instrument is None else desk.abilities.of(instrument.asset_class)


def type_of(line: OrderLine) -> OrderType:
    """Return the type that the words of a line make."""
    if line.trail is not None:
        return OrderType.TRAILING
    at_market = line.price is None or isinstance(line.price, AtMarket)
    if line.stop is not None:
        return OrderType.STOP if at_market else OrderType.STOP_LIMIT
    return OrderType.MARKET if at_market else OrderType.LIMIT


def offered(before: Iterable[str], abilities: Abilities) -> list[str]:
    """Return the options that may follow these words."""
    types = _types(before, abilities)
    times = {time for order_type in types for time in abilities.types[order_type]}
    options = {
        **{word: time in times for word, time in TIFS.items()},
        REDUCE_ONLY: True,
        POST_ONLY: abilities.post_only,
        "stp=": any(kind in abilities.types for kind in _STOPS),
        "tr=": OrderType.TRAILING in abilities.types,
        "sl=": any(kind in abilities.types for kind in _LEGS),
        "tp=": True,
        EITHER_OR: OrderType.STOP in abilities.types,
        f"{STRATEGY_KEY}=": True,
    }
    return [word for word, is_taken in options.items() if is_taken]


def in_short(abilities: Abilities) -> str:
    """Say what a broker takes that does not take everything; nothing for one that does."""
    if not abilities.broker:
        return ""
    of = f" of {abilities.things}" if abilities.things else ""
    types = ", ".join(kind.value.replace("_", "-") for kind in OrderType if kind in abilities.types)
    limits = abilities.types.get(OrderType.LIMIT, frozenset())
    times = ", ".join(time.upper() for time in TimeInForce if time in limits)
    return (
        f"{abilities.broker} takes{of} {types}; limits {times}{', post-only' if abilities.post_only else ''}"
    )


def _types(before: Iterable[str], abilities: Abilities) -> list[OrderType]:
    """Return which types the words may still become; all where they are no order yet."""
    try:
        line = parse(" ".join(before))
    except ParseError:
        line = None
    if not isinstance(line, OrderLine) or type_of(line) not in abilities.types:
        return list(abilities.types)
    may_get_a_price = line.price is None and type_of(line) is OrderType.MARKET
    return [OrderType.MARKET, OrderType.LIMIT] if may_get_a_price else [type_of(line)]
