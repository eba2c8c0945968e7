from __future__ import annotations

import ast

from tests.architecture.sources import name_of, nodes_of, sources

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


def test_only_the_clock_reads_the_time() -> None:
    readings = [
        f"{name_of(path)}, line {node.lineno}: {ast.unparse(node)}"
        for path in sources("engine", "terminal")
        if name_of(path) not in ALLOWED
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute)
        and node.attr in CLOCKS
        and isinstance(node.value, ast.Name)
        and node.value.id in OWNERS
    ]
    assert not readings
