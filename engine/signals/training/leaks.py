"""Looks for the future in what a model is trained on: in features, labels, folds and scores.

Each test says in a sentence what it found; a model with any such sentence is not registered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.random import Generator

from engine.model.bar import Bar
from engine.signals.features.vector import Features, FeatureVector
from engine.signals.training.labels import Forward
from engine.signals.training.table import Recipe

STRETCH_BARS: Final = 400
"""So many of the newest bars of a symbol are looked at."""
PLACES: Final = 24
"""So many of them are cut after, changed after, and changed before."""

Known = tuple[float, ...] | None


def leaks_in_rows(
    bars: Sequence[Bar], recipe: Recipe, horizon: int, warm_up: int, seed: int
) -> Iterator[str]:
    """Find what rows of one symbol know of the time after them, and labels of the time before."""
    stretch = bars[-STRETCH_BARS:]
    random = np.random.default_rng(seed)
    count = min(PLACES, len(stretch))
    places = sorted(random.choice(len(stretch), count, replace=False).tolist())
    whole = _known(recipe.features(stretch))
    for test in (_cut, _changed_after):
        if found := test(stretch, recipe, places, whole, random):
            yield found
    if found := _begun_later(stretch, recipe, warm_up, whole):
        yield found
    yield from _labels_look_back(stretch, recipe, horizon, places, random)


def _known(found: Sequence[Features]) -> list[Known]:
    return [each.values if isinstance(each, FeatureVector) else None for each in found]


def _cut(
    stretch: Sequence[Bar], recipe: Recipe, places: Sequence[int], whole: Sequence[Known], _: Generator
) -> str:
    """Truncation: what is known at a bar is the same where the data ends there."""
    for place in places:
        cut = _known(recipe.features(stretch[: place + 1]))
        if (at := _first_difference(cut, whole[: place + 1])) is not None:
            return f"truncation: features are others at bar {at} of {len(stretch)} where the data ends at bar {place}"
    return ""


def _changed_after(
    stretch: Sequence[Bar], recipe: Recipe, places: Sequence[int], whole: Sequence[Known], random: Generator
) -> str:
    """Future perturbation: whatever comes after a bar, what is known at it is the same."""
    for place in places:
        other = [*stretch[: place + 1], *(changed(bar, random) for bar in stretch[place + 1 :])]
        known = _known(recipe.features(other))[: place + 1]
        if (at := _first_difference(known, whole[: place + 1])) is not None:
            return f"future perturbation: features at bar {at} of {len(stretch)} change with bars after bar {place}"
    return ""


def _begun_later(stretch: Sequence[Bar], recipe: Recipe, warm_up: int, whole: Sequence[Known]) -> str:
    """Start offset: once it is warm, what is known does not depend on where the data began."""
    for offset in (1, 7, warm_up):
        known = _known(recipe.features(stretch[offset:]))[warm_up - 1 :]
        if (at := _first_difference(known, whole[offset + warm_up - 1 :])) is not None:
            return f"start offset: features {at} bars after warming up depend on where the data begins"
    return ""


def _labels_look_back(
    stretch: Sequence[Bar], recipe: Recipe, horizon: int, places: Sequence[int], random: Generator
) -> Iterator[str]:
    """Find labels that are settled in part by what was known, or are bought at a price that was gone."""
    whole = recipe.labels(stretch, horizon)
    for place in places:
        label, bar = whole[place], stretch[place]
        if not isinstance(label, Forward):
            continue
        if label.begin_ns < bar.start_ns + bar.interval_ns:
            yield f"label: what bar {place} is labelled by is bought before that bar has ended"
            return
        other = [*(changed(each, random) for each in stretch[: place + 1]), *stretch[place + 1 :]]
        told = recipe.labels(other, horizon)[place]
        if isinstance(told, Forward) and told != label:
            yield f"label: what bar {place} is labelled by changes with that bar itself, which is known by then"
            return


def _first_difference(one: Sequence[Known], other: Sequence[Known]) -> int | None:
    return next((at for at, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]), None)


def changed(bar: Bar, random: Generator) -> Bar:
    """Return a bar of other prices and another volume that still can be."""
    factor = random.uniform(0.8, 1.25)
    low, opened, closed, high = sorted(
        max(1, round(price * factor * random.uniform(0.98, 1.02)))
        for price in (bar.low, bar.open, bar.close, bar.high)
    )
    return msgspec.structs.replace(
        bar, open=opened, high=high, low=low, close=closed, volume=bar.volume + int(random.integers(1, 1_000))
    )
