"""Days of a model that does as its card says, or that lost what it knew, by seed."""

from __future__ import annotations

import random

import msgspec

from engine.signals.registry.card import Card
from engine.signals.serving.expectation import FRESH_MIN, scored
from engine.signals.serving.live_figures import live_figures
from engine.signals.serving.tally import OUTCOMES_MAX, KeptOutcome
from engine.signals.statistics.levels import Level
from tests.drift.days import BARS
from tests.model_bench import card

TRIED = 4_000
"""Outcomes that a card is of."""
LOOKS_APART = 50


def _outcomes(random_: random.Random, count: int, knows: float) -> list[KeptOutcome]:
    """Return outcomes of predictions around a half with a deviation of a twentieth, of which so much is so: below 0, it is the other way round.

    What gates let through is no better: an AUC of 0.557, an IC of 0.1.
    """
    found = list[KeptOutcome]()
    for _ in range(count):
        probability = min(0.99, max(0.01, random_.gauss(0.5, 0.05)))
        up = random_.random() < 0.5 + (probability - 0.5) * knows
        found.append(KeptOutcome(probability, 0.01 if up else -0.01, 0.5))
    return found


def _card(random_: random.Random) -> Card:
    figures = live_figures(_outcomes(random_, TRIED, 1.0), 1).figures
    metrics = {each.name: {"value": each.value, "low": each.low, "high": each.high} for each in figures}
    return msgspec.convert(card(metrics=metrics), Card)


def alarm_after(seed: int, *, knows: float) -> int | None:
    """Return after how many outcomes of a day of 1,400 there was an alarm; None for none."""
    random_ = random.Random(f"promise {knows} {seed}")
    told, day = _card(random_), _outcomes(random_, BARS, knows)
    for end in range(FRESH_MIN, BARS + 1, LOOKS_APART):
        found = scored(day[max(0, end - OUTCOMES_MAX) : end], end, told, 1)
        if found.expectation.level >= Level.ALARM:
            return end
    return None
