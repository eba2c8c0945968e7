"""A line as its shortest text: what the audit trail keeps. `parse(describe(line)) == line`."""

from __future__ import annotations

from decimal import Decimal
from functools import singledispatch

from terminal.orderline.lines import (
    Absolute,
    AmendLine,
    AtMarket,
    CancelAllLine,
    CancelOrderLine,
    CancelStrategyLine,
    CancelSymbolLine,
    Change,
    DividendLine,
    FlatLine,
    FocusLine,
    Goal,
    HelpLine,
    JumpLine,
    Line,
    Money,
    Multiple,
    Offset,
    OrderLine,
    PaneLine,
    PlainLine,
    PowerShare,
    Price,
    Protection,
    Quantity,
    QuantityChange,
    Relative,
    ReverseLine,
    Risk,
    SpeedLine,
    SplitLine,
    StateLine,
    ThemeLine,
    Trail,
    Units,
    UnwatchLine,
    WatchLine,
)
from terminal.orderline.strategies import strategy_word
from terminal.orderline.tokens import plain_symbol
from terminal.orderline.words import (
    EITHER_OR,
    FIRM,
    MARKET,
    PANES,
    POST_ONLY,
    REDUCE_ONLY,
    RESERVED,
    STATES,
    VIEWS,
)

_STATE_WORDS = {state: word for word, state in STATES.items()}
_VIEW_WORDS = {pane: word for word, pane in VIEWS.items()}
_PANE_WORDS = {pane: word for word, pane in PANES.items()}


def describe(line: Line) -> str:
    """Write a line so that parsing it gives the same line."""
    return " ".join(part for part in _parts(line) if part)


@singledispatch
def _parts(line: Line) -> list[str]:
    raise TypeError(f"expected a line, found {type(line).__name__}")


@_parts.register
def _(line: OrderLine) -> list[str]:
    return [
        line.intent.value,
        _quantity(line.quantity) if line.quantity else "",
        symbol_word(line.symbol) if line.symbol else "",
        _price(line.price, at=True) if line.price else "",
        f"stp={_price(line.stop)}" if line.stop else "",
        f"tr={_trail(line.trail)}" if line.trail else "",
        f"sl={level_word(line.protection)}" if line.protection else "",
        f"tp={level_word(line.goal)}" if line.goal else "",
        EITHER_OR if line.either_or else "",
        line.tif.value if line.tif else "",
        REDUCE_ONLY if line.reduce_only else "",
        POST_ONLY if line.post_only else "",
        strategy_word(line.strategy) if line.strategy else "",
    ]


@_parts.register
def _(line: CancelOrderLine) -> list[str]:
    return ["x", f"#{line.number}"]


@_parts.register
def _(line: CancelSymbolLine) -> list[str]:
    return ["x", symbol_word(line.symbol)]


@_parts.register
def _(line: CancelStrategyLine) -> list[str]:
    return ["x", strategy_word(line.strategy)]


@_parts.register
def _(_line: CancelAllLine) -> list[str]:
    return ["xx"]


@_parts.register
def _(line: AmendLine) -> list[str]:
    quantity = _quantity_change(line.quantity) if line.quantity else ""
    return ["m", f"#{line.number}", _change("p", line.limit), quantity, _change("stp", line.stop)]


@_parts.register
def _(line: FlatLine) -> list[str]:
    return ["flat!"] if line.everything else ["flat", _optional(line.symbol)]


@_parts.register
def _(line: ReverseLine) -> list[str]:
    return ["rev", _optional(line.symbol)]


@_parts.register
def _(line: StateLine) -> list[str]:
    scope = strategy_word(line.strategy) if line.strategy else FIRM if line.firm else _optional(line.symbol)
    return [_STATE_WORDS[line.state], scope]


@_parts.register
def _(line: SplitLine) -> list[str]:
    cash = f"cash={_plain(line.cash)}" if line.cash is not None else ""
    return ["split", _optional(line.symbol), f"{line.new}:{line.old}", cash]


@_parts.register
def _(line: DividendLine) -> list[str]:
    return ["dividend", _optional(line.symbol), _plain(line.per_unit)]


@_parts.register
def _(line: WatchLine) -> list[str]:
    return ["watch", symbol_word(line.symbol)]


@_parts.register
def _(line: UnwatchLine) -> list[str]:
    return ["unwatch", _optional(line.symbol)]


@_parts.register
def _(line: FocusLine) -> list[str]:
    return [symbol_word(line.symbol), _VIEW_WORDS[line.pane] if line.pane else ""]


@_parts.register
def _(line: PaneLine) -> list[str]:
    return [_PANE_WORDS[line.pane], "go"]


@_parts.register
def _(line: ThemeLine) -> list[str]:
    return ["theme", line.name or ""]


@_parts.register
def _(line: PlainLine) -> list[str]:
    return [line.word]


@_parts.register
def _(line: SpeedLine) -> list[str]:
    return ["speed", _plain(line.speed) if line.speed else "max"]


@_parts.register
def _(line: JumpLine) -> list[str]:
    minute, second = divmod(line.second, 60)
    return ["jump", f"{minute // 60:02d}:{minute % 60:02d}:{second:02d}"]


@_parts.register
def _(line: HelpLine) -> list[str]:
    return ["help", line.topic or ""]


def symbol_word(symbol: str) -> str:
    """Write a symbol, quoted where it would be read as something else."""
    word = symbol.lower()
    return f"'{symbol}" if word in RESERVED or word in PANES or not plain_symbol(word) else symbol


def pegged_word(line: Line) -> str:
    """Write an order's price where it moves with the market: bid, ask+.05; empty for any other."""
    price = line.price if isinstance(line, OrderLine) else None
    return _price(price) if isinstance(price, Relative) else ""


def level_word(level: Protection | Goal) -> str:
    """Write where an exit stands: 185, -2%, tr1%, +2R."""
    if isinstance(level, Multiple):
        return f"+{_plain(level.amount)}R"
    if isinstance(level, Trail):
        return f"tr{_trail(level)}"
    return _offset(level) if isinstance(level, Offset) else _price(level)


def _optional(symbol: str | None) -> str:
    return symbol_word(symbol) if symbol else ""


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quantity(quantity: Quantity) -> str:
    if isinstance(quantity, Units):
        return _plain(quantity.amount)
    if isinstance(quantity, Money):
        return f"${_plain(quantity.amount)}"
    if isinstance(quantity, Risk):
        return f"r${_plain(quantity.amount)}"
    if isinstance(quantity, PowerShare):
        return f"{_plain(quantity.percent)}%"
    return "pos" if quantity.divisor == 1 else f"pos/{_plain(quantity.divisor)}"


def _price(price: Price, *, at: bool = False) -> str:
    if isinstance(price, AtMarket):
        return MARKET
    if isinstance(price, Absolute):
        return f"@{_plain(price.price)}" if at else _plain(price.price)
    return price.base.value + (_offset(price.offset) if price.offset else "")


def _trail(trail: Trail) -> str:
    return f"{_plain(trail.amount)}{trail.unit.value}"


def _offset(offset: Offset) -> str:
    sign = "-" if offset.amount < 0 else "+"
    return f"{sign}{_plain(abs(offset.amount))}{offset.unit.value}"


def _change(name: str, change: Change | None) -> str:
    if change is None:
        return ""
    if change.step is not None:
        return name + _offset(change.step)
    return f"{name}={_price(change.value)}" if change.value else ""


def _quantity_change(change: QuantityChange) -> str:
    if not change.relative:
        return f"q={_plain(change.amount)}"
    return f"q{'-' if change.amount < 0 else '+'}{_plain(abs(change.amount))}"
