from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigError
from terminal.actions.table import ACTIONS, BY_ID
from terminal.keymap import check, load_keymap, refusal


def written(folder: Path, text: str) -> Path:
    path = folder / "keymap.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_keymap(written(folder, text))
    return str(caught.value)


def test_without_a_file_the_keys_are_as_they_are(tmp_path: Path) -> None:
    assert load_keymap(tmp_path / "keymap.toml") == {}


def test_the_default_keys_are_clear(tmp_path: Path) -> None:
    check({}, tmp_path)


def test_keys_are_read_by_character_or_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, '"trade.cancel" = "ctrl+d, delete"\n"desk.help" = ["!", "f1"]\n')
    assert load_keymap(path) == {"trade.cancel": "ctrl+d,delete", "desk.help": "exclamation_mark,f1"}


def test_two_actions_may_swap_their_keys(tmp_path: Path) -> None:
    path = written(tmp_path, '"trade.buy" = "s"\n"trade.sell" = "b"\n')
    assert load_keymap(path) == {"trade.buy": "s", "trade.sell": "b"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"trade.buy" = "s"', ("trade.buy", "trade.sell", "s everywhere")),
        ('"trade.buy" = "t"', ("trade.buy", "chart.timeframe", "in chart")),
        ('"chart.timeframe" = "b"', ("trade.buy", "chart.timeframe")),
        ('"trade.bye" = "y"', ("there is no action 'trade.bye'", "trade.buy")),
        ('"trade.buy" = "hyper+b"', ("'hyper+b' is not a key",)),
        ('"trade.buy" = "ctrl+i"', ("what terminals send for Tab",)),
        ('"trade.buy" = "ctrl+m"', ("what terminals send for Enter",)),
        ('"trade.buy" = "ctrl+h"', ("what terminals send for Backspace",)),
        ('"trade.buy" = "ctrl+shift+b"', ("can't send Ctrl with Shift",)),
        ('"trade.buy" = "ctrl+c"', ("copies",)),
        ('"trade.flatten" = "f"', ("would fire while typing",)),
        ('"trade.kill" = "ctrl+w"', ("would fire while typing",)),
        ('"trade.kill" = "enter"', ("would fire while typing",)),
        ('"trade.buy" = ""', ("each key once",)),
        ('"trade.buy" = "y,y"', ("each key once",)),
        ('"trade.buy" = 7', ("expected keys",)),
        ("trade.buy =", ("keymap.toml",)),
    ],
)
def test_what_would_be_unclear_is_refused_by_name(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    sentence = refused(tmp_path, text)
    for word in words:
        assert word in sentence


def test_every_default_key_can_be_sent_by_a_terminal() -> None:
    assert [key for action in ACTIONS for key in action.keys.split(",") if refusal(key, action)] == []


def test_the_way_out_works_while_typing() -> None:
    for name in ("trade.flatten", "trade.cancel_now", "trade.halt", "trade.arm", "trade.kill", "app.quit"):
        assert BY_ID[name].always
