"""Reads the lines that are not orders; the first word says which."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from terminal.orderline import amounts
from terminal.orderline.lines import (
    AmendLine,
    CancelAllLine,
    CancelOrderLine,
    CancelStrategyLine,
    CancelSymbolLine,
    Change,
    DividendLine,
    FlatLine,
    HelpLine,
    JumpLine,
    Line,
    PlainLine,
    QuantityChange,
    ReverseLine,
    SpeedLine,
    SplitLine,
    StateLine,
    ThemeLine,
    UnwatchLine,
    WatchLine,
)
from terminal.orderline.strategies import strategy_after_key, strategy_word
from terminal.orderline.tokens import Reader, Token, shown
from terminal.orderline.words import FIRM, PLAIN_COMMANDS, RESERVED, STATES

Parser = Callable[[Token, Reader], Line]

_ORDER_NUMBER = re.compile(r"#(\d{1,9})", re.ASCII)
_RATIO = re.compile(r"([1-9]\d{0,5}):([1-9]\d{0,5})", re.ASCII)
_BEGINS_LIKE_A_NUMBER = re.compile(r"-?\.?\d", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_NAME = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)
_CHANGE = re.compile(r"(p|q|stp)(=|(?=[+-]))(.+)")


def _order_number(token: Token) -> int:
    match = _ORDER_NUMBER.fullmatch(token.text)
    if match is None:
        raise token.error(f"{shown(token.text)} is not an order's number; they look like #12")
    return int(match[1])


def _named_symbol(token: Token) -> str:
    """Read a symbol; a word of the grammar needs its quote."""
    if not token.quoted and token.text in RESERVED:
        raise token.error(
            f"{token.text} is a word of the grammar: write '{token.text.upper()} for the symbol"
        )
    return token.symbol


def _symbol_or_none(first: Token, reader: Reader) -> str | None:
    token = reader.take()
    if token is None:
        return None
    reader.finish(first.text)
    return _named_symbol(token)


def _cancel(_first: Token, reader: Reader) -> Line:
    target = reader.expect("x needs a symbol or an order's number or as=NAME; xx cancels everything")
    reader.finish("x")
    strategy = strategy_after_key(target)
    if strategy is not None:
        return CancelStrategyLine(strategy)
    if target.text.startswith("#") and not target.quoted:
        return CancelOrderLine(_order_number(target))
    return CancelSymbolLine(_named_symbol(target))


def _cancel_all(_first: Token, reader: Reader) -> Line:
    reader.finish("xx cancels everything")
    return CancelAllLine()


def _amend(_first: Token, reader: Reader) -> Line:
    number = _order_number(reader.expect("m needs an order's number: m #12 p+2t"))
    changes: dict[str, Change | QuantityChange] = {}
    while (token := reader.take()) is not None:
        name, change = _change(token)
        if name in changes:
            raise token.error(f"{shown(token.text)}: this value is changed twice")
        changes[name] = change
    if not changes:
        reader.expect("m needs a change: p=189.5, p+2t, q=200, q-100 or stp=185")
    quantity, limit, stop = changes.get("q"), changes.get("p"), changes.get("stp")
    assert not isinstance(quantity, Change)
    assert not isinstance(limit, QuantityChange)
    assert not isinstance(stop, QuantityChange)
    return AmendLine(number, quantity, limit, stop)


def _change(token: Token) -> tuple[str, Change | QuantityChange]:
    match = _CHANGE.fullmatch(token.text)
    if match is None:
        raise token.error(f"{shown(token.text)} is not a change; p=189.5, p+2t, q=200, q-100, stp=185 are")
    name, value = match[1], match[3]
    if name == "q":
        return name, _quantity_change(token, value, relative=not match[2])
    if match[2]:
        return name, Change(value=amounts.limit(token, value, name))
    step = amounts.offset(value)
    if step is None:
        raise token.error(f"{shown(token.text)}: a step looks like {name}+.05, {name}-2t or {name}+5bp")
    return name, Change(step=step)


def _quantity_change(token: Token, value: str, *, relative: bool) -> QuantityChange:
    amount = amounts.number(token, value.lstrip("+-") if relative else value, "q")
    return QuantityChange(-amount if relative and value.startswith("-") else amount, relative)


def _flat(first: Token, reader: Reader) -> Line:
    return FlatLine(_symbol_or_none(first, reader))


def _flat_all(_first: Token, reader: Reader) -> Line:
    reader.finish("flat! closes everything")
    return FlatLine(everything=True)


def _reverse(first: Token, reader: Reader) -> Line:
    return ReverseLine(_symbol_or_none(first, reader))


def _state(first: Token, reader: Reader) -> Line:
    state, target = STATES[first.text], reader.peek()
    if target is not None and target.text == FIRM and not target.quoted:
        reader.take()
        reader.finish(f"{first.text} {FIRM}")
        return StateLine(state, firm=True)
    strategy = strategy_after_key(target) if target is not None else None
    if strategy is None:
        return StateLine(state, _symbol_or_none(first, reader))
    reader.take()
    reader.finish(f"{first.text} {strategy_word(strategy)}")
    return StateLine(state, strategy=strategy)


def _named_first(first: Token, reader: Reader, sentence: str) -> tuple[str | None, Token]:
    """Read what a command is about: a symbol, where two words are left or the next is none of numbers, and its value."""
    value = reader.expect(sentence)
    if not value.quoted and _BEGINS_LIKE_A_NUMBER.match(value.text):
        return None, value
    symbol = _named_symbol(value)
    return symbol, reader.expect(f"{first.text} {symbol}: {sentence}")


def _split(first: Token, reader: Reader) -> Line:
    symbol, ratio = _named_first(first, reader, "split needs new for old: split AAPL 4:1")
    match = _RATIO.fullmatch(ratio.text)
    if match is None or match[1] == match[2]:
        raise ratio.error(
            f"{shown(ratio.text)} is not a split; 4:1 is four new for one old, 1:10 one for ten"
        )
    cash = reader.take()
    reader.finish("split")
    if cash is not None and not cash.text.startswith("cash="):
        raise cash.error(
            f"{shown(cash.text)}: after the ratio may come cash=57.40, what a part was paid out at"
        )
    paid = amounts.number(cash, cash.text.removeprefix("cash="), "cash") if cash is not None else None
    return SplitLine(int(match[1]), int(match[2]), symbol, paid)


def _dividend(first: Token, reader: Reader) -> Line:
    symbol, value = _named_first(first, reader, "dividend needs an amount a share: dividend AAPL 0.24")
    reader.finish("dividend")
    amount = amounts.number(value, value.text.removeprefix("-"), "dividend")
    return DividendLine(-amount if value.text.startswith("-") else amount, symbol)


def _watch(_first: Token, reader: Reader) -> Line:
    token = reader.expect("watch needs a symbol as the venue writes it: watch ETH/USD; / finds one")
    reader.finish("watch")
    return WatchLine(_named_symbol(token))


def _unwatch(first: Token, reader: Reader) -> Line:
    return UnwatchLine(_symbol_or_none(first, reader))


def _plain(first: Token, reader: Reader) -> Line:
    reader.finish(first.text)
    return PlainLine(first.text)


def _theme(_first: Token, reader: Reader) -> Line:
    name = reader.take()
    reader.finish("theme")
    if name is not None and not _NAME.fullmatch(name.text):
        raise name.error(f"{shown(name.text)} is not the name of a theme")
    return ThemeLine(name.text if name else None)


def _speed(_first: Token, reader: Reader) -> Line:
    value = reader.expect("speed needs a number of times, or max")
    reader.finish("speed")
    if value.text == "max":
        return SpeedLine(Decimal(0))
    return SpeedLine(amounts.number(value, value.text.removesuffix("x"), "speed"))


def _jump(_first: Token, reader: Reader) -> Line:
    value = reader.expect("jump needs a time of day: jump 14:30")
    reader.finish("jump")
    match = _TIME.fullmatch(value.text)
    hour, minute, second = (int(part or 0) for part in match.groups()) if match else (24, 0, 0)
    if hour > 23 or minute > 59 or second > 59:
        raise value.error(f"{shown(value.text)} is not a time of day such as 14:30 or 14:30:05")
    return JumpLine((hour * 60 + minute) * 60 + second)


def _help(_first: Token, reader: Reader) -> Line:
    topic = reader.take()
    reader.finish("help")
    return HelpLine(topic.text if topic else None)


PARSERS: dict[str, Parser] = {
    "x": _cancel,
    "xx": _cancel_all,
    "m": _amend,
    "flat": _flat,
    "flat!": _flat_all,
    "rev": _reverse,
    **dict.fromkeys(STATES, _state),
    "split": _split,
    "dividend": _dividend,
    "watch": _watch,
    "unwatch": _unwatch,
    **dict.fromkeys(PLAIN_COMMANDS, _plain),
    "theme": _theme,
    "speed": _speed,
    "jump": _jump,
    "help": _help,
}
