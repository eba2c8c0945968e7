"""A version that does worse here than its card says is found out once that is no chance, and never before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from engine.model.account import AccountMode
from engine.signals.registry.card import Card
from engine.signals.registry.stages import Stage
from engine.signals.serving.expectation import FRESH_MIN, scored
from engine.signals.serving.live_figures import live_figures
from engine.signals.serving.tally import KeptOutcome
from engine.signals.statistics.levels import Level
from tests.model_bench import card
from tests.serving_bench import NAME, ServingBench, course, looked, plays, signals_of
from tests.unit.engine.test_signals_watched import begun

PROMISED = {"brier": {"value": 0.2, "low": 0.195, "high": 0.205}}
"""Better by far than a model of these tests does."""


def outcomes(seed: int, count: int, *, knows: float = 1.0) -> list[KeptOutcome]:
    """Return what comes of a model that takes itself for a good one; how much of that is so is `knows`."""
    random, found = Random(seed), list[KeptOutcome]()
    for _ in range(count):
        probability = min(0.99, max(0.01, random.gauss(0.5, 0.1)))
        up = random.random() < 0.5 + (probability - 0.5) * knows
        found.append(KeptOutcome(probability, 0.01 if up else -0.01, 0.5))
    return found


def card_of(rows: Sequence[KeptOutcome], **changes: Any) -> Card:
    """Return the card of a model that did so out of sample."""
    metrics = {
        each.name: {"value": each.value, "low": each.low, "high": each.high}
        for each in live_figures(rows, 1).figures
    }
    return msgspec.convert(card(metrics=metrics, **changes), Card)


CARD = card_of(outcomes(1, 3_000))


@pytest.mark.parametrize("seed", range(20))
def test_a_model_that_does_as_it_did_is_never_found_wanting(seed: int) -> None:
    assert scored(outcomes(100 + seed, 500), 500, CARD, 1).expectation.level is Level.OK


@pytest.mark.parametrize("seed", range(5))
def test_one_that_knows_nothing_any_more_is_an_alarm_that_says_by_how_much(seed: int) -> None:
    found = scored(outcomes(200 + seed, 500, knows=-0.5), 500, CARD, 1).expectation
    assert found.level is Level.ALARM
    assert any(
        "in the back-test" in reason and "standard errors less well" in reason for reason in found.reasons
    )


def test_one_that_does_better_than_its_card_is_none() -> None:
    worse = card_of(outcomes(1, 3_000, knows=-0.5))
    assert scored(outcomes(2, 500), 500, worse, 1).expectation.level is Level.OK


@pytest.mark.parametrize(
    ("since", "symbols", "horizon", "level"),
    [
        pytest.param(500, 1, 1, Level.ALARM, id="enough"),
        pytest.param(FRESH_MIN - 1, 1, 1, Level.OK, id="too-few-since"),
        pytest.param(500, 6, 1, Level.OK, id="too-many-symbols-for-them"),
        pytest.param(500, 1, 6, Level.OK, id="too-much-overlap"),
    ],
)
def test_nothing_is_said_of_too_few_outcomes_that_say_something_new(
    since: int, symbols: int, horizon: int, level: Level
) -> None:
    told = card_of(outcomes(1, 3_000), horizon_bars=horizon)
    assert scored(outcomes(300, 500, knows=-1), since, told, symbols).expectation.level is level


def test_a_figure_without_an_interval_is_held_against_nothing() -> None:
    bare = {name: {"value": 0.99, "low": 0.99, "high": 0.99} for name in ("auc", "ic")}
    told = msgspec.convert(
        card(metrics={**bare, "hit_rate": {"value": 0.9, "low": 0.89, "high": 0.91}}), Card
    )
    assert scored(outcomes(1, 500), 500, told, 1).expectation.level is Level.OK


@pytest.fixture
def bench(tmp_path: Path) -> ServingBench:
    return ServingBench(tmp_path)


def test_a_champion_that_falls_short_is_demoted_and_after_a_rollback_watched_anew(
    bench: ServingBench,
) -> None:
    version = bench.champion(metrics=PROMISED)
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(11, 90)))
        looked(rooms)
        assert bench.registry.standing(NAME).champion == version, "too little is known"
        plays(rooms, list(course(12, 60)))
        looked(rooms)
        assert bench.registry.standing(NAME).stages[version] is Stage.SHADOW
        event = bench.registry.events(NAME)[-1]
        assert (event.what, event.who) == ("demote", "touchline")
        assert event.reason.startswith("it falls short of its back-test: brier is 0.")
        view = signals_of(rooms).view.models[0]
        assert view.drift_errors == "alarm", "it would close the gate, and switch orders off"
        bench.registry.roll_back(NAME, version, "ann", "let it show")
        looked(rooms)
        plays(rooms, list(course(13, 60)))
        looked(rooms)
        assert bench.registry.standing(NAME).champion == version
        assert signals_of(rooms).view.models[0].drift_errors == "ok"


def test_a_rollback_while_no_desk_runs_is_heard_of_at_the_next_start(bench: ServingBench) -> None:
    version = bench.champion(metrics=PROMISED)
    with bench.rooms(mode=AccountMode.PAPER) as rooms:
        begun(rooms)
        plays(rooms, list(course(11, 150)))
        looked(rooms)
        assert bench.registry.standing(NAME).champion == ""
        plays(rooms, list(course(12, 2)))
        signals_of(rooms).close()
    bench.registry.roll_back(NAME, version, "ann", "let it show")
    with bench.rooms(later_s=10_000) as rooms:
        begun(rooms)
        plays(rooms, list(course(13, 40)))
        looked(rooms)
        assert bench.registry.standing(NAME).champion == version
        assert signals_of(rooms).view.models[0].matured > FRESH_MIN


def test_the_rule_may_be_turned_off(bench: ServingBench) -> None:
    bench.models = replace(bench.models, demote_on=("data",))
    version = bench.champion(metrics=PROMISED)
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(11, 150)))
        looked(rooms)
        assert bench.registry.standing(NAME).champion == version
        assert signals_of(rooms).view.models[0].drift_errors == "alarm"
