"""Small recordings for tests that replay something of their own."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FIRST_NS = 1_723_161_254_000_000_000
"""2024-08-08 23:54:14 UTC."""
STEP_NS = 250_000_000


def write_quotes(path: Path, *, count: int = 400, symbol: str = "BTCUSDT", venue: str = "testex") -> Path:
    """Write quotes of one symbol, four a second, whose bid climbs by a cent each and is 61,000.00 at first."""
    bids = [61_000 + index / 100 for index in range(count)]
    columns = {
        "ts": [FIRST_NS + STEP_NS * index for index in range(count)],
        "symbol": [symbol] * count,
        "venue": [venue] * count,
        "bid": bids,
        "bid_size": [2.0] * count,
        "ask": [round(bid + 0.05, 2) for bid in bids],
        "ask_size": [3.0] * count,
    }
    pq.write_table(pa.table(columns), path)
    return path
