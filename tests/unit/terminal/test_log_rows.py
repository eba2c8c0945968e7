"""A line of the log fills its row to the cell, and says where something of it did not fit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.messages.log_line import Level, LogLine
from terminal.log.log_rows import row

FIELDS = {"symbol": "NVDA", "side": "buy", "quantity": 100, "origin": "line"}


def shown(width: int, fields: Mapping[str, object]) -> str:
    line = LogLine(1, Level.INFO, "orders", "order submitted", "id-1", "", "id-1", tuple(fields.items()))
    return "".join(text for text, _ in row(line, width, UTC, chosen=False))


@given(st.integers(50, 200), st.dictionaries(st.text("abcde_", min_size=1), st.text(max_size=30), max_size=8))
def test_it_has_as_many_cells_as_the_row(width: int, fields: dict[str, str]) -> None:
    assert cell_len(shown(width, fields)) == width


def test_no_name_stands_without_what_it_names_and_what_is_cut_is_told() -> None:
    whole = shown(110, FIELDS)
    assert whole.rstrip().endswith("origin line")
    for width in range(50, cell_len(whole.rstrip())):
        said = shown(width, FIELDS).rstrip()
        assert said.endswith("…")
        assert said.rstrip("…").split()[-1] not in FIELDS, said
