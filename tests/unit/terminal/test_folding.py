"""Lines that are too long are folded below what they belong to, and nothing of them is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from terminal.folding import folded, hung


def test_a_line_that_fits_stays_as_it_is() -> None:
    assert folded("  cash        981,196.00", 40) == ["  cash        981,196.00"]


def test_what_follows_a_label_stays_below_it() -> None:
    assert folded("day   +11.50 = equity less what it was", 24) == [
        "day   +11.50 = equity",
        "      less what it was",
    ]


def test_a_line_without_a_label_keeps_its_indent() -> None:
    assert folded("  one two three four", 11) == ["  one two", "  three", "  four"]


def test_a_long_label_does_not_push_the_text_out() -> None:
    pieces = folded(f"{'x' * 30}  some words that follow", 40)
    assert all(len(piece) <= 40 for piece in pieces)
    assert pieces[1].startswith(" " * 20)


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs"))), st.integers(1, 120))
def test_no_word_is_lost_and_no_piece_is_too_long(line: str, width: int) -> None:
    pieces = folded(line, width)
    assert "".join("".join(pieces).split()) == "".join(line.split())
    assert all(len(piece) <= width for piece in pieces)


@given(st.text("ab ", min_size=1), st.integers(1, 40), st.integers(0, 20))
def test_pieces_that_hang_are_indented(line: str, width: int, indent: int) -> None:
    assert all(piece.startswith(" " * indent) for piece in hung(line, width, indent)[1:])
