"""What a training is to be is read from a file; what is wrong with it is said in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigError
from engine.signals.training.spec import BoostedSpec, LogisticSpec, files_of, read_spec
from tests.training_bench import TOML


def read(tmp_path: Path, old: str = "", new: str = "") -> object:
    assert old in TOML
    path = tmp_path / "daily.toml"
    path.write_text(TOML.replace(old, new, 1) if old else TOML, encoding="utf-8")
    return read_spec(path)


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    path = tmp_path / "daily.toml"
    path.write_text(TOML, encoding="utf-8")
    found = read_spec(path)
    assert isinstance(found.model, LogisticSpec)
    assert (found.label.horizon_bars, found.label.band, found.features, found.seed) == (
        1,
        0.0002,
        "bars-12",
        1,
    )
    assert found.interval_ns == 86_400_000_000_000
    assert files_of(found, path) == [tmp_path / "bars.parquet"]
    path.write_text(TOML.replace('kind = "logistic"', 'kind = "gbm"\ntrees = 10'), encoding="utf-8")
    assert read_spec(path).model == BoostedSpec(trees=10)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('bars = "1d"', 'bars = "daily"', "bars: expected a length such as 1d, 1h or 5m, found 'daily'"),
        ('name = "daily"', 'name = "../x"', "expected a name of small letters"),
        ('bars = "1d"', 'bars = "1d"\nfeatures = "mine"', "there is no set 'mine'; there are bars-12"),
        ("cost_bps = 2", "cost_bps = -1", "label.cost_bps"),
        ("cost_bps = 2", "horizon_bars = 1", "missing required field `cost_bps`"),
        ("folds = 3", "folds = 1", "walk_forward.folds"),
        ('kind = "logistic"', 'kind = "forest"', "forest"),
        ('kind = "logistic"', 'kind = "logistic"\ntrees = 5', "trees"),
        ('data = ["bars.parquet"]', "data = []", "data"),
        ('bars = "1d"', 'bars = "1d"\nabout = "a\\u001b[2J"', "about: expected plain text"),
    ],
    ids=["bars", "name", "set", "cost", "no-cost", "folds", "kind", "other-kind", "no-data", "about"],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, old, new)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "daily.toml"))
