"""What a training leaves behind: the files that a registry takes."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

import msgspec

from engine.model.text import clean
from engine.signals.models.reading import written
from engine.signals.models.schema import ModelFile
from engine.signals.registry.card import SCHEMA, Card, read_card
from engine.signals.statistics.reference import Reference
from engine.signals.training.spec import LogisticSpec, Spec
from engine.signals.training.training import Trained
from engine.version import program_version

ALARM_MAX: Final = 300
ALARMS_MAX: Final = 32
LIBRARIES: Final = ("numpy", "scikit-learn", "lightgbm")


def files_of_model(spec: Spec, trained: Trained, file: ModelFile, data_sha256: str) -> Mapping[str, bytes]:
    """Return the model, what its data looked like, and its card, by name."""
    card = card_of(spec, trained, file, data_sha256)
    return {
        "model.json": written(file),
        "reference.json": _reference(trained).encode(),
        "card.json": msgspec.json.format(msgspec.json.encode(card)) + b"\n",
    }


def card_of(spec: Spec, trained: Trained, file: ModelFile, data_sha256: str) -> Card:
    """Return the card, as a registry reads it."""
    table, label = trained.table, spec.label
    card = Card(
        schema=SCHEMA,
        about=_about(spec, trained),
        feature_set=file.feature_set,
        label=f"up: open to open over {label.horizon_bars} bars of {spec.bars}, bought when the next bar opens",
        train_start_ns=int(table.event_ns.min()),
        train_end_ns=int(table.end_ns.max()),
        purge_bars=label.horizon_bars,
        embargo_bars=spec.walk_forward.embargo_bars,
        data_sha256=data_sha256,
        data_rows=len(table),
        seed=spec.seed,
        libraries=libraries(),
        metrics=dict(trained.metrics),
        leakage_alarms=[clean(each, ALARM_MAX) for each in trained.alarms[:ALARMS_MAX]],
        horizon_bars=label.horizon_bars,
        cost_bps=label.cost_bps,
    )
    return read_card(msgspec.json.encode(card))


def libraries() -> dict[str, str]:
    """Return the versions that a model depends on."""
    found = {name: version(name) for name in LIBRARIES}
    return {"touchline": program_version(), "python": platform.python_version(), **found}


def _about(spec: Spec, trained: Trained) -> str:
    kind = "logistic regression" if isinstance(spec.model, LogisticSpec) else "boosted trees"
    own = f"{spec.about.rstrip('.')}. " if spec.about else ""
    return f"{own}{kind}; figures are of {len(trained.tried):,} rows out of sample"


def _reference(trained: Trained) -> str:
    table = trained.table
    return Reference.of(
        {name: table.values[:, at].tolist() for at, name in enumerate(trained.features)}
    ).to_json()
