"""Whose idea an order is: the name after `as=`, on an order and on what halts or cancels a strategy."""

from __future__ import annotations

from terminal.desk import Desk
from terminal.orderline.tokens import Token, shown
from terminal.orderline.words import STRATEGY, STRATEGY_IN_WORDS, STRATEGY_KEY


def strategy_name(token: Token, value: str) -> str:
    """Read a strategy's name.

    Raises:
        ParseError: it is none.
    """
    if not STRATEGY.fullmatch(value):
        raise token.error(f"{shown(token.text)}: a strategy's name has {STRATEGY_IN_WORDS}")
    return value


def strategy_after_key(token: Token) -> str | None:
    """Read `as=NAME`; None where a word says something else.

    Raises:
        ParseError: no name follows.
    """
    key, equals, value = token.text.partition("=")
    if token.quoted or key != STRATEGY_KEY or not equals:
        return None
    return strategy_name(token, value)


def strategy_word(strategy: str) -> str:
    """Write a strategy as it is typed."""
    return f"{STRATEGY_KEY}={strategy}"


def strategies_of(desk: Desk) -> list[str]:
    """Return the strategies the desk has heard of, those of the newest orders first, then those held back."""
    risk = desk.risk
    held_back = (*risk.halted_strategies, *risk.reducing_strategies) if risk is not None else ()
    newest = [order.strategy for order in reversed(desk.orders.values()) if order.strategy]
    return list(dict.fromkeys((*newest, *held_back)))
