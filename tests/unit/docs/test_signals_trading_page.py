"""The page about orders of models says what the program does: its keys, its commands, its limits."""

from __future__ import annotations

import re
import shlex

from msgspec.structs import fields
from textual.binding import Binding

from engine.settings.signals import SignalLimits
from engine.signals.trading.signal_id import signal_id, version_in
from terminal.cli import parse_args
from terminal.layouts import _FOUR_FROM
from terminal.screens.list_page import ListPage
from terminal.screens.signals_page import SignalsPage
from terminal.widgets.quote_signals import _AT_ODDS, _SILENT
from terminal.widgets.signal_pane import _HALVED_FROM
from tests.documented import blocks, page, rows, section
from tests.signal_views import CHAMPION, signals

PAGE = page("docs/signals-trading.md")


def test_every_command_of_the_page_can_be_said() -> None:
    lines = [line for block in blocks(PAGE, "text") for line in block.splitlines()]
    assert {parse_args(shlex.split(line)[1:]).errand for line in lines} == {"sign-off", "rehearse"}


def test_the_page_tells_the_keys_of_the_signals_page() -> None:
    told = {
        key for keys, _ in rows(section(PAGE, "## The signals page")) for key in re.findall("`(.)`", keys)
    }
    bindings = (*ListPage.BINDINGS, *SignalsPage.BINDINGS)
    bound = {key for each in bindings if isinstance(each, Binding) for key in each.key.split(",")}
    assert told - {"⏎"} == {key for key in bound if len(key) == 1} - {"q"}


def test_the_page_tells_from_which_sizes_the_pane_has_more() -> None:
    told = section(PAGE, "## The signals pane")
    assert f"{_FOUR_FROM} columns or more" in told
    assert f"a pane of {_HALVED_FROM} rows or more" in told
    assert {f"`{key}`" for key in ("0", "w", "⏎", "z", "d")} <= set(re.findall("`.`", told))
    marks = {text for text, _ in (_SILENT, _AT_ODDS)}
    assert all(f"`{mark}`" in told for mark in marks)


def test_every_limit_is_told() -> None:
    told = set(re.findall(r"`(?:limits\.)?(\w+)`", PAGE))
    assert {field.name for field in fields(SignalLimits)} <= told


def test_the_correlation_of_a_signal_looks_as_it_is_told() -> None:
    made = signal_id(signals().signals[0])
    assert re.fullmatch(f"sig-{CHAMPION}-[0-9a-z]+-AAPL", made)
    assert version_in(made) == CHAMPION
    assert version_in("mx04-k7") == version_in("") == ""
