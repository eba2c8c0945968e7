"""The projection: a batch is there whole or not at all, and others read while it is written."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.model.fill import Fill, Liquidity
from engine.model.trade import Side
from engine.shell.past import QUERIES
from engine.store.projection import Projection
from engine.store.rows import AUDIT, BARS, FILLS, ORDERS, POSITIONS, Row, fill_row
from tests.engine_rooms import ABC, share

TABLES = (ORDERS, FILLS, POSITIONS, AUDIT, BARS)


@pytest.fixture
def projection(tmp_path: Path) -> Iterator[Projection]:
    with closing(Projection(tmp_path / "a.sqlite3").open()) as opened:
        yield opened


def filled(fill_id: str, *, price: int = 10_000, busted: bool = False) -> Row:
    fill = Fill(
        fill_id=fill_id,
        client_id="run-1",
        account="PAPER-1",
        symbol=ABC,
        side=Side.BUY,
        price=price,
        quantity=10,
        fee_micros=1_500_000,
        fee_currency="USD",
        liquidity=Liquidity.TAKER,
        event_ns=1,
    )
    return fill_row(fill, share(ABC), busted=busted)


def fills(projection: Projection) -> list[dict[str, Any]]:
    return projection.rows("SELECT * FROM fills WHERE symbol = ?", (ABC,))


def test_prices_sizes_and_money_are_as_a_person_reads_them(projection: Projection) -> None:
    projection.write([filled("f1")], 3)
    (row,) = fills(projection)
    assert (row["price"], row["quantity"], row["fee"], row["busted"]) == ("100.00", "10", "1.5", 0)
    assert projection.sequence == 3


def test_what_the_venue_took_back_or_corrected_shows(projection: Projection) -> None:
    projection.write([filled("f1"), filled("f2")], 1)
    projection.write([filled("f1", busted=True), filled("f2", price=10_001)], 2)
    assert [(row["busted"], row["price"]) for row in fills(projection)] == [(1, "100.00"), (0, "100.01")]


def test_a_batch_that_fails_leaves_nothing(projection: Projection) -> None:
    projection.write([filled("f1")], 1)
    with pytest.raises(sqlite3.Error):
        projection.write([filled("f2"), (FILLS, ("too few",))], 2)
    assert [row["fill_id"] for row in fills(projection)] == ["f1"]
    assert projection.sequence == 1


def test_who_reads_meanwhile_sees_the_batch_before_and_keeps_nobody_waiting(projection: Projection) -> None:
    projection.write([filled("f1")], 1)
    assert projection.path is not None
    with closing(sqlite3.connect(projection.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT sequence FROM projected").fetchone()
        projection.write([filled("f2")], 2)
        assert reader.execute("SELECT count(*) FROM fills").fetchone() == before == (1,)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM fills").fetchone() == (2,)


def test_it_goes_on_where_it_was_closed(projection: Projection) -> None:
    projection.write([filled("f1")], 7)
    projection.close()
    assert projection.open().sequence == 7


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_row_has_a_value_for_every_column(projection: Projection, table: Any) -> None:
    assert len(projection.rows("SELECT name FROM pragma_table_info(?)", (table.name,))) == table.columns


@pytest.mark.parametrize("what", QUERIES)
def test_every_query_of_the_past_fits_the_tables(projection: Projection, what: str) -> None:
    assert projection.rows(QUERIES[what], (None, 5)) == []


def test_no_query_is_put_together_from_text_but_the_upsert() -> None:
    root = Path(__file__).resolve().parents[3]
    built = re.compile(
        r"""\bf"+\s*(?:SELECT|INSERT|UPDATE|DELETE)\b|execute\(\s*f["']|execute\([^)\n]*(?: \+ |%|\.format)"""
    )
    found = [
        (path.name, line.strip()[:40])
        for folder in ("engine", "terminal")
        for path in sorted((root / folder).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if built.search(line)
    ]
    assert [name for name, _ in found] == ["rows.py"], found
