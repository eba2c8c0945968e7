"""A market whose course is random, a model of its features in a registry, and the engine's rooms beside both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random

from engine.clock import NS_PER_S, SystemClock
from engine.messages.signal_views import SignalView
from engine.model.account import AccountMode
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.rooms import Rooms
from engine.security.model_keys import load_or_make_model_keys
from engine.security.vault.key_file import KeyFile
from engine.settings.signals import ModelsSettings, SignalSettings
from engine.signals.features.kernel import replayed
from engine.signals.features.sets import feature_set
from engine.signals.features.vector import FeatureVector
from engine.signals.models.reading import model_of, written
from engine.signals.models.schema import Boosted, Golden, Linear, Tree
from engine.signals.registry.gates import Figures
from engine.signals.registry.registry import Registry
from engine.signals.serving.signals import Signals
from engine.signals.statistics.reference import Reference
from tests.engine_rooms import ABC, NOON_NS, composed, passes, quoted
from tests.model_bench import card

NAME = "daily"
SET = feature_set("prices-11", NS_PER_S)
TABLE = SignalSettings(model=NAME, set="prices-11", interval_s=1, symbols=(ABC,))
TRAINING_BARS = 2_000


def course(seed: int, count: int, *, scale: float = 12.0) -> Iterator[tuple[int, int, int, int]]:
    """Yield bids second by second, four in each, as a walk that returns to where it came from."""
    random, price = Random(seed), 100_000.0
    for _ in range(count):
        second = []
        for _ in range(4):
            price += random.gauss(0, scale) + (100_000 - price) * 0.01
            second.append(round(price))
        yield second[0], second[1], second[2], second[3]


def bars_of(seed: int, count: int) -> list[Bar]:
    """Return the bars that a course makes."""
    found = []
    for number, bids in enumerate(course(seed, count)):
        mids = [bid + 1 for bid in bids]
        start_ns = NOON_NS + number * NS_PER_S
        numbers = mids[0], max(mids), min(mids), mids[-1]
        found.append(Bar(ABC, NS_PER_S, start_ns, *numbers, 0, 0, 0, closed=True))
    return found


@cache
def training(seed: int = 1) -> tuple[FeatureVector, ...]:
    """Return rows of a course that the model is trained on."""
    return tuple(row for row in replayed(SET, bars_of(seed, TRAINING_BARS)) if isinstance(row, FeatureVector))


@cache
def reference() -> str:
    """Return what the training rows look like."""
    rows = [row.values for row in training()]
    columns = {name: [row[place] for row in rows] for place, name in enumerate(SET.names)}
    return Reference.of(columns).to_json()


def linear(intercept: float = 0.0, *, set_id: str = SET.id) -> Linear:
    """Return a model that takes the last return to turn, its golden rows out of the training."""
    weights = [-0.2 if name.startswith("return") else 0.0 for name in SET.names]
    rows = [list(row.values) for row in training()[:16]]

    def file(probabilities: Sequence[float]) -> Linear:
        golden = [Golden(row=row, probability=p) for row, p in zip(rows, probabilities, strict=True)]
        return Linear(
            schema=1,
            feature_set=set_id,
            features=list(SET.names),
            weights=weights,
            intercept=intercept,
            golden=golden,
        )

    model = model_of(file([0.5] * 16)).model
    return file([model.predict(row) for row in rows])


def forest(seed: int) -> Boosted:
    """Return 100 trees of 15 leaves over the set, whose splits lie where rows are."""
    random, rows = Random(seed), [list(row.values) for row in training()]
    trees = []
    for _ in range(100):
        feature, left, right, threshold, leaves = [-1], [-1], [-1], [0.0], [0]
        for _ in range(14):
            node, count = leaves.pop(random.randrange(len(leaves))), len(feature)
            feature[node] = random.randrange(len(SET.names))
            threshold[node] = random.choice(rows)[feature[node]]
            left[node], right[node] = count, count + 1
            leaves += [count, count + 1]
            feature += [-1, -1]
            left += [-1, -1]
            right += [-1, -1]
            threshold += [0.0, 0.0]
        value = [random.gauss(0, 0.02) for _ in feature]
        trees.append(Tree(feature=feature, threshold=threshold, left=left, right=right, value=value))

    def file(probabilities: Sequence[float]) -> Boosted:
        golden = [Golden(row=row, probability=p) for row, p in zip(rows, probabilities, strict=False)]
        return Boosted(schema=1, feature_set=SET.id, features=list(SET.names), trees=trees, golden=golden)

    model = model_of(file([0.5] * 16)).model
    return file([model.predict(row) for row in rows[:16]])


class ServingBench:
    """A registry whose versions predict a course."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "data"
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.key_file = root / "keys"
        self.models = ModelsSettings(key_file=str(self.key_file))
        keys, _ = load_or_make_model_keys(KeyFile(self.key_file))
        self.registry = Registry(self.data, keys, SystemClock())
        self._count = 0

    def shadow(self, **changes: object) -> str:
        """Register a version and put it into shadow."""
        self._count += 1
        source = self.root / f"source-{self._count}"
        source.mkdir()
        set_id = str(changes.pop("set_id", SET.id))
        model = changes.pop("model", None) or linear(self._count / 100, set_id=set_id)
        assert isinstance(model, Linear | Boosted)
        (source / "model.json").write_bytes(written(model))
        (source / "reference.json").write_text(str(changes.pop("reference", reference())), encoding="utf-8")
        told = card(feature_set=set_id, **changes)
        (source / "card.json").write_text(json.dumps(told), encoding="utf-8")
        version = self.registry.add(NAME, source, "ann")
        self.registry.promote(NAME, version, "ann", "looks well")
        return version

    def champion(self, **changes: object) -> str:
        """Let another version become champion."""
        version = self.shadow(**changes)
        self.crown(version)
        return version

    def crown(self, version: str) -> None:
        """Let a version in shadow become champion."""
        figures = Figures(version=version, matured_outcomes=300, drift_alarm=False)
        self.registry.promote(NAME, version, "ann", "did well", figures)

    @contextmanager
    def rooms(
        self, table: SignalSettings = TABLE, *, mode: AccountMode = AccountMode.PAPER, later_s: float = 0.0
    ) -> Iterator[Rooms]:
        """Compose the rooms with the model beside them."""
        models = self.models
        with composed(
            self.root, mode=mode, signals=(table,), models=models, steady_is_own=True, later_s=later_s
        ) as rooms:
            yield rooms


def signals_of(rooms: Rooms) -> Signals:
    """Return what predicts."""
    assert rooms.signals is not None
    return rooms.signals


def plays(rooms: Rooms, seconds: Sequence[Sequence[int]], symbol: Symbol = ABC) -> None:
    """Let seconds of bids come in; the last one's bar is still forming."""
    for bids in seconds:
        for bid in bids:
            quoted(rooms, symbol, bid)
            passes(rooms, 0.25)


def looked(rooms: Rooms) -> None:
    """Do once what the signals' task does twice a second."""
    signals = signals_of(rooms)
    signals.follow()
    asyncio.run(signals.look())


def newest(rooms: Rooms, version: str) -> SignalView:
    """Return what a version says of ABC."""
    return next(each for each in signals_of(rooms).view.signals if each.version == version)
