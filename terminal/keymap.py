"""The user's own keys: read from `keymap.toml` and checked before the desk opens.

    "orders.open" = "enter,o"
    "trade.cancel" = ["x", "delete"]

Textual lets one binding silently shadow another, so whatever could is refused here, in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from textual.keys import _character_to_key

from engine.errors import ConfigError
from engine.toml_files import read_toml
from terminal.actions.action import GLOBAL, Action
from terminal.actions.table import ACTIONS, BY_ID
from terminal.key_names import shown
from terminal.orderline.keys import TYPING

_MOVES = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown")
_NAMED = frozenset({*_MOVES, "enter", "escape", "tab", "space", "backspace", "delete", "insert"})
_FUNCTION = re.compile(r"(?:shift\+)?f(?:[1-9]|1\d|2[0-4])")
_ALIASES = {"ctrl+i": "Tab", "ctrl+m": "Enter", "ctrl+h": "Backspace", "ctrl+j": "a pasted line end"}
_RESERVED = {"ctrl+c": "copies", "ctrl+z": "suspends the program"}
_CHARACTERS = frozenset(_character_to_key(chr(code)) for code in range(0x21, 0x7F))
_SPECIAL = frozenset(
    {*(f"shift+{key}" for key in (*_MOVES, "tab", "insert", "delete")), *(f"ctrl+{key}" for key in _MOVES)}
)


def load_keymap(path: Path) -> dict[str, str]:
    """Read the user's keys, for `App.set_keymap`; without a file there are none.

    Raises:
        ConfigError: an action or a key is unknown, a terminal can't send the key, or two actions that can be
            meant at the same time have the same key; names both.
    """
    if not path.exists():
        return {}
    keymap = {name: ",".join(_keys(path, name, value)) for name, value in read_toml(path).items()}
    check(keymap, path)
    return keymap


def check(keymap: Mapping[str, str], path: Path) -> None:
    """Make sure that with these keys every key still means one thing.

    Raises:
        ConfigError: as for `load_keymap`.
    """
    chosen = {action: keymap.get(action.id, action.keys).split(",") for action in ACTIONS}
    for action, keys in chosen.items():
        for key in keys:
            if reason := refusal(key, action):
                raise ConfigError(f"{path}: {action.id}: {reason}")
    for context in sorted({action.context for action in ACTIONS}):
        _refuse_clashes(
            ((action, keys) for action, keys in chosen.items() if action.context in {GLOBAL, context}),
            context,
            path,
        )


def refusal(key: str, action: Action) -> str:
    """Say why an action can't have a key; empty when it can."""
    if key in _ALIASES:
        return f"{key} is what terminals send for {_ALIASES[key]}"
    if key in _RESERVED:
        return f"{key} {_RESERVED[key]}"
    if key.startswith(("ctrl+shift+", "shift+ctrl+")):
        return f"{key}: most terminals can't send Ctrl with Shift"
    if not _is_known(key):
        return f"{key!r} is not a key; x, X, f5, ctrl+t, shift+tab, delete, left_square_bracket are"
    if action.always and (key in TYPING or key in _CHARACTERS):
        return f"{shown(key)} would fire while typing: this action needs a function key or Ctrl with a letter"
    return ""


def _is_known(key: str) -> bool:
    if key in _NAMED or key in _CHARACTERS or key in _SPECIAL or _FUNCTION.fullmatch(key):
        return True
    return re.fullmatch(r"(?:ctrl|alt)\+[a-z]", key) is not None


def _keys(path: Path, name: str, value: object) -> list[str]:
    """Return the keys of one entry by Textual's names."""
    if name not in BY_ID:
        near = get_close_matches(name, BY_ID, 2)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ConfigError(f"{path}: there is no action {name!r}{hint}")
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not parts or not all(isinstance(key, str) for key in parts):
        raise ConfigError(f'{path}: {name}: expected keys such as "c,delete", found {value!r}')
    keys = [_name(key) for key in parts]
    if "" in keys or len(set(keys)) != len(keys):
        raise ConfigError(
            f'{path}: {name}: expected each key once and a comma by its name "comma", found {value!r}'
        )
    return keys


def _name(key: str) -> str:
    """Return Textual's name of a key: a lone character has a long one."""
    key = key.strip()
    if len(key) == 1:
        return _character_to_key(key)
    return key.lower()


def _refuse_clashes(chosen: Iterable[tuple[Action, list[str]]], context: str, path: Path) -> None:
    owners: dict[str, Action] = {}
    for action, keys in chosen:
        for key in keys:
            other = owners.setdefault(key, action)
            if other is not action:
                where = f"in {context}" if context else "everywhere"
                raise ConfigError(
                    f"{path}: {shown(key)} {where} would mean both {other.id} ({other.label}) and "
                    f"{action.id} ({action.label}): give one of them another key"
                )
