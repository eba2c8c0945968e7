"""Every prediction out of sample is a row that a person can look at, and figures of parts are those of their rows."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.training_bench import SET, needs_libraries, random_walk, spec

needs_libraries()

import polars as pl  # noqa: E402

from engine.signals.training.scoring import metrics_of  # noqa: E402
from engine.signals.training.training import Trained, train  # noqa: E402
from engine.signals.training.tried import FIGURES, outcomes_in, parts_of  # noqa: E402

SPEC = spec()
HOW = (SPEC.label.horizon_bars, SPEC.label.cost_bps, SPEC.seed)


@cache
def trained() -> Trained:
    """Return what was learned of a share that comes back from each move, and of one that does not."""
    return train(SPEC, {"BACK": random_walk(760, 5, "BACK", pull=0.4), "WALK": random_walk(760, 6, "WALK")})


def test_there_is_a_row_for_each_prediction_and_none_of_the_first_fold() -> None:
    tried = trained().tried
    assert tried["fold"].unique().sort().to_list() == [2, 3]
    assert tried.select("ts", "symbol").is_unique().all()
    for _, rows in tried.group_by("fold"):
        assert rows["ts"].is_sorted()


def test_what_was_known_and_what_came_of_it_are_those_of_the_table() -> None:
    found = trained()
    table = found.table
    kept = {
        (int(event), table.symbols[symbol]): (*values, earned)
        for event, symbol, values, earned in zip(
            table.event_ns, table.symbol, table.values.tolist(), table.earned.tolist(), strict=True
        )
    }
    for row in found.tried.with_columns(pl.col("ts").to_physical()).iter_rows(named=True):
        assert kept[row["ts"], row["symbol"]] == (*(row[name] for name in SET.names), row["earned"])


def test_going_the_predictions_way_earns_and_costs_what_it_says() -> None:
    tried = trained().tried
    way = np.where(tried["probability"].to_numpy() > 0.5, 1.0, -1.0)
    assert tried["gross_bps"].to_numpy() == pytest.approx(way * tried["earned"].to_numpy() * 10_000)
    assert (tried["gross_bps"] - tried["net_bps"]).to_numpy() == pytest.approx(SPEC.label.cost_bps)


def test_parts_are_of_all_rows_twice_and_have_the_figures_of_their_rows() -> None:
    found = trained()
    assert [(part.symbol, part.fold) for part in found.parts] == [("BACK", 0), ("WALK", 0), ("", 2), ("", 3)]
    for part in found.parts:
        rows = found.tried.filter(
            pl.col("symbol") == part.symbol if part.symbol else pl.col("fold") == part.fold
        )
        assert part.rows == len(rows)
        assert part.begin_ns == rows["ts"].to_physical()[0]
        whole = metrics_of(outcomes_in(rows), *HOW)
        assert part.metrics == {name: whole[name] for name in FIGURES}


def test_where_one_share_alone_can_be_foreseen_that_is_seen() -> None:
    back, walk = trained().parts[:2]
    assert back.metrics["auc"].low > 0.5
    assert walk.metrics["auc"].low < 0.5
    assert trained().metrics["auc"].value < back.metrics["auc"].value


def test_one_symbol_is_no_part_of_itself() -> None:
    alone = trained().tried.filter(pl.col("symbol") == "BACK")
    assert [part.symbol for part in parts_of(alone, *HOW)] == ["", ""]


def test_a_file_of_them_has_the_same_rows(tmp_path: Path) -> None:
    tried = trained().tried
    tried.write_parquet(tmp_path / "tried.parquet")
    assert pl.read_parquet(tmp_path / "tried.parquet").equals(tried)
