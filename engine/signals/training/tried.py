"""Every prediction out of sample as a table, a row each: what was known, what was said of it, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from engine.signals.registry.card import Metric
from engine.signals.training.scoring import Outcomes, metrics_of
from engine.signals.training.table import Table
from engine.signals.training.walking import Walked, outcomes_of

FIGURES: Final = ("auc", "net_bps")
"""Those of each part: whether something was foreseen, and whether it was worth a trade."""


class Part(NamedTuple):
    """The figures of some of the rows: of one symbol, or of one fold."""

    symbol: str
    """Empty where it is a fold's."""
    fold: int
    """From 1; 0 where it is a symbol's."""
    begin_ns: int
    """When its first row was known, ns UTC."""
    rows: int
    metrics: Mapping[str, Metric]


def tried_of(
    table: Table, features: Sequence[str], walked: Sequence[Walked], cost_bps: float
) -> pl.DataFrame:
    """Return the predictions of all folds but the first, fold by fold, each in the order of time.

    Columns: ts, symbol, fold, a column for each of the features, probability, up_share (known when it was predicted),
    earned (by buying, as a share of the price), gross_bps and net_bps (of going the prediction's way).
    """
    outcomes = outcomes_of(table, walked)
    rows = np.concatenate([each.fold.test for each in walked[1:]])
    folds = [np.full(len(each.scores), number) for number, each in enumerate(walked[1:], 2)]
    return pl.DataFrame(
        {
            "ts": pl.Series(outcomes.event_ns, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC")),
            "symbol": pl.Series(table.symbol[rows]).replace_strict(
                dict(enumerate(table.symbols)), return_dtype=pl.String
            ),
            "fold": pl.Series(np.concatenate(folds), dtype=pl.UInt16),
            **{name: table.values[rows, column] for column, name in enumerate(features)},
            "probability": outcomes.probability,
            "up_share": outcomes.base,
            "earned": outcomes.earned,
            "gross_bps": outcomes.gross_bps,
            "net_bps": outcomes.gross_bps - cost_bps,
        }
    )


def outcomes_in(tried: pl.DataFrame) -> Outcomes:
    """Return what was said in these rows, and what came of it."""
    return Outcomes(
        tried["probability"].to_numpy(),
        tried["earned"].to_numpy(),
        tried["up_share"].to_numpy(),
        tried["ts"].to_physical().to_numpy(),
    )


def parts_of(tried: pl.DataFrame, horizon: int, cost_bps: float, seed: int) -> Iterator[Part]:
    """Yield the figures of every symbol where there are several, then of every fold.

    One share, or one stretch of time, may be all that a figure of the whole rests on.
    """
    for key in ("symbol", "fold"):
        if tried[key].n_unique() == 1:
            continue
        for (value,), rows in sorted(tried.partition_by(key, as_dict=True).items()):
            metrics = metrics_of(outcomes_in(rows), horizon, cost_bps, seed)
            yield Part(
                symbol=value if key == "symbol" else "",
                fold=value if key == "fold" else 0,
                begin_ns=int(rows["ts"].to_physical().min()),  # type: ignore[arg-type]  # there are rows in each
                rows=len(rows),
                metrics={name: metrics[name] for name in FIGURES if name in metrics},
            )
