from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.market.bars import MINUTE_NS
from engine.messages.events import BarClosed
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.store.journal import open_journal

SUMS = st.integers(0, 10**40)


@given(SUMS, SUMS)
def test_a_minute_is_read_back_whole_however_long_its_sums_are(volume: int, turnover: int) -> None:
    bar = Bar(Symbol("PEPE"), MINUTE_NS, 1, 1, 2, 1, 2, volume, turnover, 3, closed=True)
    record = BarClosed.of(bar)
    assert max(record.bar.volume, record.bar.turnover) < 1 << 63
    assert record.whole == bar


def test_the_journal_takes_a_minute_of_coins_that_cost_next_to_nothing(tmp_path: Path) -> None:
    bar = Bar(Symbol("PEPE"), MINUTE_NS, 1, 1, 2, 1, 2, 10**19, 10**30, 3, closed=True)
    journal = open_journal(tmp_path / "journal", "process")
    journal.append(BarClosed.of(bar), 1)
    (entry,) = journal.entries_since(0)
    journal.close()
    assert isinstance(entry.record, BarClosed)
    assert entry.record.whole == bar
