from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import DeskSettings
from engine.ids import OrderIds
from engine.model.ability_table import ABILITIES
from engine.model.text import clean
from terminal.orderline.completion import complete
from terminal.orderline.composer import Composer
from terminal.orderline.drawing import room_for_typing, row, typed_runs, width_of
from terminal.orderline.editor import LineEditor
from terminal.orderline.offers import abilities_for, in_short, offered
from tests.orderline_desk import desk


@pytest.mark.parametrize(
    ("text", "ghost"),
    [
        ("b 100 btc", "-usd"),
        ("b 100 BTC", "-USD"),
        ("x #", "12"),
        ("m #1", "2"),
        ("b 100 aapl @180.50", " lmt day"),
        ("b 100 aapl @180.50 ", "lmt day"),
        ("b 100 aapl @180.50 gtc", " lmt"),
        ("b 100 aapl mk", "t"),
        ("fl", "at"),
        ("b 100 aapl tr=1%", " day"),
        ("b 100 aapl mkt tp", "="),
        ("b 100 aapl mkt sl=-1% tp=+2r", " day"),
        ("", ""),
        ("nonsense here", ""),
    ],
)
def test_the_ghost_is_the_likeliest_rest_or_what_is_meant_unsaid(text: str, ghost: str) -> None:
    assert complete(text, desk()).ghost == ghost


@pytest.mark.parametrize(
    ("broker", "text", "ghost"),
    [
        ("binance", "b 1 btc-usd @180.50", " lmt gtc"),
        ("binance", "b 1 btc-usd mkt", " day"),
        ("binance", "b 1 btc-usd stp=190", " mkt gtc"),
        ("alpaca", "b 1 btc-usd @180.50", " lmt gtc"),
        ("alpaca", "b 100 aapl @180.50", " lmt day"),
    ],
)
def test_the_time_that_is_meant_unsaid_is_one_that_the_broker_has(broker: str, text: str, ghost: str) -> None:
    on = desk()
    on.abilities = ABILITIES[broker]
    assert complete(text, on).ghost == ghost


@pytest.mark.parametrize(
    ("broker", "text", "offered"),
    [
        ("paper", "b 1 btc-usd @180 d", ("day",)),
        ("binance", "b 1 btc-usd @180 d", ()),
        ("binance", "b 1 btc-usd d", ("day",)),
        ("binance", "b 1 btc-usd @180 p", ("pos", "po")),
        ("alpaca", "b 100 aapl @180 p", ("pos",)),
        ("binance", "b 1 btc-usd t", ("tp=",)),
        ("alpaca", "b 100 aapl t", ("tr=", "tp=")),
        ("alpaca", "b 1 btc-usd s", ("stp=",)),
        ("alpaca", "b 1 btc-usd @180 fo", ()),
        ("binance", "b 1 btc-usd stp=190 i", ()),
    ],
)
def test_only_what_the_broker_takes_for_the_symbol_is_offered(
    broker: str, text: str, offered: tuple[str, ...]
) -> None:
    on = desk()
    on.abilities = ABILITIES[broker]
    assert complete(text, on).candidates == offered


def test_what_a_broker_takes_is_said_in_one_line_for_the_symbol() -> None:
    on = desk()
    assert in_short(abilities_for((), on)) == ""
    on.abilities = ABILITIES["alpaca"]
    assert in_short(abilities_for(("b", "1", "btc-usd"), on)) == (
        "Alpaca takes of coins market, limit, stop-limit; limits GTC, IOC"
    )
    assert in_short(abilities_for(("aapl",), on)) == (
        "Alpaca takes market, limit, stop, stop-limit, trailing; limits DAY, GTC, IOC, FOK"
    )


def test_of_words_that_are_no_order_yet_every_option_may_follow() -> None:
    coins = ABILITIES["binance"].usual
    assert offered(("b", "1", "btc-usd", "@"), coins) == offered(("x", "#12"), coins)
    assert "day" in offered(("b", "1", "btc-usd", "tr=1%"), coins)


def test_defaults_are_shown_but_never_inserted() -> None:
    assert complete("b 100 aapl @180.50", desk()).insert == ""


def test_a_symbol_that_is_a_word_is_offered_with_its_quote() -> None:
    assert "'DAY" in complete("b 100 da", desk()).candidates


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40), st.integers(20, 120), st.booleans())
def test_any_text_is_drawn_in_exactly_its_width(text: str, width: int, staged: bool) -> None:
    line = Composer(desk(held=100), OrderIds(0), "PAPER-1", DeskSettings())
    line.put(text)
    if staged:
        line.stage(text, 0)
    line.enter(10**9)
    typed = typed_runs(line.editor, line.ghost, width, focused=True, wrong=line.wrong)
    drawn = row(typed, line.meaning(), width, room_for_typing(line.meaning(), width))
    assert width_of(drawn) == width
    assert all(clean(text) == text for text, _ in drawn)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "é", "e\u0301", "語", " ", "left", "word_left", "home", "backspace", "delete"])
    )
)
def test_the_cursor_stays_within_the_text(keys: list[str]) -> None:
    editor = LineEditor()
    for key in keys:
        move = getattr(editor, key, None)
        if move is None:
            editor.insert(key)
        else:
            move()
        assert 0 <= editor.cursor <= len(editor.text)
