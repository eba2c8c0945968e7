"""The venues that tests try the adapters at share no code with the program, so that one wrong belief is not in both."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from tests.architecture.sources import name_of, nodes_of, sources

ALLOWED = {"websockets", "msgspec", "pyarrow", "cryptography"}
"""Besides what Python brings: carriers, a reader of recordings, a curve's arithmetic; nothing that knows a venue."""
VENUES = sources("tests/venues")


def imported(path: Path) -> set[str]:
    """Return what a file imports, wherever in it, in full."""
    nodes = nodes_of(path)
    whole = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    return whole | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def may_be_in_a_venue(name: str) -> bool:
    """Whether a venue may import it: its own kind, what Python brings, and the carriers."""
    top = name.partition(".")[0]
    return name.startswith("tests.venues") if top == "tests" else top in ALLOWED | sys.stdlib_module_names


def test_a_venue_imports_nothing_of_the_program() -> None:
    strange = [
        (name_of(path), name) for path in VENUES for name in imported(path) if not may_be_in_a_venue(name)
    ]
    assert not strange


def test_the_program_imports_nothing_of_the_venues() -> None:
    guilty = [
        name_of(path)
        for path in sources("engine", "terminal")
        if any(name.partition(".")[0] == "tests" for name in imported(path))
    ]
    assert not guilty


def test_every_venue_is_looked_at() -> None:
    assert {
        f"tests/venues/{name}/venue.py" for name in ("kraken", "binance", "alpaca", "coinbase", "ib")
    } <= {*map(name_of, VENUES)}
