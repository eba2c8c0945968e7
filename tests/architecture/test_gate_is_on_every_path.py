"""No order reaches a broker but through the order manager, which asks the gate and the journal first."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, name_of, parsed, sources

SENDS = {"submit", "amend"}
BROKER_CALLERS = {"engine/execution"}


def broker_calls(path: Path) -> list[ast.Call]:
    """Return the calls of a broker's submit and amend in a file."""
    return [
        node
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in SENDS
        and "broker" in ast.unparse(node.func.value).lower()
    ]


@pytest.mark.parametrize("path", sources("engine", "terminal"), ids=name_of)
def test_only_execution_hands_orders_to_a_broker(path: Path) -> None:
    if broker_calls(path):
        assert str(path.parent.relative_to(ROOT)) in BROKER_CALLERS


def test_execution_does_hand_orders_to_a_broker() -> None:
    assert any(broker_calls(path) for path in sources("engine/execution"))


def enclosing_functions(path: Path) -> list[ast.FunctionDef]:
    """Return the functions of a file that call a broker's submit or amend."""
    calls = {id(call) for call in broker_calls(path)}
    return [
        node
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef) and any(id(child) in calls for child in ast.walk(node))
    ]


@pytest.mark.parametrize("path", [p for p in sources("engine/execution") if broker_calls(p)], ids=name_of)
def test_the_gate_and_the_journal_come_before_every_send(path: Path) -> None:
    for function in enclosing_functions(path):
        text = ast.unparse(function)
        send = min(text.find(f"broker.{verb}(") for verb in SENDS if f"broker.{verb}(" in text)
        assert "gate.check" in text[:send], f"{function.name} sends without asking the gate"
        assert "journal" in text[:send] or "record" in text[:send], (
            f"{function.name} sends before it is written"
        )
