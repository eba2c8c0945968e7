"""The desks that share a Redis as a table: on the desk's own page, and in a shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.messages.desk_views import DeskRow, Standing

_NAMED_MAX = 12
"""How many symbols a row names."""
HEADING = f"{'desk':<18}{'account':<12}{'mode':<7}{'operator':<11}{'trading':<9}there"
"""With the lines below it fits beside the frame of a page on 80 columns."""


def table(rows: Iterable[DeskRow]) -> Iterator[tuple[str, DeskRow]]:
    """Yield the lines of each desk: what it is, and what it holds."""
    for row in rows:
        yield _line(row), row
        if row.held:
            yield f"    {_holds(row)}", row


def _line(row: DeskRow) -> str:
    cells = ((row.name, 18), (row.account, 12), (row.mode, 7), (row.operator, 11), (row.state, 9))
    return "".join(f"{text[: width - 1]:<{width}}" for text, width in cells) + _there(row)


def _there(row: DeskRow) -> str:
    if row.is_ours:
        return "this one"
    if row.standing is Standing.HERE:
        return "here"
    return f"{row.standing.value} {_in_words(row.age_s)}"


def _in_words(seconds: int) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _holds(row: DeskRow) -> str:
    named = [f"{symbol} {size}" for symbol, size in row.held[:_NAMED_MAX]]
    more = len(row.held) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
