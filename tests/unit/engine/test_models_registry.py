"""How versions stand: one table of moves, gates on the way up, one champion whoever looks."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from itertools import count, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from engine.clock import SimulatedClock
from engine.errors import InvalidTransition
from engine.security.model_keys import ModelKeys
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.card import Card
from engine.signals.registry.champion import Champion
from engine.signals.registry.events import REGISTER, Deed, Event, chained
from engine.signals.registry.gates import Figures, gates_to
from engine.signals.registry.registry import GatesClosed, Registry
from engine.signals.registry.stages import NEXT, Move, Stage, moved
from engine.signals.registry.standing import Standing
from tests.model_bench import KEY, NOW_NS, Bench, card, good
from tests.waiting import wait_until

VERSIONS = [str(n) * 16 for n in range(3)]
MOVES = [Move.PROMOTE, Move.ROLL_BACK, Move.DEMOTE, Move.QUARANTINE]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_move_that_is_not_in_the_table_leads_nowhere() -> None:
    for stage, move in product(Stage, Move):
        if (stage, move) in NEXT:
            assert moved(stage, move) is NEXT[stage, move]
        else:
            with pytest.raises(InvalidTransition, match=f"a {stage} version is nothing to {move}"):
                moved(stage, move)
    assert not [stage for stage, _ in NEXT if stage is Stage.QUARANTINED]


@given(st.lists(st.tuples(st.sampled_from(VERSIONS), st.sampled_from(MOVES)), max_size=40))
def test_whatever_is_moved_there_is_one_champion_at_most(moves: list[tuple[str, Move]]) -> None:
    keys, standing = ModelKeys(KEY), Standing()
    last: Event | None = None
    for version, what in [*((version, REGISTER) for version in VERSIONS), *moves]:
        last = chained(Deed(name="daily", version=version, what=what, who="ann"), NOW_NS, last, keys)
        before = dict(standing.stages)
        try:
            standing.apply(last)
        except ModelRefused:
            assert standing.stages == before
        champions = [each for each, stage in standing.stages.items() if stage is Stage.CHAMPION]
        assert champions == ([standing.champion] if standing.champion else [])
        assert set(champions) <= set(standing.were_champion)


def test_a_version_goes_up_by_one_stage_at_a_time_and_the_champion_before_it_retires(bench: Bench) -> None:
    first, second = bench.champion(), bench.candidate()
    assert bench.registry.promote("daily", second, "ann", "try").stage is Stage.SHADOW
    done = bench.registry.promote("daily", second, "ann", "better", good(second))
    assert (done.stage, done.before, done.displaced) == (Stage.CHAMPION, Stage.SHADOW, first)
    standing = bench.registry.standing("daily")
    assert standing.stages == {first: Stage.RETIRED, second: Stage.CHAMPION}
    newest = bench.registry.events("daily")[-1]
    assert (newest.who, newest.reason, newest.gates["matured outcomes"]) == ("ann", "better", "300 of 300")


def test_a_rollback_leads_to_a_version_that_was_champion_and_nowhere_else(bench: Bench) -> None:
    first, second, never = bench.champion(), bench.champion(), bench.shadow()
    with pytest.raises(ModelRefused, match="was never champion"):
        bench.registry.roll_back("daily", never, "ann", "worse")
    assert bench.registry.roll_back("daily", first, "ann", "worse").displaced == second
    assert bench.registry.standing("daily").champion == first
    bench.registry.quarantine("daily", second, "ann", "a leak")
    with pytest.raises(ModelRefused, match="a quarantined version is nothing to roll back"):
        bench.registry.roll_back("daily", second, "ann", "again")


def test_a_champion_that_is_demoted_goes_on_in_shadow(bench: Bench) -> None:
    version = bench.champion()
    assert bench.registry.demote("daily", version, "touchline", "it drifted").stage is Stage.SHADOW
    assert bench.registry.standing("daily").champion == ""
    assert bench.registry.roll_back("daily", version, "ann", "well again").stage is Stage.CHAMPION


def figures(matured: int = 300, *, drift: bool = False) -> Figures:
    return Figures(version="0" * 16, matured_outcomes=matured, drift_alarm=drift)


@pytest.mark.parametrize(
    ("changes", "given_figures", "closed"),
    [
        pytest.param({}, figures(), [], id="all-open"),
        pytest.param({}, None, ["matured outcomes", "drift"], id="not-measured"),
        pytest.param({}, figures(299), ["matured outcomes"], id="too-few"),
        pytest.param({}, figures(drift=True), ["drift"], id="drift"),
        pytest.param({"metrics": {}}, figures(), ["metrics"], id="no-metrics"),
        pytest.param({"leakage_alarms": ["shifted"]}, figures(), ["leakage"], id="alarm"),
        pytest.param(
            {"metrics": {"auc": {"value": 0.59, "low": 0.5, "high": 0.6}}}, figures(), ["leakage"], id="auc"
        ),
        pytest.param(
            {"metrics": {"ic": {"value": -0.2, "low": -0.3, "high": 0.0}}}, figures(), ["leakage"], id="ic"
        ),
    ],
)
def test_each_gate_says_what_it_found(
    changes: dict[str, object], given_figures: Figures | None, closed: list[str]
) -> None:
    gates = gates_to(Stage.CHAMPION, convert(card(**changes), Card), 3.0, given_figures)
    assert [gate.name for gate in gates if not gate.passed] == closed
    assert all(gate.found for gate in gates)


def test_a_closed_gate_moves_nothing_and_figures_of_another_version_open_none(bench: Bench) -> None:
    version = bench.shadow()
    with pytest.raises(GatesClosed, match="matured outcomes: not measured") as caught:
        bench.registry.promote("daily", version, "ann", "now")
    assert len(caught.value.gates) == 6
    with pytest.raises(ModelRefused, match="the figures are about version"):
        bench.registry.promote("daily", version, "ann", "now", good("0" * 16))
    assert bench.registry.standing("daily").stages == {version: Stage.SHADOW}


def test_a_model_that_is_too_slow_is_not_registered(tmp_path: Path) -> None:
    slow = SimulatedClock(NOW_NS)
    slow.monotonic_ns = count(step=600_000).__next__
    with pytest.raises(ModelRefused, match="take up to 600 us; expected 500"):
        Bench(tmp_path, slow).candidate()


def test_what_is_kept_is_for_its_owner_alone(bench: Bench) -> None:
    version = bench.candidate()
    folder = bench.file(version, "model.json").parent
    assert [stat.S_IMODE(each.stat().st_mode) for each in (folder, bench.registry.root)] == [0o700, 0o700]
    assert {stat.S_IMODE(each.stat().st_mode) for each in (*folder.iterdir(), bench.registry.store.path)} == {
        0o600
    }
    assert sorted(each.name for each in folder.iterdir()) == [
        "card.json", "manifest.json", "model.json", "reference.json",
    ]  # fmt: skip


def test_two_processes_see_one_champion_and_a_decision_on_what_is_past_is_refused(bench: Bench) -> None:
    other = bench.another()
    champion = Champion(other, "daily")
    assert not champion.look()
    first = bench.champion()
    assert champion.look()
    assert not champion.look()
    held = champion.current
    assert held is not None
    assert held.version == first
    second = bench.shadow()
    stage, _ = other.judge("daily", second, good(second))
    assert stage is Stage.CHAMPION
    bench.registry.promote("daily", second, "ann", "better", good(second))
    with pytest.raises(ModelRefused, match="a champion version is nothing to promote"):
        other.promote("daily", second, "ben", "better", good(second))


def test_of_two_who_promote_at_once_each_move_is_one_event(bench: Bench) -> None:
    versions = [bench.shadow() for _ in range(4)]
    registries = [bench.another() for _ in versions]

    def promote(registry: Registry, version: str) -> None:
        registry.promote("daily", version, "ann", "race", good(version))

    threads = [threading.Thread(target=promote, args=pair) for pair in zip(registries, versions, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    stages = list(bench.registry.standing("daily").stages.values())
    assert (stages.count(Stage.CHAMPION), stages.count(Stage.RETIRED)) == (1, 3)


async def watched(champion: Champion, bench: Bench) -> str:
    watch = asyncio.create_task(champion.watch())
    version = await asyncio.to_thread(bench.champion)
    await asyncio.to_thread(wait_until, lambda: champion.current is not None)
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    assert watch.cancelled()
    return version


def test_a_watch_takes_the_next_champion_by_itself(bench: Bench) -> None:
    champion = Champion(bench.another(), "daily")
    version = asyncio.run(watched(champion, bench))
    assert champion.current is not None
    assert champion.current.version == version


def test_a_quarantined_champion_predicts_no_more_even_where_the_one_after_it_does_not_load(
    bench: Bench,
) -> None:
    first, second = bench.champion(), bench.champion()
    champion = Champion(bench.registry, "daily")
    champion.look()
    bench.registry.roll_back("daily", first, "ann", "worse")
    bench.registry.quarantine("daily", second, "ann", "a leak")
    bench.file(first, "model.json").write_bytes(b"{}")
    assert champion.look()
    assert champion.current is None
    assert "was changed since it was registered" in champion.failure


def test_a_champion_that_could_not_be_loaded_is_tried_again(bench: Bench) -> None:
    version = bench.champion()
    path = bench.file(version, "model.json")
    kept = path.read_bytes()
    path.write_bytes(b"{}")
    champion = Champion(bench.registry, "daily")
    assert not champion.look()
    path.write_bytes(kept)
    assert champion.look()
    assert champion.failure == ""


def test_events_stay_as_they_are(bench: Bench) -> None:
    bench.champion()
    with closing(sqlite3.connect(bench.registry.store.path)) as found:
        for statement in ("DELETE FROM stage_event", "UPDATE stage_event SET name = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="events"):
                found.execute(statement)


FORGED = {
    "changed": ("UPDATE stage_event SET event = replace(event, 'ann', 'eve') WHERE number = 3", "changed"),
    "removed": ("DELETE FROM stage_event WHERE number = 2", "does not follow"),
    "moved": ("UPDATE stage_event SET name = 'other' WHERE number = 1", "was changed"),
    "torn": ("UPDATE stage_event SET event = x'7b' WHERE number = 1", "no event any more"),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_registry_that_was_changed_is_refused_and_the_champion_stays(bench: Bench, how: str) -> None:
    bench.champion()
    champion = Champion(bench.registry, "daily")
    champion.look()
    held = champion.current
    statement, said = FORGED[how]
    with closing(sqlite3.connect(bench.registry.store.path)) as found:
        found.executescript("DROP TRIGGER events_stay; DROP TRIGGER events_hold")
        found.execute(
            statement.replace(
                "SET event = replace(event, 'ann', 'eve')",
                "SET event = CAST(replace(CAST(event AS TEXT), 'ann', 'eve') AS BLOB)",
            )
        )
        found.commit()
    assert not champion.look()
    assert champion.current is held
    assert said in champion.failure


def test_an_event_that_another_key_signed_is_refused(bench: Bench) -> None:
    version = bench.shadow()
    forger = Registry(bench.data, ModelKeys(KEY[::-1] + KEY), bench.clock)
    forger.promote("daily", version, "eve", "mine", good(version))
    with pytest.raises(ModelRefused, match="none of our keys signed it"):
        bench.registry.standings()


@pytest.mark.parametrize("how", ["open", "link", "newer", "no-database"])
def test_a_registry_file_that_is_not_ours_alone_is_refused(bench: Bench, how: str) -> None:
    bench.candidate()
    path = bench.registry.store.path
    if how == "open":
        path.chmod(0o640)
    elif how == "link":
        shutil.move(path, bench.root / "elsewhere")
        path.symlink_to(bench.root / "elsewhere")
    elif how == "newer":
        with closing(sqlite3.connect(path)) as found:
            found.execute("PRAGMA user_version = 9")
    else:
        path.write_bytes(b"no database at all, but long enough to look at" * 20)
    with pytest.raises(ModelRefused, match=r"models\.sqlite3"):
        bench.registry.standings()


def test_keys_that_were_replaced_still_verify(bench: Bench) -> None:
    version = bench.champion()
    rotated = Registry(bench.data, ModelKeys(KEY[::-1] + KEY), bench.clock)
    assert rotated.load("daily", version).version == version
    assert rotated.standing("daily").champion == version
    other = Registry(bench.data, ModelKeys(KEY[::-1]), bench.clock)
    with pytest.raises(ModelRefused, match="none of our keys signed it"):
        other.load("daily", version)
