from __future__ import annotations

import ast
import statistics
from pathlib import Path

from tests.architecture.sources import name_of, nodes_of, sources

CODE = [path for path in sources("engine", "terminal") if path.stat().st_size]
FILE_LINES_MAX = 350
TEST_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
CLASS_METHODS_MAX = 45


def functions_of(path: Path) -> list[tuple[str, int]]:
    """Return a file's functions, each with its lines."""
    return [
        (node.name, node.end_lineno - node.lineno + 1)
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
    ]


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_a_file_holds_one_idea_and_ends_before_350_lines() -> None:
    assert not [name_of(path) for path in CODE if lines_of(path) > FILE_LINES_MAX]


def test_a_file_of_tests_ends_before_500_lines() -> None:
    assert not [name_of(path) for path in sources("tests") if lines_of(path) > TEST_LINES_MAX]


def test_a_function_ends_before_60_lines() -> None:
    long = [
        f"{name_of(path)}: {name} has {lines} lines"
        for path in [*CODE, *sources("tests")]
        for name, lines in functions_of(path)
        if lines > FUNCTION_LINES_MAX
    ]
    assert not long


def test_a_class_has_no_more_methods_than_a_person_can_hold() -> None:
    crowded = [
        f"{name_of(path)}: {node.name}"
        for path in CODE
        for node in nodes_of(path)
        if isinstance(node, ast.ClassDef)
        and sum(isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) for child in node.body)
        > CLASS_METHODS_MAX
    ]
    assert not crowded


def test_the_median_file_and_function_are_small() -> None:
    lines = [lines_of(path) for path in CODE]
    functions = [lines for path in CODE for _, lines in functions_of(path)]
    assert 30 <= statistics.median(lines) <= 250
    assert statistics.median(functions) <= 15
