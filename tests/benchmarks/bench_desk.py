"""Keys on the real desk in a pseudo-terminal: under load, and idle."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.desk_process import environment, free_port, metric
from tests.benchmarks.options import Options
from tests.benchmarks.raw_pty import ROWS, RawPty
from tests.benchmarks.row import Row, limited

QUOTES_PER_S = 50_000
_SYMBOLS = 30
_START_NS = 1_723_161_254_000_000_000
_PRESSES, _QUICK_PRESSES = 150, 10
_SETTLE_S, _QUICK_SETTLE_S = 75, 1
"""How long after the last key a desk is idle: readings of the last minute have gone by then."""
_IDLE_S = 15
"""How long it is looked at."""
_LINE_ROW = f"\x1b[{ROWS - 1};".encode()
"""How the program addresses the row of the order line, which changes for nothing but keys."""
_F7 = "\x1b[18~"


@dataclass(slots=True)
class _Run:
    """What one desk showed."""

    paints_s: list[float]
    wire_p99_s: float
    quotes_per_s: float
    idle_bytes_per_s: float
    idle_cpu: float


def rows(options: Options) -> list[Row]:
    """Return the rows of keys under load, and of the idle desk."""
    presses = _QUICK_PRESSES if options.quick else _PRESSES
    with TemporaryDirectory(prefix="touchline-") as scratch:
        home = Path(scratch)
        recording = home / "quotes.parquet"
        _record(recording, QUOTES_PER_S * (4 if options.quick else 40))
        load = ["replay", str(recording), "--speed", f"{QUOTES_PER_S}/s"]
        loaded = _run(home, load, presses, paused=False)
        idle = _run(home, load, presses, paused=True)
    p99_ms, idle_ms = _p99(loaded.paints_s) * 1_000, _p99(idle.paints_s) * 1_000
    return [
        limited("key to paint p99 under load", p99_ms, "ms", 16),
        Row(
            name="key to paint p99 under load",
            value=p99_ms,
            unit="ms",
            against=f"the same keys on the idle desk ({idle_ms:.1f} ms)",
            ratio=p99_ms / idle_ms,
            goal="<= 1.5",
        ),
        limited("key to paint p50 under load", statistics.median(loaded.paints_s) * 1_000, "ms", 8),
        limited("key to wire p99 under load", loaded.wire_p99_s * 1_000, "ms", 1),
        Row(
            name="load while keys were pressed",
            value=loaded.quotes_per_s,
            unit="quotes/s",
            against=f"{QUOTES_PER_S:,} quotes/s asked for",
            ratio=loaded.quotes_per_s / QUOTES_PER_S,
            goal=">= 0.95",
        ),
        limited("idle desk, output", idle.idle_bytes_per_s, "bytes/s", 64),
        limited("idle desk, processor", idle.idle_cpu * 100, "% of a core", 1),
    ]


def _run(home: Path, arguments: Sequence[str], presses: int, *, paused: bool) -> _Run:
    port = free_port()
    env = environment(home, metrics_port=port)
    with RawPty([sys.executable, "-m", "terminal", *arguments], env) as desk:
        assert desk.until(b"Quotes", 60) is not None
        desk.drain(3)
        if paused:
            desk.press("p")
            desk.drain(1)
        desk.press(":")
        desk.drain(0.3)
        paints = _type(desk, presses)
        rate = metric(port, "touchline_health_value", '{component="feed"}')
        wire = _cancel_all(desk, presses, port)
        if paused:
            desk.drain(_QUICK_SETTLE_S if presses == _QUICK_PRESSES else _SETTLE_S)
        used_s, began = desk.cpu_s(), time.perf_counter()
        output = desk.drain(_IDLE_S)
        spent_s = time.perf_counter() - began
        return _Run(paints, wire, rate, output / spent_s, (desk.cpu_s() - used_s) / spent_s)


def _type(desk: RawPty, presses: int) -> list[float]:
    """Type letters and take them back; return how long each took to be painted."""
    paints = []
    for number in range(presses):
        desk.drain(0.03 + number % 7 * 0.005)
        desk.press("q" if number % 2 == 0 else "\x7f")
        seconds = desk.until(_LINE_ROW, 5)
        assert seconds is not None, "a key was never painted"
        paints.append(seconds)
    return paints


def _cancel_all(desk: RawPty, presses: int, port: int) -> float:
    """Press the key that cancels everything; return the exporter's p99 from key to wire, in seconds."""
    for _ in range(presses):
        desk.press(_F7)
        desk.drain(0.03)
    desk.drain(1.5)
    return metric(port, "touchline_key_to_wire_seconds", '{quantile="0.99"}')


def _p99(seconds: list[float]) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]


def _record(path: Path, count: int) -> None:
    """Write a recording of many symbols whose quotes all move."""
    columns: dict[str, Sequence[object]] = {
        "ts": [_START_NS + number * 20_000 for number in range(count)],
        "symbol": [f"SYM{number % _SYMBOLS:02}" for number in range(count)],
        "venue": ["bench"] * count,
        "bid": [100 + number % _SYMBOLS + (number // _SYMBOLS % 40) / 100 for number in range(count)],
        "bid_size": [100.0] * count,
        "ask": [100.01 + number % _SYMBOLS + (number // _SYMBOLS % 40) / 100 for number in range(count)],
        "ask_size": [200.0] * count,
        "row": range(count),
    }
    pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), path)
