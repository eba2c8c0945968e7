"""Which accounts have a folder."""

from __future__ import annotations

from pathlib import Path

from engine.model.account import AccountMode

_MODES = tuple(mode.value for mode in AccountMode if mode is not AccountMode.REPLAY)


def accounts_in(folder: Path) -> list[str]:
    """Return the accounts that have a folder there, but no replay's and none that was moved aside."""
    names = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    return sorted(filter(is_account, names), key=lambda name: (_MODES.index(_mode_of(name)), name))


def is_account(name: str) -> bool:
    """Tell the name of an account that is gone on with from those of other things."""
    return _mode_of(name) in _MODES and "." not in name and "-until-" not in name


def _mode_of(name: str) -> str:
    """Return the mode in an account's folder name: `sim`, or `sim-bridge-PAPER-1`."""
    return name.partition("-")[0]
