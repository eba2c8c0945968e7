"""What a closed bar costs where a champion and a version in its shadow predict: features, trees, drift and outcomes."""

from __future__ import annotations

import gc
import tempfile
import time
from pathlib import Path

from engine.clock import NS_PER_S, SystemClock
from engine.model.bar import Bar
from engine.signals.serving.model_serving import ModelServing
from engine.signals.serving.stillness import Seen
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row, limited
from tests.serving_bench import SET, TABLE, ServingBench, bars_of, forest

_BARS, _QUICK_BARS = 1_000, 200
_ROUNDS = 5
_LIMIT_US = 500.0
"""Half of the millisecond that a key may take to the wire."""


def rows(options: Options) -> list[Row]:
    """Return the row of one bar at p99, windows of drift left to another thread as on a desk."""
    bars = bars_of(5, _QUICK_BARS if options.quick else _BARS)
    with tempfile.TemporaryDirectory() as scratch:
        bench = ServingBench(Path(scratch))
        bench.champion(model=forest(1))
        bench.shadow(model=forest(2))
        took = [_p99_us(bench, bars) for _ in range(options.rounds(_ROUNDS))]
    name = "a closed bar: 11 features, champion and shadow of 100 trees, p99"
    return [limited(name, min(took), "us", _LIMIT_US)]


def _p99_us(bench: ServingBench, bars: list[Bar]) -> float:
    serving = ModelServing(TABLE, SET, SystemClock(), lambda _: Seen(100_000), lambda _: None)
    serving.look(bench.registry)
    took = []
    gc.collect()
    for bar in bars:
        began_ns = time.thread_time_ns()
        serving.on_bar_closed(bar)
        took.append(time.thread_time_ns() - began_ns)
    assert not serving.fault
    return sorted(took)[len(took) * 99 // 100 - 1] / NS_PER_S * 1e6
