from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.order import TimeInForce
from terminal.orderline.describe import describe
from terminal.orderline.errors import ParseError
from terminal.orderline.grammar import parse
from terminal.orderline.lines import (
    Absolute,
    FocusLine,
    Intent,
    Offset,
    OffsetUnit,
    OrderLine,
    PriceBase,
    Relative,
    Units,
)
from terminal.orderline.manual import MANUAL

WORDS = [
    "b",
    "s",
    "ss",
    "bc",
    "buy",
    "sell",
    "100",
    "5k",
    "2.5k",
    "$10k",
    "25%",
    "pos",
    "pos/2",
    "split",
    "dividend",
    "4:1",
    "cash=57.40",
    "-0.24",
    "r$200",
    "aapl",
    "nvda",
    "btc-usd",
    "'day",
    "'b",
    "brk.b",
    "189.5",
    "@189.5",
    "mkt",
    "bid",
    "ask",
    "mid",
    "last",
    "ask+.05",
    "bid-2t",
    "mid+5bp",
    "stp=185",
    "stp=bid-5t",
    "tr=1%",
    "tr=.50",
    "tr=5t",
    "sl=185",
    "sl=-2%",
    "sl=-50t",
    "sl=-1.5",
    "sl=tr1%",
    "sl=bid-5t",
    "tp=195",
    "tp=+2R",
    "tp=.5r",
    "tp=+3%",
    "sl",
    "oco",
    "day",
    "gtc",
    "ioc",
    "fok",
    "ro",
    "po",
    "lmt",
    "via=x",
    "x",
    "#12",
    "xx",
    "m",
    "p+2t",
    "p=189",
    "q=200",
    "q-50",
    "stp-1t",
    "flat",
    "flat!",
    "rev",
    "halt",
    "reduce",
    "resume",
    "firm",
    "desks",
    "alerts",
    "go",
    "ch",
    "risk",
    "health",
    "theme",
    "dark",
    "pause",
    "play",
    "step",
    "speed",
    "10",
    "max",
    "jump",
    "14:30",
    "limits",
    "quit",
    "help",
]

lines = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)
orders = st.builds(
    " ".join,
    st.tuples(
        st.sampled_from(("b", "s", "bc", "buy", "SELL")),
        st.sampled_from(("", "100", "2.5k", "$10k", "25%", "pos/2", ".5", "r$200")),
        st.sampled_from(("", "aapl", "BTC-USD", "'day", "'100")),
        st.sampled_from(("", "mkt", "@189.5", "ask+.05", "bid-2t", "mid+5bp", "last")),
        st.sampled_from(("", "stp=185", "gtc", "ioc ro", "day", "oco stp=185", "oco tr=1%")),
        st.sampled_from(("", "sl=-2%", "sl=185", "sl=-1.5", "sl=tr5t")),
        st.sampled_from(("", "tp=+2R", "tp=195", "tp=+50t", "tp=ask+1")),
    ),
)


def refusal(text: str, symbols: tuple[str, ...] = ()) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(text, symbols)
    return caught.value


def test_an_order_is_read_in_full() -> None:
    assert parse("b 100 AAPL ask+.05 gtc po") == OrderLine(
        intent=Intent.BUY,
        quantity=Units(Decimal(100)),
        symbol="AAPL",
        price=Relative(PriceBase.ASK, Offset(Decimal(".05"), OffsetUnit.PRICE)),
        tif=TimeInForce.GTC,
        post_only=True,
    )


def test_a_bare_number_after_the_symbol_is_the_price() -> None:
    line = parse("b 100 AAPL 189.5")
    assert isinstance(line, OrderLine)
    assert line.price == Absolute(Decimal("189.5"))


@pytest.mark.parametrize(
    ("text", "word", "offending"),
    [
        ("b 100 200", "@200", "200"),
        ("b AAPL 100", "size or the price", "100"),
        ("b 100 AAPL $5", "before the symbol", "$5"),
        ("b r$200 AAPL", "by the loss at its stop", "AAPL"),
        ("b r$0 AAPL sl=-1%", "more than zero", "r$0"),
        ("b 100 AAPL tp=+2R", "R is the distance of the stop", "tp=+2R"),
        ("b 100 AAPL sl=-1% tp=-2R", "tp=+2R", "tp=-2R"),
        ("b 100 AAPL sl=-1% sl=185", "already has a stop loss", "sl=185"),
        ("b 100 AAPL sl=x", "expected a number", "sl=x"),
        ("b 100 AAPL sl=-0%", "more than zero", "sl=-0%"),
        ("b 100 AAPL sl=trx", "expected a distance", "sl=trx"),
        ("b 100 AAPL tr=1% sl=185", "sl=tr1%", "sl=185"),
        ("s pos AAPL sl=-1%", "only closes", "sl=-1%"),
        ("bc 100 AAPL tp=+1%", "only closes", "tp=+1%"),
        ("s 100 AAPL ro tp=195", "only closes", "tp=195"),
        ("b 100 AAPL oco", "joins a limit and a stop", "oco"),
        ("s 100 AAPL 195 oco", "joins a limit and a stop", "oco"),
        ("s 100 AAPL mkt oco stp=185", "joins a limit and a stop", "stp=185"),
        ("s 100 AAPL 195 oco stp=185 ioc", "never wait", "ioc"),
        ("s 100 AAPL 195 oco stp=185 sl=190", "takes no sl=", "sl=190"),
        ("b 100 AAPL day gtc", "already has", "gtc"),
        ("b 100 AAPL bid po ioc", "never do", "ioc"),
        ("b 100 AAPL tr=1% 189", "takes no price", "189"),
        ("b 0 AAPL", "more than zero", "0"),
        ("100 AAPL", "side comes first", "100"),
        ("AAPL b 100", "begins with its side", "b"),
        ("b 100 AAPL ask+x", "is not a price", "ask+x"),
        ("b 100 go", "'GO", "go"),
        ("x", "symbol or an order's number", ""),
        ("m #12", "needs a change", ""),
        ("m #12 p+2t p=5", "changed twice", "p=5"),
        ("jump 25:00", "not a time of day", "25:00"),
        ("ss pos AAPL", "use s", "AAPL"),
        ("b ١٠٠ AAPL", "not a symbol", "١٠٠"),  # noqa: RUF001  # digits, but not ours
    ],
)
def test_what_is_ambiguous_or_wrong_is_refused_where_it_stands(text: str, word: str, offending: str) -> None:
    error = refusal(text)
    assert word in error.sentence
    assert text[error.start : error.end] == offending


def test_a_listed_symbol_that_is_an_option_word_needs_its_quote() -> None:
    assert "'DAY" in refusal("b 100 day", ("DAY",)).sentence
    assert parse("b 100 'day", ("DAY",)) == parse("b 100 'DAY")
    assert parse("b 100 AAPL day", ("DAY",)) == parse("b 100 aapl day")


def test_a_quote_makes_a_symbol_of_a_word() -> None:
    assert parse("'B") == FocusLine("B")
    assert "word and a listed symbol" in refusal("x", ("X",)).sentence


@settings(deadline=None, max_examples=400)
@given(lines | orders)
def test_a_described_line_parses_to_itself(text: str) -> None:
    try:
        line = parse(text)
    except ParseError:
        return
    assert parse(describe(line)) == line


@settings(deadline=None)
@given(orders)
def test_generated_orders_are_mostly_lines(text: str) -> None:
    try:
        line = parse(text)
    except ParseError as error:
        assert error.sentence  # noqa: PT017  # the sentence is what the trader gets
    else:
        assert isinstance(line, OrderLine)


@settings(deadline=None, max_examples=400)
@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS) | st.text(max_size=8)).map(" ".join))
def test_arbitrary_text_raises_nothing_but_a_parse_error(text: str) -> None:
    try:
        parse(text)
    except ParseError as error:
        assert 0 <= error.start <= error.end <= len(text)  # noqa: PT017
        assert error.sentence.isprintable()  # noqa: PT017


@pytest.mark.parametrize(
    "text", ["b " * 5000, "\x1b[31mb 100", "\x00", "\u2019" * 10_000, "b 1e999 AAPL", "b " + "9" * 300]
)
def test_escapes_and_huge_texts_are_refused_in_a_printable_sentence(text: str) -> None:
    assert refusal(text).sentence.isprintable()


@settings(deadline=None)
@given(lines, st.sampled_from([" ", "  ", "\t", " \u00a0"]))
def test_case_and_white_space_do_not_matter(text: str, space: str) -> None:
    def outcome(line: str) -> object:
        try:
            return parse(line)
        except ParseError as error:
            return error.sentence.upper()

    changed = f"{space}{text.upper().replace(' ', space)}{space}"
    assert outcome(changed) == outcome(text) or isinstance(outcome(text), str)
    assert isinstance(outcome(changed), str) is isinstance(outcome(text), str)


@pytest.mark.parametrize("text", [text for _, entries in MANUAL for text, _ in entries])
def test_every_line_of_the_help_is_a_line(text: str) -> None:
    assert parse(describe(parse(text))) == parse(text)
