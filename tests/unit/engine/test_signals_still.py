"""A market in which nothing happens is no fault of anybody's; a feed that says the same again and again is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.model.account import AccountMode
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.model.market_status import Session, StatusChange
from engine.model.quote import Quote
from engine.model.trade import Trade
from engine.rooms import Rooms
from engine.signals.features.kernel import replayed
from engine.signals.features.sets import feature_set
from engine.signals.features.vector import FeatureVector
from engine.signals.models.reading import model_of
from engine.signals.models.schema import Golden, Linear
from engine.signals.registry.stages import Stage
from engine.signals.serving.served_version import ServedVersion
from engine.signals.serving.stillness import Seen, Stillness
from engine.signals.statistics.levels import Level
from engine.signals.statistics.reference import Reference
from tests.engine_rooms import ABC, passes
from tests.serving_bench import NAME, TABLE, ServingBench, bars_of, course, looked, newest, plays, signals_of

PRICE = 100_000
WITH_VOLUME = feature_set("bars-12", NS_PER_S)


@pytest.fixture
def bench(tmp_path: Path) -> ServingBench:
    return ServingBench(tmp_path)


def played(bench: ServingBench, rooms: Rooms) -> ServedVersion:
    """Let a market that moves come in, and return what predicts it."""
    looked(rooms)
    plays(rooms, list(course(11, 60)))
    looked(rooms)
    return signals_of(rooms).models[0].versions[bench.registry.standing(NAME).champion]


def quotes(rooms: Rooms, bid_size: int) -> None:
    """Let a quote come in whose price is that of before."""
    now_ns = rooms.clock.now_ns()
    rooms.market.on_quote(Quote(ABC, "hand", PRICE, PRICE + 2, bid_size, 500, now_ns, now_ns))


def prints(rooms: Rooms) -> None:
    """Let a trade come in whose price is that of before."""
    now_ns = rooms.clock.now_ns()
    rooms.market.on_trade(Trade(ABC, "hand", PRICE, 1, None, now_ns, now_ns))


def test_a_quiet_market_whose_quotes_live_demotes_nobody_and_is_predicted_again_when_it_moves(
    bench: ServingBench,
) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        served = played(bench, rooms)
        for second in range(300):
            quotes(rooms, 400 + second % 7)
            passes(rooms, 1)
            assert max(served.data().level, served.performance().level) < Level.ALARM
        looked(rooms)
        assert newest(rooms, version).abstained.startswith("missing: ")
        assert bench.registry.standing(NAME).champion == version
        plays(rooms, list(course(12, 40)))
        assert newest(rooms, version).probability is not None


def test_prints_at_one_price_are_a_quiet_market_too(bench: ServingBench) -> None:
    bench.champion()
    with bench.rooms() as rooms:
        served = played(bench, rooms)
        for _ in range(60):
            prints(rooms)
            passes(rooms, 1)
        assert served.data().level is Level.OK


def test_a_feed_that_repeats_itself_is_a_quarantine_though_its_times_move_on(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        served = played(bench, rooms)
        levels = []
        for _ in range(25):
            quotes(rooms, 500)
            passes(rooms, 1)
            levels.append(served.data().level)
        assert (levels[15], levels[-1]) == (Level.OK, Level.QUARANTINE)
        assert "the feed stands still" in served.data().reasons[0]
        looked(rooms)
        assert bench.registry.standing(NAME).stages[version] is Stage.SHADOW


@pytest.mark.parametrize("session", [Session.CLOSED, Session.HALTED], ids=["closed", "halted"])
def test_a_market_that_does_not_trade_is_not_asked_for_anything_new(
    bench: ServingBench, session: Session
) -> None:
    bench.champion()
    with bench.rooms(mode=AccountMode.SIMULATED) as rooms:
        served = played(bench, rooms)
        now_ns = rooms.clock.now_ns()
        state = rooms.market.states[ABC]
        state.instrument = dataclasses.replace(state.instrument, calendar="XTST")
        rooms.market.on_status(StatusChange(ABC, "hand", session, "lunch", now_ns, now_ns))
        for _ in range(60):
            quotes(rooms, 500)
            passes(rooms, 1)
        assert served.data().level is Level.OK


def with_volume() -> tuple[Linear, str]:
    """Return a model that reads volumes, and what its training looked like."""
    bars = [replace(bar, volume=100 + bar.close % 37) for bar in bars_of(1, 400)]
    rows = [row.values for row in replayed(WITH_VOLUME, bars) if isinstance(row, FeatureVector)]
    names = WITH_VOLUME.names
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    file = Linear(
        schema=1,
        feature_set=WITH_VOLUME.id,
        features=list(names),
        weights=[0.01] * len(names),
        intercept=0.0,
        golden=[Golden(row=list(row), probability=0.5) for row in rows[:16]],
    )
    model = model_of(file).model
    golden = [Golden(row=each.row, probability=model.predict(each.row)) for each in file.golden]
    return replace(file, golden=golden), Reference.of(columns).to_json()


def test_a_volume_that_never_comes_is_a_feature_that_stays_away(bench: ServingBench) -> None:
    model, reference = with_volume()
    version = bench.champion(model=model, reference=reference, set_id=WITH_VOLUME.id)
    with bench.rooms(replace(TABLE, set="bars-12"), mode=AccountMode.SIMULATED) as rooms:
        served = played(bench, rooms)
        assert served.data().level is Level.QUARANTINE
        assert served.data().reasons[0].startswith("volume_z_20 is missing in the last ")
        assert newest(rooms, version).abstained.startswith("missing: volume_z_20")


def flat(number: int, close: int, volume: int) -> Bar:
    start_ns = number * NS_PER_S
    return Bar(Symbol("ABC"), NS_PER_S, start_ns, close, close, close, close, volume, 0, 0, closed=True)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 2), st.integers(0, 1), st.integers(1, 2), st.sampled_from([True] + [False] * 4)
        ),
        max_size=60,
    )
)
def test_bars_are_still_for_as_long_as_nothing_of_them_is_new(
    told: list[tuple[int, int, int, bool]],
) -> None:
    stillness, expected = Stillness(), 0
    for number, (close, volume, size, is_shut) in enumerate(told):
        before = told[number - 1] if number else None
        same = before is not None and (before[0], before[2]) == (close, size)
        expected = expected + 1 if same and not volume and not is_shut else 0
        stillness.close(flat(number, close, volume), Seen(close, (close, size), is_shut))
        assert stillness.bars == expected
