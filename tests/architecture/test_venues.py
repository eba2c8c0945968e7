"""The venues that tests try the adapters at share no code with the program, so that one wrong belief is not in both."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import name_of, parsed, sources

ALLOWED = {"tests", "websockets", "msgspec", "pyarrow", "cryptography"}
"""Besides what Python brings: carriers, a reader of recordings, a curve's arithmetic; nothing that knows a venue."""
VENUES = sources("tests/venues")


def imported(path: Path) -> set[str]:
    """Return what a file imports, wherever in it, in full."""
    nodes = list(ast.walk(parsed(path)))
    whole = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    return whole | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", VENUES, ids=name_of)
def test_a_venue_imports_nothing_of_the_program(path: Path) -> None:
    tops = {name.partition(".")[0] for name in imported(path)}
    assert tops - set(sys.stdlib_module_names) <= ALLOWED
    ours = {name for name in imported(path) if name.startswith("tests")}
    assert all(name.startswith("tests.venues") for name in ours)


@pytest.mark.parametrize("path", sources("engine", "terminal"), ids=name_of)
def test_the_program_imports_nothing_of_the_venues(path: Path) -> None:
    assert not any(name.partition(".")[0] == "tests" for name in imported(path))


def test_every_venue_is_looked_at() -> None:
    assert {f"tests/venues/{name}/venue.py" for name in ("kraken", "binance", "alpaca", "coinbase")} <= {
        *map(name_of, VENUES)
    }
