"""What models say of a market, when they say nothing, and what the settings may ask for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.errors import ConfigError
from engine.frames.frame_builder import FrameBuilder
from engine.market.bars import INTERVALS_NS
from engine.messages.health_views import HealthState
from engine.messages.signal_views import ModelView, SignalView
from engine.messages.views import ViewRequest
from engine.settings.signals import SignalSettings
from engine.signals.serving.checks import checked_sets
from tests.engine_rooms import ABC, XYZ, composed, passes, quoted
from tests.serving_bench import TABLE, ServingBench, course, looked, newest, plays, signals_of


@pytest.fixture
def bench(tmp_path: Path) -> ServingBench:
    return ServingBench(tmp_path)


def test_a_feature_that_has_no_value_says_so_and_nothing_is_said(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 10)))
        assert newest(rooms, version).abstained == "missing: warming up: 9 of 21 bars"
        plays(rooms, [(10_000,) * 4] * 25)
        said = newest(rooms, version)
        assert (said.probability, said.direction) == (None, 0)
        assert said.abstained.startswith("missing: return_1: the closes of 20 bars don't move")


def test_a_bar_that_closes_late_is_stale_and_so_is_a_word_that_is_old(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 40)))
        assert newest(rooms, version).probability is not None
        passes(rooms, 3)
        looked(rooms)
        assert newest(rooms, version).abstained == "stale: its bar ended 3 s ago"
        quoted(rooms, ABC, 100_000)
        assert newest(rooms, version).abstained == "stale: its bar ended 3 s ago"


def test_a_row_that_is_none_of_those_of_the_training_is_out_of_domain(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 40)))
        plays(rooms, [[103_000 + 900 * n + k for k in range(4)] for n in range(3)])
        quoted(rooms, ABC, 103_000)
        assert newest(rooms, version).abstained.startswith("out of domain: ")


@pytest.mark.parametrize(
    ("table", "changes", "why"),
    [
        pytest.param(replace(TABLE, threshold=0.999), {}, "below the threshold of 0.999", id="unsure"),
        pytest.param(
            replace(TABLE, age_days_max=30),
            {},
            "expired: its training data ended 1,425 days ago, and 30 are allowed",
            id="expired",
        ),
        pytest.param(TABLE, {"set_id": "another"}, "it takes rows of the feature set another", id="mismatch"),
        pytest.param(TABLE, {"reference": "{}"}, 'reference.json: a reference has "schema"', id="reference"),
    ],
)
def test_nothing_is_said_and_the_reason_is_given(
    bench: ServingBench, table: SignalSettings, changes: dict[str, object], why: str
) -> None:
    version = bench.champion(**changes)
    with bench.rooms(table) as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 30)))
        said = newest(rooms, version)
        assert (said.probability, said.edge_bps, said.contributions) == (None, None, ())
        assert why in said.abstained
        assert signals_of(rooms).view.models[0].matured == 0


def test_what_is_said_tells_its_edge_and_what_moved_it_and_who_listens_hears_it(bench: ServingBench) -> None:
    version = bench.champion(cost_bps=1.0)
    heard: list[tuple[SignalView, ModelView]] = []
    with bench.rooms() as rooms:
        looked(rooms)
        signals_of(rooms).listen(lambda signal, model: heard.append((signal, model)))
        plays(rooms, list(course(4, 80)))
        looked(rooms)
        plays(rooms, list(course(5, 1)))
        signal, model = heard[-1]
        assert len(heard) == 80
        assert (signal.version, model.version) == (version, version)
        assert signal == newest(rooms, version)
        if signal.probability is not None:
            assert signal.edge_bps is not None
            sizes = [abs(size) for _, size in signal.contributions]
            assert sizes == sorted(sizes, reverse=True)
            assert len(sizes) == 3


def test_a_frame_has_all_of_it_once_and_again_only_where_it_differs(bench: ServingBench) -> None:
    bench.champion()
    with bench.rooms() as rooms:
        frames = FrameBuilder(rooms)
        looked(rooms)
        plays(rooms, list(course(4, 30)))
        first = frames.build(ViewRequest(everything=True)).signals
        assert first is not None
        assert frames.build(ViewRequest()).signals is None
        plays(rooms, list(course(5, 1)))
        assert frames.build(ViewRequest()).signals not in {None, first}


def test_symbols_that_are_not_named_are_not_predicted(bench: ServingBench) -> None:
    bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 25)), XYZ)
        assert signals_of(rooms).view.signals == ()


def test_a_registry_that_is_empty_or_has_no_key_says_what_to_do(bench: ServingBench) -> None:
    with bench.rooms() as rooms:
        looked(rooms)
        assert "touchline models add" in signals_of(rooms).view.registry
        assert signals_of(rooms).reading().state.value == "down"
    bench.shadow()
    with bench.rooms() as rooms:
        looked(rooms)
        assert signals_of(rooms).reading()[:2] == (HealthState.OK, "1 predicts"), (
            "no champion is none that is gone"
        )
    bench.key_file.unlink()
    with bench.rooms() as rooms:
        looked(rooms)
        assert "holds no model key to judge by" in signals_of(rooms).view.registry


def test_no_model_in_the_settings_loads_nothing_and_listens_to_nothing(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        assert rooms.signals is None
        assert rooms.market.bars._listeners == ()
    code = "import sys, engine.bootstrap; print([m for m in sys.modules if m.startswith('engine.signals.serving')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([replace(TABLE, set="none")], "there is no feature set 'none'"),
        ([replace(TABLE, interval_s=7)], "interval_s: expected one of 1, 60, 300, 900, 3600, found 7"),
        ([TABLE, replace(TABLE, interval_s=60)], "daily has two tables"),
        ([replace(TABLE, threshold=0.4)], "threshold: expected 0.5 or more"),
        ([replace(TABLE, stale_after_bars=0)], "stale_after_bars: expected more than 0"),
        ([replace(TABLE, age_days_max=-1)], "age_days_max: expected 0 or more"),
        ([replace(TABLE, model="../x")], "signals: model: "),
        ([replace(TABLE, model=f"m{n}") for n in range(9)], "expected 8 models at most, found 9"),
    ],
    ids=["set", "interval", "twice", "threshold", "stale", "age", "name", "many"],
)
def test_settings_that_can_not_be_say_what_was_expected(tables: list[SignalSettings], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        checked_sets(tables, INTERVALS_NS)
