"""Drift beside a market: days on which something changes, what becomes of the champion, and what is kept of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from engine.messages.events import AlertRaised
from engine.model.account import AccountMode
from engine.observe.signal_metrics import LEVELS, SIGNAL_METRICS
from engine.rooms import Rooms
from engine.security.audit.log import NAME as AUDIT
from engine.settings.signals import ModelsSettings
from engine.signals.kept_path import signals_path
from engine.signals.registry.stages import Stage
from engine.signals.serving.kept import encoded, read_kept
from engine.signals.serving.live_figures import live_figures
from engine.signals.serving.tally import Tally
from engine.signals.statistics.levels import Level
from engine.signals.statistics.matured import Matured
from tests.serving_bench import NAME, ServingBench, course, looked, plays, signals_of

BEFORE = 300
"""Bars before anything changes."""


def trending(random: Random, price: float, _: int) -> float:
    return price + random.gauss(6, 12)


def drifting(random: Random, price: float, _: int) -> float:
    return price + random.gauss(3, 12)


def bursting(random: Random, price: float, bar: int) -> float:
    return price + random.gauss(0, 12) * (4 if bar // 5 % 5 == 0 else 1) + (100_000 - price) * 0.01


def frozen(_: Random, price: float, __: int) -> float:
    return price


Move = Callable[[Random, float, int], float]


def changed(move: Move, seed: int, bars: int) -> Iterator[Sequence[int]]:
    """Yield bids of a market that moves in its own way."""
    random, price = Random(seed), 100_000.0
    for bar in range(bars):
        bids = []
        for _ in range(4):
            price = move(random, price, bar)
            bids.append(round(price))
        yield bids


@pytest.fixture
def bench(tmp_path: Path) -> ServingBench:
    return ServingBench(tmp_path)


def alerts_of(rooms: Rooms) -> list[str]:
    """Return where the sentences of alerts come in."""
    told: list[str] = []
    rooms.bus.subscribe(AlertRaised, lambda event: told.append(event.text))
    return told


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize(
    ("move", "bars_max", "data", "performance"),
    [
        pytest.param(trending, 100, Level.OK, Level.ALARM, id="errors-rise"),
        pytest.param(drifting, 750, Level.ALARM, Level.OK, id="shift"),
        pytest.param(bursting, 500, Level.ALARM, Level.OK, id="scale"),
        pytest.param(frozen, 25, Level.QUARANTINE, Level.OK, id="frozen-feed"),
    ],
)
def test_a_change_is_an_alarm_within_so_many_bars_and_nothing_is_said_from_there_on(
    bench: ServingBench, move: Move, bars_max: int, data: Level, performance: Level, seed: int
) -> None:
    version = bench.champion()
    with bench.rooms(mode=AccountMode.SIMULATED) as rooms:
        looked(rooms)
        plays(rooms, list(course(seed, BEFORE)))
        served = signals_of(rooms).models[0].versions[version]
        assert max(served.data().level, served.performance().level) < Level.ALARM
        worst_data, worst_errors = Level.OK, Level.OK
        for bids in changed(move, seed, bars_max):
            plays(rooms, [bids])
            worst_data = max(worst_data, served.data().level)
            worst_errors = max(worst_errors, served.performance().level)
        assert (worst_data >= data, worst_errors >= performance) == (True, True)
        signal = signals_of(rooms).view.signals[0]
        assert signal.probability is None
        assert signal.abstained.startswith(("drift: ", "missing: ", "out of domain: "))


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_a_day_like_the_training_raises_no_alarm(bench: ServingBench, seed: int) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        served = signals_of(rooms).models[0].versions[version]
        for bids in course(seed, 1_400):
            plays(rooms, [bids])
            assert max(served.data().level, served.performance().level) < Level.ALARM
        looked(rooms)
        assert bench.registry.standing(NAME).champion == version
        assert served.tally.said / served.tally.bars > 0.9


@pytest.mark.parametrize(
    ("move", "rule"), [(trending, "performance"), (frozen, "data")], ids=["errors", "data"]
)
def test_a_champion_that_must_not_count_is_demoted_once_and_never_promoted(
    bench: ServingBench, move: Move, rule: str
) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        told = alerts_of(rooms)
        looked(rooms)
        plays(rooms, list(course(11, BEFORE)))
        looked(rooms)
        assert bench.registry.standing(NAME).champion == version
        plays(rooms, list(changed(move, 11, 60)))
        looked(rooms)
        standing = bench.registry.standing(NAME)
        assert (standing.champion, standing.stages[version]) == ("", Stage.SHADOW)
        event = bench.registry.events(NAME)[-1]
        assert (event.what, event.who) == ("demote", "touchline")
        assert ("its errors rose" in event.reason) == (rule == "performance")
        view = signals_of(rooms).view.models[0]
        assert (view.stage, view.demoted) == ("shadow", event.reason)
        assert next(text for text in told if "was demoted into shadow" in text).startswith(
            f"{NAME} {version}"
        )
        plays(rooms, list(course(12, 40)))
        looked(rooms)
        assert len(bench.registry.events(NAME)) == 4, "no second move, and none up"
        assert "has no champion" in signals_of(rooms).reading().detail
        assert rooms.audit is not None
        rooms.audit.close()
    line = json.loads((bench.data / AUDIT).read_text(encoding="utf-8").splitlines()[-1])
    assert (line["who"], line["what"], line["origin"]) == ("touchline", "model-demote", "drift")
    assert line["subject"] == f"{NAME} {version}, event 4 {event.hash[:16]}"


def test_a_rollback_to_what_was_demoted_begins_without_its_alarm(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(11, BEFORE)))
        plays(rooms, list(changed(trending, 11, 60)))
        looked(rooms)
        looked(rooms)
        bench.registry.roll_back(NAME, version, "ann", "the market is well again")
        looked(rooms)
        plays(rooms, list(course(12, 30)))
        looked(rooms)
        assert bench.registry.standing(NAME).champion == version
        assert signals_of(rooms).view.models[0].drift_errors in {"ok", "watch"}


@pytest.mark.parametrize("mode", [AccountMode.SIMULATED, AccountMode.PAPER], ids=["simulated", "rule-off"])
def test_no_champion_is_demoted_on_a_market_that_is_none_or_where_the_rule_is_off(
    bench: ServingBench, mode: AccountMode
) -> None:
    version = bench.champion()
    if mode is AccountMode.PAPER:
        bench.models = replace(bench.models, demote_on=("data",))
    with bench.rooms(mode=mode) as rooms:
        told = alerts_of(rooms)
        looked(rooms)
        plays(rooms, list(course(11, BEFORE)))
        plays(rooms, list(changed(trending, 11, 60)))
        looked(rooms)
        looked(rooms)
        assert bench.registry.standing(NAME).champion == version
        said = [text for text in told if "would be demoted on a real market" in text]
        assert len(said) == (1 if mode is AccountMode.SIMULATED else 0)
    assert ModelsSettings().demote_on == ("data", "performance")


def test_a_demotion_that_fails_is_said_once_and_tried_again(
    bench: ServingBench,
) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        told = alerts_of(rooms)
        looked(rooms)
        plays(rooms, list(course(11, BEFORE)))
        plays(rooms, list(changed(trending, 11, 60)))
        kept, aside = bench.data / "models.sqlite3", bench.data / "aside"
        kept.rename(aside)
        kept.mkdir()
        for _ in range(2):
            asyncio.run(signals_of(rooms).look())
        assert sum("could not be demoted" in text for text in told) == 1, "it is said once"
        kept.rmdir()
        aside.rename(kept)
        asyncio.run(signals_of(rooms).look())
        assert bench.registry.standing(NAME).stages[version] is Stage.SHADOW, "and tried again"
        assert signals_of(rooms).view.models[0].stage == "shadow"


def begun(rooms: Rooms) -> None:
    """Run the signals' task until models predict."""

    async def run() -> None:
        task = asyncio.create_task(signals_of(rooms).run())
        while not signals_of(rooms).models[0].versions:  # noqa: ASYNC110  # found out in a thread
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_figures_and_drift_outlive_the_program(bench: ServingBench) -> None:
    bench.champion()
    with bench.rooms(mode=AccountMode.SIMULATED) as rooms:
        begun(rooms)
        plays(rooms, list(course(11, BEFORE)))
        plays(rooms, list(changed(trending, 11, 60)))
        before = signals_of(rooms).view.models[0]
        signals_of(rooms).close()
        path = signals_path(bench.data / "journal" / AccountMode.SIMULATED.value)
        assert path.stat().st_mode & 0o777 == 0o600
    with bench.rooms(mode=AccountMode.SIMULATED, later_s=10_000) as rooms:
        begun(rooms)
        plays(rooms, list(course(12, 24)))
        looked(rooms)
        after = signals_of(rooms).view.models[0]
        assert (after.version, after.drift_errors) == (before.version, "alarm")
        assert after.matured >= before.matured > 200
        assert {figure.name for figure in after.live} >= {"hit_rate", "brier", "ic"}


@pytest.mark.parametrize(
    "content",
    ['{"schema": 2, "tallies": []}', "{", '{"schema": 1, "more": 1}'],
    ids=["newer", "broken", "other"],
)
def test_what_can_not_be_read_is_said_left_alone_and_not_written_over(
    bench: ServingBench, content: str
) -> None:
    bench.champion()
    path = signals_path(bench.data / "journal" / "paper")
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    with bench.rooms() as rooms:
        told = alerts_of(rooms)
        begun(rooms)
        plays(rooms, list(course(11, 40)))
        signals_of(rooms).close()
        assert path.read_text(encoding="utf-8") == content
        assert "move it away to begin anew" in told[0]
        assert "not kept" in signals_of(rooms).reading().detail


def test_a_replay_keeps_nothing_and_knows_nothing_of_before(bench: ServingBench) -> None:
    bench.champion()
    with bench.rooms(mode=AccountMode.REPLAY) as rooms:
        begun(rooms)
        plays(rooms, list(course(11, 60)))
        signals_of(rooms).close()
        assert list((bench.data / "journal").glob("*.signals.json")) == []


def test_what_is_kept_is_bounded_however_long_a_desk_runs(tmp_path: Path) -> None:
    tally = Tally("daily", "0" * 16)
    random = Random(1)

    for bar in range(1_200):
        tally.take(Matured(bar, random.random(), random.gauss(0, 0.01)), 1.0)
    assert (tally.matured, len(tally.outcomes)) == (1_200, 500)
    path = tmp_path / "x.signals.json"
    path.write_bytes(encoded((tally,)))
    (found,) = read_kept(path)
    assert live_figures(found.outcomes, 1) == live_figures(tally.outcomes, 1)


def test_metrics_have_a_series_for_each_version_and_no_other_label(bench: ServingBench) -> None:
    champion, shadow = bench.champion(), bench.shadow()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(11, 60)))
        looked(rooms)
        view = signals_of(rooms).view
        points = {metric.name: dict(metric.read(view)) for metric in SIGNAL_METRICS}
    assert points["touchline_signal_champion"] == {(NAME, champion): 1, (NAME, shadow): 0}
    assert points["touchline_signal_drift_level"].keys() == {
        (NAME, version, of) for version in (champion, shadow) for of in ("data", "performance")
    }
    assert all(0 < rate < 1 for rate in points["touchline_signal_hit_ratio"].values())
    assert tuple(level.name.lower() for level in Level) == LEVELS


def test_a_look_that_fails_is_said_and_the_next_one_goes_on(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        signals = signals_of(rooms)
        bench.data.chmod(0o700)
        models, aside = bench.data / "models.sqlite3", bench.data / "aside"
        looked(rooms)
        models.rename(aside)
        models.mkdir()
        looked(rooms)
        assert signals.reading().state.value == "degraded"
        assert signals.models[0].champion == version, "what can't be read takes nobody down"
        models.rmdir()
        aside.rename(models)
        looked(rooms)
        assert signals.view.models[0].failure == ""
