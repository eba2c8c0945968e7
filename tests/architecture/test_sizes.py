from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

from tests.architecture.sources import name_of, parsed, sources

CODE = [path for path in sources("engine", "terminal") if path.stat().st_size]
FILE_LINES_MAX = 350
FUNCTION_LINES_MAX = 60
CLASS_METHODS_MAX = 45


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_a_file_holds_one_idea_and_ends_before_350_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES_MAX


@pytest.mark.parametrize("path", [*CODE, *sources("tests")], ids=name_of)
def test_a_function_ends_before_60_lines(path: Path) -> None:
    long = [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not long


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_a_class_has_no_more_methods_than_a_person_can_hold(path: Path) -> None:
    crowded = [
        node.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
        and sum(isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) for child in node.body)
        > CLASS_METHODS_MAX
    ]
    assert not crowded


def test_the_median_file_and_function_are_small() -> None:
    lines = [len(path.read_text(encoding="utf-8").splitlines()) for path in CODE]
    functions = [
        node.end_lineno - node.lineno + 1
        for path in CODE
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
    ]
    assert 30 <= statistics.median(lines) <= 250
    assert statistics.median(functions) <= 15
