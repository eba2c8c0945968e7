"""Bars and a spec to train on, and a place to try what trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from engine.clock import NS_PER_S
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.signals.features.sets import feature_set
from engine.signals.training.spec import LabelSpec, LogisticSpec, Spec, WalkSpec
from engine.signals.training.table import Recipe, recipe_of

DAY_NS = 86_400 * NS_PER_S
FIRST_NS = 12_000 * DAY_NS
SET = feature_set("bars-12", DAY_NS)
RECIPE: Recipe = recipe_of(SET)


def needs_libraries() -> None:
    """Skip where the extra is not installed."""
    pytest.importorskip("lightgbm", reason="needs touchline[train]")
    pytest.importorskip("polars", reason="needs touchline[train]")
    pytest.importorskip("sklearn", reason="needs touchline[train]")


def random_walk(count: int, seed: int, symbol: str = "AAA", pull: float = 0.0) -> list[Bar]:
    """Return daily bars of a price that goes nowhere in particular; with `pull`, back from yesterday's move."""
    random, bars, close, moved = Random(seed), list[Bar](), 1_000_000, 0.0
    for place in range(count):
        before = close
        opened = max(100, round(close * (1 + random.gauss(0, 0.002))))
        close = max(100, round(opened * (1 + random.gauss(0, 0.012) - pull * moved)))
        high = round(max(opened, close) * (1 + abs(random.gauss(0, 0.004))))
        low = round(min(opened, close) * (1 - abs(random.gauss(0, 0.004))))
        moved, volume = close / before - 1, random.randint(1_000, 9_000)
        start_ns = FIRST_NS + place * DAY_NS
        prices = (opened, high, low, close)
        bars.append(Bar(Symbol(symbol), DAY_NS, start_ns, *prices, volume, volume * close, 0, closed=True))
    return bars


def spec(**changes: Any) -> Spec:
    """Return a small training, but for the changes."""
    said: dict[str, Any] = {
        "name": "daily",
        "data": ["bars.parquet"],
        "bars": "1d",
        "label": LabelSpec(cost_bps=2.0),
        "model": LogisticSpec(),
        "walk_forward": WalkSpec(folds=3, first_share=0.5),
    }
    return Spec(**said | changes)


TOML = """\
name = "daily"
data = ["bars.parquet"]
bars = "1d"
[label]
cost_bps = 2
[model]
kind = "logistic"
[walk_forward]
folds = 3
first_share = 0.5
[limits]
niceness = 0
"""
"""Tests wait for it, and other tests want the processor too."""


def put_spec(folder: Path, bars: Sequence[Bar], change: Callable[[str], str] = str) -> Path:
    """Write bars and a spec, and return where the spec is."""
    columns = {
        "ts": pa.array([bar.start_ns for bar in bars], pa.timestamp("ns", tz="UTC")),
        "symbol": [str(bar.symbol) for bar in bars],
        **{name: [getattr(bar, name) / 10_000 for bar in bars] for name in ("open", "high", "low", "close")},
        "volume": [bar.volume for bar in bars],
    }
    parquet.write_table(pa.table(columns), folder / "bars.parquet")
    path = folder / "daily.toml"
    path.write_text(change(TOML), encoding="utf-8")
    return path
