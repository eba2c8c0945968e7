"""What the metrics are read from: buckets, source times, what venues said, disks, the process."""

from __future__ import annotations

import os
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S, SystemClock
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.model.market_status import Session
from engine.observe.feed_metrics import FEED_METRICS, Feeds
from engine.observe.latency import BOUNDS_US, Latency
from engine.observe.process import cpu_seconds, open_descriptors, open_descriptors_max
from engine.observe.reject_reasons import OTHER, reason_kind
from engine.observe.source_times import TOLD_AGAIN_NS, SourceTimes
from engine.observe.storage import STORAGE_METRICS, Moment, Storage
from tests.engine_rooms import share

NOW_NS = 1_700_000_000 * NS_PER_S
MS = 1_000_000


@settings(deadline=None, max_examples=50)
@given(st.lists(st.one_of(st.integers(0, 2 * 10**10), st.sampled_from([us * 1000 for us in BOUNDS_US]))))
def test_a_bucket_holds_every_duration_up_to_its_bound(durations_ns: list[int]) -> None:
    latency = Latency(lambda: 0)
    for duration_ns in durations_ns:
        latency.record(duration_ns)
    *below, everything = accumulate(latency.buckets)
    assert below == [sum(each <= bound * 1000 for each in durations_ns) for bound in BOUNDS_US]
    assert everything == latency.count == len(durations_ns)


def state(symbol: str, came_ns: int, event_ns: int, source: str = "venue") -> MarketState:
    made = MarketState(share(Symbol(symbol)))
    made.quote_receive_ns, made.quote_event_ns, made.source = came_ns, event_ns, source
    return made


def test_the_oldest_of_the_new_quotes_counts_by_the_source_s_own_time() -> None:
    times = SourceTimes()
    old, slow, fast = (
        state("OLD", NOW_NS - MS, NOW_NS - 900 * MS),
        state("SLOW", NOW_NS + 20 * MS, NOW_NS - 30 * MS),
        state("FAST", NOW_NS + 20 * MS, NOW_NS + 19 * MS),
    )
    assert times.oldest([old], NOW_NS, {}) == 0
    assert times.oldest([old, fast, slow], NOW_NS + 33 * MS, {}) == NOW_NS - 30 * MS
    assert times.oldest([old, fast, slow], NOW_NS + 66 * MS, {}) == 0


@pytest.mark.parametrize(
    ("event_ns", "skew_ns", "expected_ns"),
    [
        pytest.param(NOW_NS, 0, NOW_NS, id="as it says"),
        pytest.param(0, 0, NOW_NS + 20 * MS, id="it does not say"),
        pytest.param(NOW_NS + 500 * MS, 500 * MS, NOW_NS, id="its clock is ahead, and we know"),
        pytest.param(NOW_NS + 500 * MS, 0, NOW_NS + 20 * MS, id="its clock is ahead"),
        pytest.param(NOW_NS - 300 * MS, -300 * MS, NOW_NS, id="its clock is behind"),
        pytest.param(NOW_NS - TOLD_AGAIN_NS, 0, 0, id="told again from before"),
    ],
)
def test_a_source_s_time_is_read_by_our_clock(event_ns: int, skew_ns: int, expected_ns: int) -> None:
    times = SourceTimes()
    times.oldest([], NOW_NS, {})
    fresh = state("ABC", NOW_NS + 20 * MS, event_ns)
    assert times.oldest([fresh], NOW_NS + 33 * MS, {"venue": skew_ns}) == expected_ns


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("it would take, and is post-only", "post_only"),
        ("Order would immediately match and take.", "post_only"),
        ("Account has insufficient balance for requested action.", "funds"),
        ("insufficient buying power", "funds"),
        ("Market is closed.", "closed"),
        ("Too many new orders; current limit is 50 orders per 10 SECOND.", "rate"),
        ("no permission", "permission"),
        ("Invalid symbol.", "symbol"),
        ("potential wash trade detected", "position"),
        ("Filter failure: PRICE_FILTER", "price"),
        ("Filter failure: LOT_SIZE", "size"),
        ("Filter failure: NOTIONAL", "size"),
        ("", OTHER),
        ("\x1b]0;owned\x07" * 50, OTHER),
    ],
)
def test_what_a_venue_says_is_of_a_kind(said: str, kind: str) -> None:
    assert reason_kind(said) == kind


def test_a_source_is_as_old_as_its_sign_of_life_or_the_newest_quote_of_what_trades() -> None:
    closed = state("SHUT", NOW_NS - MS, NOW_NS, "shut")
    closed.session = Session.CLOSED
    states = [
        state("A", NOW_NS - 9 * NS_PER_S, 0, "one"),
        state("B", NOW_NS - 2 * NS_PER_S, 0, "one"),
        state("C", NOW_NS - 7 * NS_PER_S, 0, "two"),
        state("D", 0, 0, ""),
        closed,
    ]
    ages = FEED_METRICS[0].read(Feeds(states, NOW_NS, {"one": 5 * NS_PER_S, "two": NS_PER_S, "shut": 0}))
    assert dict(ages) == {("one",): 2.0, ("two",): 1.0}
    assert dict(FEED_METRICS[0].read(Feeds(states, NOW_NS, {}))) == {("one",): 2.0, ("two",): 7.0}


def stored(storage: Storage, name: str, now_ns: int) -> dict[tuple[str, ...], float]:
    (metric,) = (each for each in STORAGE_METRICS if each.name == name)
    return dict(metric.read(Moment(storage, now_ns)))


def test_a_backup_is_as_old_as_its_newest_manifest(tmp_path: Path) -> None:
    storage, now_ns = Storage({}, tmp_path / "backups" / "live"), SystemClock().now_ns()
    storage.look()
    assert stored(storage, "touchline_backup_age_seconds", now_ns) == {}
    for number, age_s in enumerate((90_000, 3600), 1):
        manifest = tmp_path / "backups" / "live" / f"{number:08}.manifest"
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.touch()
        os.utime(manifest, ns=(now_ns - age_s * NS_PER_S,) * 2)
    storage.look()
    assert stored(storage, "touchline_backup_age_seconds", now_ns)[()] == pytest.approx(3600)


def test_a_folder_that_is_not_made_yet_is_on_the_disk_it_will_be_on(tmp_path: Path) -> None:
    storage = Storage({"data": tmp_path / "not" / "made"}, tmp_path)
    storage.look()
    free = stored(storage, "touchline_disk_free_bytes", NOW_NS)[("data",)]
    assert 0 < free <= stored(storage, "touchline_disk_size_bytes", NOW_NS)[("data",)]


def test_the_process_counts_its_descriptors_and_its_time(tmp_path: Path) -> None:
    before, used_s = open_descriptors(), cpu_seconds()
    with (tmp_path / "a").open("w"), (tmp_path / "b").open("w"):
        during = open_descriptors()
    assert before is not None
    assert during is not None
    assert during >= before + 2
    assert during < open_descriptors_max()
    sum(range(10**6))
    assert cpu_seconds() > used_s
