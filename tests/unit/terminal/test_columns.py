from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal.strips import Run
from terminal.widgets.columns import Column, Columns

THREE = (
    Column("Sym", 8, right=False, keep=9),
    Column("Price", 9, keep=5),
    Column("Why", 20, right=False, keep=0),
)


TEXTS = st.text(st.characters(exclude_categories=("C", "M", "Z")), max_size=30)
"""What is drawn was cleaned before: no control characters."""


def text_of(runs: list[Run]) -> str:
    return "".join(text for text, _ in runs)


def row(*texts: str) -> list[Run]:
    return [(text, "text") for text in texts]


@given(st.lists(st.tuples(*[TEXTS] * 3), max_size=5), st.integers(0, 120))
@settings(deadline=None)
def test_rows_are_as_wide_as_their_heading_and_fit_once_there_is_room(
    rows: list[tuple[str, str, str]], room: int
) -> None:
    columns = Columns(THREE)
    columns.fit((row(*texts) for texts in rows), room)
    width = cell_len(text_of(columns.header()))
    assert all(cell_len(text_of(columns.write(row(*texts)))) == width for texts in rows)
    assert width <= max(room, 8)


def test_the_least_willing_column_stays() -> None:
    columns = Columns(THREE)
    for room, kept in [(40, "Sym Price Why"), (10, "Sym Price"), (5, "Sym")]:
        columns.fit([row("A", "1", "x")], room)
        assert text_of(columns.header()).split() == kept.split()


def test_the_heading_of_an_empty_list_is_not_crammed() -> None:
    columns = Columns(THREE)
    columns.fit([], 20)
    assert text_of(columns.header()).rstrip() == "Sym       Price"
    columns.fit([row("A", "1", "x")], 20)
    assert text_of(columns.header()).split() == ["Sym", "Price", "Why"]


def test_a_column_grows_and_never_shrinks() -> None:
    columns = Columns(THREE)
    columns.fit([row("LONGNAME", "1", "")], 60)
    grown = text_of(columns.header())
    columns.fit([row("A", "1", "")], 60)
    assert text_of(columns.header()) == grown


def test_a_text_wider_than_its_column_may_be_is_cut_with_an_ellipsis() -> None:
    columns = Columns(THREE)
    cells = row("A-VERY-LONG-SYMBOL", "1", "")
    columns.fit([cells], 60)
    assert text_of(columns.write(cells)).startswith("A-VERY-…")
