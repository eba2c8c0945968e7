"""A recording through the whole pipeline, against only reading it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from engine.bootstrap import replay_summary
from engine.config import Settings
from engine.folders import Folders
from engine.pace import Pace
from tests.benchmarks.options import Options, in_turn
from tests.benchmarks.row import Row

_START_NS = 1_723_161_254_000_000_000
_COUNT, _QUICK_COUNT = 150_000, 5_000
_ROUNDS = 5


def rows(options: Options) -> list[Row]:
    """Return one row: events a second, and how many times what bare reading takes."""
    with TemporaryDirectory(prefix="touchline-") as scratch:
        home, count = Path(scratch), _QUICK_COUNT if options.quick else _COUNT
        path = home / "quotes.parquet"
        _record(path, count)
        pair = in_turn(options.rounds(_ROUNDS), lambda: _ours(path, home, count), lambda: _bare(path))
    against = "pyarrow read and a loop over the rows"
    return [
        Row(
            name="replay, whole pipeline",
            value=count / pair.ours,
            unit="events/s",
            against=against,
            ratio=pair.ratio,
            goal="<= 25",
        )
    ]


def _record(path: Path, count: int) -> None:
    """Write a recording of quotes that move by a cent now and then."""
    bids = [60_000 + (number // 7 % 50) / 100 for number in range(count)]
    columns: dict[str, Sequence[object]] = {
        "ts": [_START_NS + number * 5_000_000 for number in range(count)],
        "ts_recv": [_START_NS + number * 5_000_000 + 1_000 for number in range(count)],
        "symbol": ["BTCUSDT"] * count,
        "venue": ["binance-spot"] * count,
        "msg": range(count),
        "update_id": range(1, count + 1),
        "bid": bids,
        "bid_size": [1.5] * count,
        "ask": [bid + 0.01 for bid in bids],
        "ask_size": [2.5] * count,
    }
    pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), path)


def _ours(path: Path, home: Path, count: int) -> float:
    folders = Folders(home / "config", home / "data", home / "cache", home / "logs")
    summary, error = replay_summary(Settings(), folders, [path], pace=Pace(speed=0))
    assert error is None
    assert summary["accepted"] == count
    cpu_s = summary["cpu_s"]
    assert isinstance(cpu_s, float)
    return cpu_s


def _bare(path: Path) -> float:
    began_ns = time.process_time_ns()
    table = pq.read_table(path)
    columns = [table.column(name).to_pylist() for name in ("ts_recv", "bid", "bid_size", "ask", "ask_size")]
    crossed = sum(bid > ask for _, bid, _, ask, _ in zip(*columns, strict=True))
    assert crossed == 0
    return (time.process_time_ns() - began_ns) / 1e9
