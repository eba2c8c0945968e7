"""Looks into the registry of models: what verifies, what counts, and what it was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.clock import NS_PER_S, SystemClock
from engine.duties.model_moves import audited_registry, has_registry
from engine.errors import DataError, EngineError
from engine.market.bars import INTERVALS_NS
from engine.ports.secrets import Secrets
from engine.preflight.operation_facts import ChampionFacts, ModelFacts
from engine.security.model_keys import load_model_keys
from engine.signals.features.sets import SETS, feature_set
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.card import Card
from engine.signals.registry.gates import TOO_GOOD
from engine.signals.registry.loading import SIZES, Loaded
from engine.signals.registry.registry import Registry
from engine.signals.registry.stages import Move, Stage
from engine.signals.registry.standing import Standing
from engine.signals.statistics.reference import Reference

_INTERVALS_NS: Final = (*INTERVALS_NS, 86_400 * NS_PER_S)
"""Bars that the market makes, and days."""
_REFERENCE: Final = "reference.json"


def model_facts(data: Path, secrets: Secrets | None) -> ModelFacts:
    """Verify every version that may be used; blocks for some milliseconds for each."""
    try:
        if not has_registry(data):
            return ModelFacts()
        keys = load_model_keys(secrets) if secrets is not None else None
        if keys is None:
            return ModelFacts(trouble="there are models, and no key at hand that they could be judged by")
        registry = audited_registry(data, keys, SystemClock())
        standings = registry.standings()
    except EngineError as error:
        return ModelFacts(trouble=str(error))
    return _judged(registry, standings)


def _judged(registry: Registry, standings: dict[str, Standing]) -> ModelFacts:
    unproven: list[str] = []
    broken: list[str] = []
    champions: list[ChampionFacts] = []
    for name, version, stage in _usable(standings):
        try:
            loaded = registry.load(name, version)
        except ModelRefused as error:
            (broken if stage is Stage.CHAMPION else unproven).append(f"{name} {version}: {error}")
            continue
        if stage is Stage.CHAMPION:
            champions.append(_champion(registry, name, loaded))
    return ModelFacts(
        versions=sum(len(each.stages) for each in standings.values()),
        registered=frozenset(standings),
        unproven=tuple(unproven),
        champions=tuple(champions),
        champions_broken=tuple(broken),
        feature_sets=frozenset(feature_set(name, each_ns).id for name in SETS for each_ns in _INTERVALS_NS),
    )


def _usable(standings: dict[str, Standing]) -> Iterator[tuple[str, str, Stage]]:
    for name, standing in standings.items():
        for version, stage in standing.stages.items():
            if stage is not Stage.QUARANTINED:
                yield name, version, stage


def _champion(registry: Registry, name: str, loaded: Loaded) -> ChampionFacts:
    card = loaded.manifest.training
    return ChampionFacts(
        name=name,
        version=loaded.version,
        p99_us=loaded.p99_us,
        feature_set=card.feature_set,
        data_rows=card.data_rows,
        libraries=len(card.libraries),
        figures=", ".join(f"{key} {m.value:g} [{m.low:g}, {m.high:g}]" for key, m in card.metrics.items()),
        alarms=tuple(_alarms(card)),
        gates=_gates(registry, name, loaded.version),
        reference_trouble=_reference_trouble(registry.root / name / loaded.version / _REFERENCE),
    )


def _alarms(card: Card) -> Iterator[str]:
    yield from card.leakage_alarms
    for name, bound in TOO_GOOD.items():
        if name in card.metrics and abs(card.metrics[name].value) > bound:
            yield f"{name} {card.metrics[name].value:g} is above {bound:g}"


def _gates(registry: Registry, name: str, version: str) -> dict[str, str]:
    """Return what was found when it went up last."""
    moves = (Move.PROMOTE.value, Move.ROLL_BACK.value)
    found = [e for e in registry.events(name) if e.version == version and e.what in moves]
    return dict(found[-1].gates) if found else {}


def _reference_trouble(path: Path) -> str:
    try:
        Reference.from_json(path.read_bytes()[: SIZES[_REFERENCE]].decode())
    except (DataError, OSError, UnicodeDecodeError) as error:
        return str(error)
    return ""
