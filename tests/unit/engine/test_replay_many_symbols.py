"""Rows of symbols that share their scales are converted together, and each stays what it was."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.quote import Quote
from tests.replay.counting_sink import replayed

NOW = 1_723_161_254_000_000_000
BIDS = {"EURUSD": 1.1, "GBPUSD": 1.3, "USDJPY": 101.1, "AUDJPY": 98.123}
BAD = -1.0


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(sorted(BIDS)), st.booleans()), min_size=1, max_size=30))
def test_every_row_becomes_the_quote_or_the_fault_of_its_own_symbol(
    tmp_path: Path, rows: list[tuple[str, bool]]
) -> None:
    columns = {
        "ts": [NOW + number for number in range(len(rows))],
        "symbol": [symbol for symbol, _ in rows],
        "venue": ["oanda"] * len(rows),
        "bid": [BIDS[symbol] if good else BAD for symbol, good in rows],
        "ask": [BIDS[symbol] + 0.5 for symbol, _ in rows],
    }
    pq.write_table(pa.table(columns), tmp_path / "q.parquet")
    sink = replayed(tmp_path / "q.parquet")
    found = [(each.symbol, each.event_ns - NOW, each.bid) for each in sink.events if isinstance(each, Quote)]
    assert found == [
        (symbol, number, round(BIDS[symbol] * sink.listed[symbol].price_scale))
        for number, (symbol, good) in enumerate(rows)
        if good
    ]
    faults = [number for number, (_, good) in enumerate(rows, 1) if not good]
    assert sorted(sink.malformed) == sorted(
        ("oanda", "negative_price", f"row {number}, column bid") for number in faults
    )


def test_symbols_of_different_scales_come_in_the_order_of_their_rows(tmp_path: Path) -> None:
    symbols = ["EURUSD", "USDJPY", "GBPUSD", "AUDJPY"] * 2
    bids = [BIDS[symbol] for symbol in symbols]
    columns = {
        "ts": [NOW + number for number in range(len(symbols))],
        "symbol": symbols,
        "venue": ["oanda"] * len(symbols),
        "bid": bids,
        "ask": [bid + 0.5 for bid in bids],
    }
    pq.write_table(pa.table(columns), tmp_path / "q.parquet")
    sink = replayed(tmp_path / "q.parquet")
    assert len({each.price_scale for each in sink.listed.values()}) > 1
    assert [each.symbol for each in sink.events if isinstance(each, Quote)] == symbols
