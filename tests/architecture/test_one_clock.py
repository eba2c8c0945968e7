from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import name_of, parsed, sources

ALLOWED = {
    "engine/clock.py",  # it is the clock
}
CLOCKS = {
    "time",
    "time_ns",
    "perf_counter",
    "perf_counter_ns",
    "monotonic",
    "monotonic_ns",
    "now",
    "utcnow",
    "today",
}
OWNERS = {"time", "datetime", "date"}


@pytest.mark.parametrize("path", sources("engine", "terminal"), ids=name_of)
def test_only_the_clock_reads_the_time(path: Path) -> None:
    if name_of(path) in ALLOWED:
        return
    readings = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and node.attr in CLOCKS
        and isinstance(node.value, ast.Name)
        and node.value.id in OWNERS
    ]
    assert not readings
