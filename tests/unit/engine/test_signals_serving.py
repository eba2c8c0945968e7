"""Models beside a market: rows, outcomes, who predicts, and when nothing is said."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.frames import FrameBuilder
from engine.market.bars import INTERVALS_NS
from engine.messages.signal_views import ModelView, SignalView
from engine.messages.views import ViewRequest
from engine.model.account import AccountMode
from engine.rooms import Rooms
from engine.signal_settings import SignalSettings
from engine.signals.features.kernel import replayed
from engine.signals.features.vector import FeatureVector
from engine.signals.registry.stages import Stage
from engine.signals.serving.checks import checked_sets
from engine.signals.serving.money import Money, SignalFill
from engine.signals.statistics.attribution import attribute
from tests.engine_rooms import ABC, XYZ, composed, passes, quoted
from tests.serving_bench import NAME, SET, TABLE, ServingBench, course, plays, signals_of


@pytest.fixture
def bench(tmp_path: Path) -> ServingBench:
    return ServingBench(tmp_path)


def looked(rooms: Rooms) -> None:
    """Do once what the signals' task does twice a second."""
    signals = signals_of(rooms)
    signals.follow()
    asyncio.run(signals.look())


def newest(rooms: Rooms, version: str) -> SignalView:
    """Return what a version says of ABC."""
    return next(each for each in signals_of(rooms).view.signals if each.version == version)


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


def test_a_version_in_shadow_predicts_beside_the_champion_and_is_scored(bench: ServingBench) -> None:
    champion, shadow = bench.champion(), bench.shadow()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 60)))
        looked(rooms)
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


def test_a_registry_that_is_empty_or_has_no_key_says_what_to_do(bench: ServingBench) -> None:
    with bench.rooms() as rooms:
        looked(rooms)
        assert "touchline models add" in signals_of(rooms).view.registry
        assert signals_of(rooms).reading().state.value == "down"
    bench.champion()
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


FILLS = st.lists(
    st.tuples(st.sampled_from([1, -1]), st.integers(1, 9), st.integers(90, 110), st.integers(90, 110)),
    max_size=12,
)


@given(FILLS, FILLS, st.integers(90, 110), st.integers(0, 50))
def test_gross_less_slippage_and_fees_is_what_the_account_has_of_it_to_the_millionth(
    ours: list[tuple[int, int, int, int]], theirs: list[tuple[int, int, int, int]], mark: int, fee: int
) -> None:
    cash, held, lines = 0, 0, []
    for version, fills in (("a", ours), ("b", theirs)):
        money = Money()
        for side, quantity, signal, paid in fills:
            money.take(
                SignalFill(NAME, version, ABC, side, quantity, signal * quantity, paid * quantity, fee)
            )
            cash -= side * paid * quantity + fee
            held += side * quantity
        lines.append(money.attributed(version, lambda _, quantity: mark * quantity))
    assert attribute(lines, cash + mark * held).is_whole


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
