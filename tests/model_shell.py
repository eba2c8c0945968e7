"""A shell with a home of its own, in which a person says commands about models."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal.__main__ import main

Says = Callable[..., str]
"""Says a command, with what is typed (`given`) and the exit code that is expected; returns what is printed."""


def shell(home: Path, patch: pytest.MonkeyPatch, printed: pytest.CaptureFixture[str], *first: str) -> Says:
    """Return what says commands; `first` comes before all that is said."""
    patch.setenv("TOUCHLINE_HOME", str(home / "home"))
    patch.chdir(home)

    def say(*arguments: str, given: str = "", code: int = 0) -> str:
        patch.setattr("sys.stdin", io.StringIO(given))
        assert main([*first, *arguments, "--key-file", str(home / "keys")]) == code, printed.readouterr()
        told = printed.readouterr()
        return told.out + told.err

    return say
