"""Numbers of the grammar: sizes, prices, offsets, distances. Decimal, never float."""

from __future__ import annotations

import re
from decimal import Decimal

from terminal.orderline.lines import (
    Absolute,
    AtMarket,
    Goal,
    Limit,
    Money,
    Multiple,
    Offset,
    OffsetUnit,
    PositionShare,
    PowerShare,
    Price,
    PriceBase,
    Protection,
    Quantity,
    Relative,
    Risk,
    Trail,
    TrailUnit,
    Units,
)
from terminal.orderline.tokens import Token, shown
from terminal.orderline.words import MARKET

_NUMBER = r"(?:\d{1,15}(?:\.\d{0,12})?|\.\d{1,12})"
NUMBER = re.compile(_NUMBER, re.ASCII)
_SIZE = re.compile(rf"(\$?)({_NUMBER})([km]?)", re.ASCII)
_PERCENT = re.compile(rf"({_NUMBER})%", re.ASCII)
_POSITION = re.compile(rf"pos(?:/({_NUMBER}))?", re.ASCII)
_RISK = re.compile(rf"r\$({_NUMBER})([km]?)", re.ASCII)
_RELATIVE = re.compile(rf"(bid|ask|mid|last)(?:([+-])({_NUMBER})(t|bp)?)?", re.ASCII)
_OFFSET = re.compile(rf"([+-])({_NUMBER})(t|bp)?", re.ASCII)
_STEP = re.compile(rf"([+-])({_NUMBER})(t|bp|%)?", re.ASCII)
_MULTIPLE = re.compile(rf"\+?({_NUMBER})r", re.ASCII)
_TRAIL = re.compile(rf"({_NUMBER})(t|%)?", re.ASCII)
_THOUSANDS = {"": Decimal(1), "k": Decimal(1000), "m": Decimal(1_000_000)}


def number(token: Token, text: str, what: str) -> Decimal:
    """Read a plain number greater than zero.

    Raises:
        ParseError: it is not one.
    """
    if not NUMBER.fullmatch(text):
        raise token.error(f"{what}: expected a number such as 189.5, found {shown(text) or 'nothing'}")
    value = Decimal(text)
    if value == 0:
        raise token.error(f"{what}: expected more than zero")
    return value


def quantity(token: Token) -> Quantity | None:
    """Read a size: 100, 2.5k, $10k, r$200, 25%, pos, pos/2; None when it does not look like one.

    Raises:
        ParseError: it is a size that can't be used.
    """
    text = token.text
    if match := _RISK.fullmatch(text):
        return Risk(number(token, match[1], "size") * _THOUSANDS[match[2]])
    if match := _SIZE.fullmatch(text):
        amount = number(token, match[2], "size") * _THOUSANDS[match[3]]
        return Money(amount) if match[1] else Units(amount)
    if match := _PERCENT.fullmatch(text):
        return _power_share(token, match[1])
    if match := _POSITION.fullmatch(text):
        divisor = number(token, match[1], "size") if match[1] else Decimal(1)
        if divisor < 1:
            raise token.error(f"{text} is more than the position")
        return PositionShare(divisor)
    return None


def _power_share(token: Token, text: str) -> PowerShare:
    percent = number(token, text, "size")
    if percent > 100:
        raise token.error(f"{text}% is more than the buying power")
    return PowerShare(percent)


def price(token: Token) -> Price | None:
    """Read a price: mkt, 189.5, @189.5, bid, ask+.05; None when it does not look like one.

    Raises:
        ParseError: it begins like a price and goes wrong.
    """
    text = token.text
    at = text.startswith("@")
    if at:
        text = text[1:]
    if text == MARKET:
        return AtMarket()
    if NUMBER.fullmatch(text):
        return Absolute(number(token, text, "price"))
    relative = _relative(text)
    if relative is None and (at or _begins_like_a_base(text)):
        raise token.error(f"{shown(text)} is not a price: mkt, 189.5, bid, ask+.05, mid-2t, last+5bp are")
    return relative


def limit(token: Token, text: str, what: str) -> Limit:
    """Read a price that has a value: 189.5 or bid-2t.

    Raises:
        ParseError: it is something else.
    """
    relative = _relative(text.removeprefix("@"))
    return relative or Absolute(number(token, text.removeprefix("@"), what))


def offset(text: str) -> Offset | None:
    """Read a step: +.05, -2t, +5bp; None when it is something else."""
    match = _OFFSET.fullmatch(text)
    return None if match is None else _offset(match[1], match[2], match[3])


def trail(token: Token, text: str) -> Trail:
    """Read a trailing distance: 1%, .50, 5t.

    Raises:
        ParseError: it is something else.
    """
    match = _TRAIL.fullmatch(text)
    if match is None:
        raise token.error(f"{shown(token.text)}: expected a distance such as tr=1%, tr=.50 or tr=5t")
    amount = number(token, match[1], "tr")
    unit = TrailUnit(match[2] or "")
    if unit is TrailUnit.PERCENT and amount >= 100:
        raise token.error(f"{shown(token.text)}: expected less than 100%")
    if unit is TrailUnit.TICKS and amount != int(amount):
        raise token.error(f"{shown(token.text)}: expected whole ticks")
    return Trail(amount, unit)


def protection(token: Token, text: str) -> Protection:
    """Read where a stop stands: 185, bid-2t, -2%, -50t, -1.5, tr1%.

    Raises:
        ParseError: it is something else.
    """
    if text.startswith("tr"):
        return trail(token, text.removeprefix("tr").removeprefix("="))
    return _exit(token, text, "sl")


def goal(token: Token, text: str) -> Goal:
    """Read where a gain is taken: 195, ask+2t, +3%, +50t, +1.5, +2R.

    Raises:
        ParseError: it is something else.
    """
    if match := _MULTIPLE.fullmatch(text):
        return Multiple(number(token, match[1], "tp"))
    if text.startswith("-") and text.endswith("r"):
        raise token.error(
            f"{shown(token.text)}: R counts the gain, whichever the side: tp=+{shown(text[1:-1])}R"
        )
    return _exit(token, text, "tp")


def _exit(token: Token, text: str, what: str) -> Limit | Offset:
    match = _STEP.fullmatch(text)
    if match is None:
        return limit(token, text, what)
    number(token, match[2], what)
    return _offset(match[1], match[2], match[3])


def _relative(text: str) -> Relative | None:
    match = _RELATIVE.fullmatch(text)
    if match is None:
        return None
    step = _offset(match[2], match[3], match[4]) if match[2] else None
    return Relative(PriceBase(match[1]), step)


def _offset(sign: str, digits: str, unit: str | None) -> Offset:
    return Offset(Decimal(digits) if sign == "+" else -Decimal(digits), OffsetUnit(unit or ""))


def _begins_like_a_base(text: str) -> bool:
    return any(text.startswith((f"{base}+", f"{base}-")) for base in PriceBase)
