"""Models and a registry to try things on."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from engine.clock import Clock, SimulatedClock
from engine.security.model_keys import ModelKeys
from engine.signals.models.lightgbm_text import trees_of
from engine.signals.models.reading import model_of, written
from engine.signals.models.schema import Boosted, Golden, Linear, ModelFile, Scaler
from engine.signals.registry.gates import Figures
from engine.signals.registry.registry import Registry

HERE = Path(__file__).parent / "lightgbm_model"
FEATURES = ["ret_1", "ret_5", "gap"]
KEY = bytes(range(32))
NOW_NS = 1_764_244_800_000_000_000


class Prediction(NamedTuple):
    """What LightGBM said of a row."""

    row: list[float]
    probability: float
    raw: float


@cache
def recorded() -> tuple[Prediction, ...]:
    """Return what LightGBM predicted with the model beside `make.py`."""
    rows = json.loads((HERE / "predictions.json").read_text(encoding="utf-8"))
    return tuple(Prediction(each["row"], each["probability"], each["raw"]) for each in rows)


def boosted() -> Boosted:
    """Return LightGBM's model, its golden rows as LightGBM had them."""
    names, trees = trees_of((HERE / "model.txt").read_text(encoding="utf-8"))
    golden = [Golden(row=each.row, probability=each.probability) for each in recorded()]
    return Boosted(schema=1, feature_set="fs-test", features=names, trees=trees, golden=golden)


def linear(intercept: float = 0.1, *, scaled: bool = False) -> Linear:
    """Return a logistic regression, its golden rows as it predicts them."""
    rows = [[0.1 * n, -0.2 * n, 0.05 * n] for n in range(16)]
    scaler = Scaler(means=[0.1, 0.2, 0.3], scales=[1.5, 2.0, 0.5]) if scaled else None

    def file(probabilities: list[float]) -> Linear:
        golden = [Golden(row=row, probability=p) for row, p in zip(rows, probabilities, strict=True)]
        return Linear(
            schema=1,
            feature_set="fs-test",
            features=FEATURES,
            weights=[0.5, -0.25, 2.0],
            intercept=intercept,
            golden=golden,
            scaler=scaler,
        )

    model = model_of(file([0.5] * 16)).model
    return file([model.predict(row) for row in rows])


def card(**changes: Any) -> dict[str, Any]:
    """Return the card of a model that may go up, but for the changes."""
    return {
        "schema": 1,
        "about": "next bar up or down, of liquid shares",
        "feature_set": "fs-test",
        "label": "next open to open, up",
        "train_start_ns": 1_500_000_000_000_000_000,
        "train_end_ns": 1_600_000_000_000_000_000,
        "purge_bars": 1,
        "embargo_bars": 5,
        "data_sha256": "ab" * 32,
        "data_rows": 7_970,
        "seed": 1,
        "libraries": {"lightgbm": "4.7.0"},
        "metrics": {"auc": {"value": 0.517, "low": 0.501, "high": 0.532}},
        "leakage_alarms": [],
        **changes,
    }


def put_source(folder: Path, model: ModelFile | None = None, **changes: Any) -> Path:
    """Write what a trainer leaves behind, and return where."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_bytes(written(model or linear()))
    (folder / "reference.json").write_text('{"deciles": {"gap": [0.1, 0.2]}}', encoding="utf-8")
    (folder / "card.json").write_text(json.dumps(card(**changes)), encoding="utf-8")
    return folder


class Bench:
    """A registry, and versions in it."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        self.root = root
        self.data = root / "data"
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.clock = clock or SimulatedClock(NOW_NS, steady_is_own=True)
        self.registry = self.another()
        self._count = 0

    def another(self) -> Registry:
        """Return the registry as another process has it."""
        return Registry(self.data, ModelKeys(KEY), self.clock)

    def candidate(self, **changes: Any) -> str:
        """Register another version, which predicts a little otherwise."""
        self._count += 1
        source = put_source(self.root / f"source-{self._count}", linear(self._count / 10), **changes)
        return self.registry.add("daily", source, "ann")

    def shadow(self) -> str:
        """Register another version and put it into shadow."""
        version = self.candidate()
        self.registry.promote("daily", version, "ann", "looks well")
        return version

    def champion(self) -> str:
        """Let another version become champion."""
        version = self.shadow()
        self.registry.promote("daily", version, "ann", "did well", good(version))
        return version

    def file(self, version: str, name: str) -> Path:
        """Return a file of a version."""
        return self.data / "models" / "daily" / version / name


def good(version: str) -> Figures:
    """Return figures that open every gate."""
    return Figures(version=version, matured_outcomes=300, drift_alarm=False)


Change = Callable[[dict[str, Any]], None]


def changed(file: ModelFile, change: Change) -> bytes:
    """Return a model file as somebody else may have written it."""
    found = json.loads(written(file))
    change(found)
    return json.dumps(found).encode()
