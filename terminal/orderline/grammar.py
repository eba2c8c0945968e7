"""Text to a line: the one parser for the order line, hotkeys, scripts and the audit trail.

    <side> [qty] [symbol] [price] [options]      x SYMBOL | x #12 | x as=NAME | xx | m #12 p+2t q=200
    flat [SYMBOL] | flat! | rev [SYMBOL]         halt | reduce | resume [SYMBOL | as=NAME | firm]
    split [SYMBOL] 4:1 [cash=57.40]              dividend [SYMBOL] 0.24
    watch SYMBOL                                 unwatch [SYMBOL]
    SYMBOL [go | ch | ...] | PANE go             theme, pause, play, step, speed, jump, limits, desks, alerts, log, help, quit

The side comes first, then size, symbol and price in this order; options in any order. Without a symbol
the focused one is meant, without a price the market's. A number before the symbol is the size, a number
after it the price; `b 100 200` is refused, since 200 may be either a price (@200) or a mistake.
"""

from __future__ import annotations

from collections.abc import Container

from terminal.orderline import commands
from terminal.orderline.errors import ParseError
from terminal.orderline.lines import FocusLine, Line, PaneLine
from terminal.orderline.orders import parse_order
from terminal.orderline.tokens import Reader, Token, shown, tokenize
from terminal.orderline.words import PANES, SIDES, VIEWS


def parse(text: str, symbols: Container[str] = ()) -> Line:
    """Read one line; case and the amount of white space don't matter.

    `symbols` are the listed ones, upper case: a word of the grammar that is also listed is refused where it
    could be meant as either.

    Raises:
        ParseError: nothing else, whatever the text is.
    """
    tokens = tokenize(text)
    reader = Reader(tokens, len(text))
    first = reader.expect("type an order such as b 100 AAPL ask+.05, or a symbol to look at it")
    if first.quoted:
        return _symbol(first, reader)
    _refuse_ambiguous(first, tokens, symbols)
    if first.text in SIDES:
        return parse_order(SIDES[first.text], reader, symbols)
    command = commands.PARSERS.get(first.text)
    if command is not None:
        return command(first, reader)
    if first.text in PANES and len(tokens) == 2 and tokens[1].text == "go":
        return PaneLine(PANES[first.text])
    return _symbol(first, reader)


def _refuse_ambiguous(first: Token, tokens: list[Token], symbols: Container[str]) -> None:
    """Refuse a line that a listed symbol and a word of the grammar would both explain."""
    is_word = first.text in SIDES or first.text in commands.PARSERS
    goes = len(tokens) == 2 and tokens[1].text in VIEWS and not tokens[1].quoted
    if first.text.upper() in symbols and (
        (is_word and len(tokens) == 1) or (goes and (is_word or first.text in PANES))
    ):
        raise first.error(
            f"{first.text} is a word and a listed symbol: write '{first.text.upper()} for the symbol"
        )


def _symbol(first: Token, reader: Reader) -> Line:
    """Read a symbol and what to look at of it."""
    symbol = first.symbol
    view = reader.take()
    if view is None:
        return FocusLine(symbol)
    if view.quoted or view.text not in VIEWS:
        raise _misplaced(first, view)
    reader.finish(f"{symbol} {view.text}")
    return FocusLine(symbol, VIEWS[view.text])


def _misplaced(first: Token, second: Token) -> ParseError:
    if first.text[:1].isdigit():
        return first.error(f"the side comes first: b or s, then {shown(first.text)}")
    views = ", ".join(VIEWS)
    return second.error(f"after a symbol come {views}; an order begins with its side: b, s, ss or bc")
