"""Models beside a market: rows, outcomes, and who predicts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.clock import NS_PER_S, SystemClock
from engine.messages.signal_views import ModelView, SignalView
from engine.model.account import AccountMode
from engine.security.model_keys import rotate_model_keys
from engine.security.vault.key_file import KeyFile
from engine.signals.features.kernel import replayed
from engine.signals.features.vector import FeatureVector
from engine.signals.registry.registry import Registry
from engine.signals.registry.stages import Stage
from tests.engine_rooms import ABC, passes
from tests.serving_bench import NAME, SET, TABLE, ServingBench, course, looked, newest, plays, signals_of


@pytest.fixture
def bench(tmp_path: Path) -> ServingBench:
    return ServingBench(tmp_path)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(10, 10_000), pause=st.integers(0, 40))
def test_rows_are_those_of_history_bit_for_bit_and_so_is_what_is_made_of_them(
    tmp_path_factory: pytest.TempPathFactory, seed: int, pause: int
) -> None:
    bench = ServingBench(tmp_path_factory.mktemp("rows"))
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        model = signals_of(rooms).models[0]
        told: list[tuple[int, tuple[float, ...], float | None]] = []
        served = model.versions[version].said
        model.told += (
            lambda _, symbol: told.append(
                (served[symbol].end_ns, served[symbol].row, served[symbol].probability)
            ),
        )
        plays(rooms, list(course(seed, 60)))
        passes(rooms, pause)
        plays(rooms, list(course(seed + 1, 40)))
        closed = list(rooms.market.bars.series(ABC, NS_PER_S).closed)
        predict = model.versions[version].loaded.model.predict
        expected = [
            (row.event_ns, row.values, predict(row.values))
            if isinstance(row, FeatureVector)
            else (row.event_ns, (), None)
            for row in replayed(SET, closed)
        ]
        assert told == expected
        assert sum(probability is not None for _, _, probability in told) >= 60


@pytest.mark.parametrize("horizon", [1, 5], ids=["next-bar", "five-bars"])
def test_an_outcome_is_the_return_from_the_next_open_and_known_once_that_bar_has_closed(
    bench: ServingBench, horizon: int
) -> None:
    version = bench.champion(horizon_bars=horizon, cost_bps=2.0)
    with bench.rooms(replace(TABLE, stale_after_bars=5)) as rooms:
        looked(rooms)
        plays(rooms, list(course(3, 80)))
        served = signals_of(rooms).models[0].versions[version]
        bars = list(rooms.market.bars.series(ABC, NS_PER_S).closed)
        rows = replayed(SET, bars)
        expected = [
            (served.loaded.model.predict(row.values), bars[at + 1 + horizon].open / bars[at + 1].open - 1)
            for at, row in enumerate(rows)
            if isinstance(row, FeatureVector) and at + 1 + horizon < len(bars)
        ]
        found = [(each.probability, each.forward_return) for each in served.tally.outcomes]
        said = {each for each in expected if each in set(found)}
        assert len(found) == served.tally.matured >= 40
        assert set(found) == said, "nothing is scored that was not said, and nothing by another return"
        ways = [(1 if p > 0.5 else -1) * r * 10_000 - 2 for p, r in found]
        assert served.tally.pnl_bps == pytest.approx(sum(ways))
        looked(rooms)
        view = signals_of(rooms).view.models[0]
        assert (view.matured, view.horizon_bars) == (len(found), horizon)
        hits = sum((p > 0.5) == (r > 0) for p, r in found)
        rate = next(figure for figure in view.live if figure.name == "hit_rate")
        assert (rate.value, rate.count) == (hits / len(found), len(found))
        assert rate.low < rate.value < rate.high
        ic = next(figure for figure in view.live if figure.name == "ic")
        assert ic.count == len(found) // horizon, "outcomes that overlap are not counted twice"


def test_a_promotion_and_a_rollback_count_from_the_next_bar_on(bench: ServingBench) -> None:
    first = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 30)))
        second = bench.shadow()
        signals_of(rooms).follow()
        plays(rooms, list(course(5, 1)))
        assert [(view.version, view.stage) for view in signals_of(rooms).view.models] == [
            (first, "champion"),
            (second, "shadow"),
        ]
        bench.crown(second)
        signals_of(rooms).follow()
        plays(rooms, list(course(6, 1)))
        assert [(view.version, view.stage) for view in signals_of(rooms).view.models] == [
            (second, "champion")
        ]
        bench.registry.roll_back(NAME, first, "ann", "worse")
        signals_of(rooms).follow()
        plays(rooms, list(course(7, 1)))
        said = signals_of(rooms).view.signals
        assert [(each.version, each.stage) for each in said] == [(first, "champion")]
        assert said[0].probability is not None or said[0].abstained
        assert signals_of(rooms).models[0].tallies[first].bars >= 9, "its figures went on"


def test_two_desks_see_one_champion(tmp_path: Path) -> None:
    bench = ServingBench(tmp_path)
    first, second = bench.champion(), bench.shadow()
    with bench.rooms() as rooms, bench.rooms(mode=AccountMode.SIMULATED) as others:
        for each in (rooms, others):
            looked(each)
            assert signals_of(each).models[0].champion == first
        bench.crown(second)
        for each in (rooms, others):
            looked(each)
            assert signals_of(each).models[0].champion == second


def test_a_promotion_that_another_key_signed_is_followed_once_a_desk_has_the_keys(
    bench: ServingBench,
) -> None:
    bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        keys = rotate_model_keys(KeyFile(bench.key_file))
        bench.registry = Registry(bench.data, keys, SystemClock())
        second = bench.champion()
        looked(rooms)
        assert "none of our keys signed it" in signals_of(rooms).models[0].failure
        passes(rooms, 6)
        looked(rooms)
        assert (signals_of(rooms).models[0].champion, signals_of(rooms).models[0].failure) == (second, "")


def test_a_champion_that_was_changed_on_the_disk_is_not_loaded_and_the_old_one_goes_on(
    bench: ServingBench,
) -> None:
    first = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        second = bench.champion()
        path = bench.data / "models" / NAME / second / "model.json"
        path.write_bytes(path.read_bytes().replace(b"0.2", b"0.3"))
        looked(rooms)
        plays(rooms, list(course(4, 30)))
        view = signals_of(rooms).view.models[0]
        assert (view.version, view.stage) == (first, "champion")
        assert "it was changed since it was registered" in view.failure
        assert signals_of(rooms).reading().state.value == "degraded"


def test_a_version_in_shadow_predicts_beside_the_champion_and_is_scored(bench: ServingBench) -> None:
    champion, shadow = bench.champion(), bench.shadow()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 60)))
        looked(rooms)
        assert signals_of(rooms).reading().value == "2 predict"
        views = {view.version: view for view in signals_of(rooms).view.models}
        assert views[champion].matured > 20 < views[shadow].matured
        assert newest(rooms, shadow).contributions == ()
        assert [figure.name for figure in views[shadow].live] == [
            figure.name for figure in views[champion].live
        ]


def test_history_that_comes_late_is_not_what_an_earlier_word_is_judged_by(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 40)))
        served = signals_of(rooms).models[0].versions[version]
        before = served.tally.matured
        rooms.market.bars.of(ABC).empty()
        plays(rooms, list(course(5, 23)))
        assert served.tally.matured == before
        plays(rooms, list(course(6, 10)))
        assert served.tally.matured > before


def test_the_stage_of_a_demoted_champion_is_shadow_and_it_goes_on(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 40)))
        matured = signals_of(rooms).models[0].tallies[version].matured
        bench.registry.demote(NAME, version, "touchline", "it drifted")
        looked(rooms)
        plays(rooms, list(course(5, 40)))
        assert bench.registry.standing(NAME).stages[version] is Stage.SHADOW
        view = signals_of(rooms).view.models[0]
        assert (view.stage, view.matured > matured) == ("shadow", True)


def test_whoever_listens_and_fails_is_said_and_the_market_goes_on(bench: ServingBench) -> None:
    bench.champion()

    def fails(_: SignalView, __: ModelView) -> None:
        raise ValueError("no such thing")

    with bench.rooms() as rooms:
        looked(rooms)
        signals_of(rooms).listen(fails)
        plays(rooms, list(course(4, 30)))
        assert len(rooms.market.bars.series(ABC, NS_PER_S).closed) == 29
        assert "ValueError: no such thing" in signals_of(rooms).reading().detail
        assert signals_of(rooms).view.models[0].failure == "ValueError: no such thing"


def test_a_bar_that_is_corrected_is_told_anew_and_its_first_word_counts(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 40)))
        served = signals_of(rooms).models[0].versions[version]
        series = rooms.market.bars.series(ABC, NS_PER_S)
        bars, before = served.tally.bars, newest(rooms, version)
        series.record(
            replace(series.closed[-1], high=series.closed[-1].high + 3, close=series.closed[-1].high + 3)
        )
        assert newest(rooms, version).probability != before.probability
        assert served.tally.bars == bars
