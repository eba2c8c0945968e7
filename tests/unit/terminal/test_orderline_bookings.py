"""Splits and dividends on the order line: what they would make of the position, then twice Enter."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from engine.clock import NS_PER_MS
from engine.config import DeskSettings
from engine.ids import OrderIds
from engine.messages.commands import BookDividend, BookSplit
from terminal.desk import Desk
from terminal.orderline.completion import complete
from terminal.orderline.composer import Composer
from terminal.orderline.describe import describe
from terminal.orderline.errors import ParseError, ResolveError
from terminal.orderline.grammar import parse
from terminal.orderline.headline import headline
from terminal.orderline.intents import Action
from terminal.orderline.lines import DividendLine, SplitLine
from terminal.orderline.resolve import resolve
from tests.orderline_desk import AAPL, desk


def holding(quantity: int = 100) -> Desk:
    """Return a desk that holds AAPL, with no order working."""
    on = desk(held=quantity)
    on.orders.clear()
    return on


def asked(text: str, on: Desk | None = None) -> Action:
    return resolve(parse(text), on or holding(), OrderIds(0), 7, "PAPER-1")


def said(text: str, on: Desk | None = None) -> str:
    on = on or holding()
    return "".join(part for part, _ in headline(asked(text, on), on))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("split AAPL 4:1", SplitLine(4, 1, "AAPL")),
        ("split 1:10", SplitLine(1, 10)),
        ("SPLIT aapl 3:2 cash=57.40", SplitLine(3, 2, "AAPL", Decimal("57.40"))),
        ("split 'day 2:1", SplitLine(2, 1, "DAY")),
        ("dividend AAPL 0.24", DividendLine(Decimal("0.24"), "AAPL")),
        ("dividend .24", DividendLine(Decimal(".24"))),
        ("dividend AAPL -0.24", DividendLine(Decimal("-0.24"), "AAPL")),
    ],
)
def test_a_booking_is_read_and_written_as_it_was(text: str, line: SplitLine | DividendLine) -> None:
    assert parse(text) == line
    assert parse(describe(line)) == line


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("split", "split needs new for old: split AAPL 4:1"),
        ("split AAPL", "split needs new for old"),
        ("split AAPL 4", "'4' is not a split"),
        ("split AAPL 4:0", "is not a split"),
        ("split AAPL 2:2", "is not a split"),
        ("split AAPL -4:1", "is not a split"),
        ("split AAPL 4.5:1", "is not a split"),
        ("split AAPL 4:1 57.40", "after the ratio may come cash=57.40"),
        ("split AAPL 4:1 cash=0", "cash: expected more than zero"),
        ("split AAPL 4:1 cash=1 now", "one word too many"),
        ("dividend", "dividend needs an amount a share"),
        ("dividend AAPL", "dividend needs an amount a share"),
        ("dividend AAPL 0", "expected more than zero"),
        ("dividend AAPL --1", "expected a number"),
        ("dividend AAPL 1 2", "one word too many"),
    ],
)
def test_what_can_not_be_read_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert sentence.replace("'", "") in caught.value.sentence.replace("'", "")


@pytest.mark.parametrize("word", ["split", "dividend"])
def test_a_booking_needs_a_position(word: str) -> None:
    value = "4:1" if word == "split" else "0.24"
    with pytest.raises(ResolveError) as caught:
        asked(f"{word} AAPL {value}", holding(0))
    assert caught.value.sentence == f"a {word} is booked on what is held, and you are flat in AAPL"


def test_a_split_lists_the_orders_that_are_in_its_way_and_a_dividend_only_counts_them() -> None:
    on = desk(held=100)
    numbers = [f"#{order.number}" for order in on.working if order.symbol == AAPL]
    assert numbers
    with pytest.raises(ResolveError) as caught:
        asked("split AAPL 4:1", on)
    assert ", ".join(numbers) in caught.value.sentence
    assert "x AAPL cancels them" in caught.value.sentence
    assert f"{len(numbers)} working keep their prices" in said("dividend AAPL 0.24", on)


def test_what_a_part_was_paid_out_at_is_a_price_of_the_instrument() -> None:
    assert asked("split AAPL 4:1 cash=57.4") == BookSplit(AAPL, 4, 1, 57_400, origin="line")
    with pytest.raises(ResolveError, match=r"57\.12345"):
        asked("split AAPL 4:1 cash=57.12345")


def test_the_preview_says_what_becomes_of_size_average_and_cash() -> None:
    on = holding()
    on.positions[AAPL] = replace(on.positions[AAPL], quantity=101, average_cost="180")
    assert said("split AAPL 4:1", on) == "SPLIT AAPL 4:1  101 ▸ 404 at 45, same cost "
    assert said("split AAPL 1:2", on) == "SPLIT AAPL 1:2  101 ▸ 50 at 360, 0.5 to cash at its cost "
    assert "0.5 to cash at 361" in said("split AAPL 1:2 cash=361", on)
    assert said("dividend AAPL 0.24", on) == "DIVIDEND AAPL 0.24  on 101 = +24.24 USD cash "
    on.positions[AAPL] = replace(on.positions[AAPL], quantity=-101)
    assert "-101 ▸ -404" in said("split AAPL 4:1", on)
    assert "= -24.24 USD cash" in said("dividend AAPL 0.24", on)


def test_a_booking_is_made_by_the_second_enter_however_the_market_moves() -> None:
    on = holding()
    line = Composer(on, OrderIds(0), "PAPER-1", DeskSettings())
    line.put("split AAPL 4:1")
    now_ns = 10**9
    assert line.enter(now_ns) is None
    assert "".join(text for text, _ in line.meaning()).startswith(" ⏎ BOOK ")
    on.quotes[AAPL] = replace(on.quotes[AAPL], bid=90_000, ask=90_010)
    sent = line.enter(now_ns + 300 * NS_PER_MS)
    assert sent is not None
    assert sent == BookSplit(AAPL, 4, 1, origin="line")


def test_a_dividend_is_staged_too() -> None:
    line = Composer(holding(), OrderIds(0), "PAPER-1", DeskSettings())
    line.put("dividend 0.24")
    assert line.enter(10**9) is None
    sent = line.enter(10**9 + 300 * NS_PER_MS)
    assert sent is not None
    assert isinstance(sent, BookDividend)


def test_the_words_and_their_symbol_are_completed() -> None:
    assert complete("spl", holding()).insert == "it"
    assert complete("divi", holding()).insert == "dend"
    assert complete("split aa", holding()).insert == "pl"
