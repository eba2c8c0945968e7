"""Which rows of bars the rules name, and that they name no others."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.bar import Bar
from engine.signals.splits import split_of
from engine.signals.validation import rules
from engine.signals.validation.bar_checks import Checked, check_bars
from engine.signals.validation.finding import Rule, Severity
from engine.signals.validation.quarantine import Quarantine
from engine.signals.validation.series_checks import BarRow, Terms
from tests.bar_makers import FIRST_NS, MINUTE_NS, bar, walk

CLOSES = Terms(around_the_clock=False)
NEVER_CLOSES = Terms(around_the_clock=True)


def _bars(count: int = 60) -> list[Bar]:
    random = Random(3)
    return walk([(0, random.randint(-40, 40), 5, 5, 10 + place % 3) for place in range(count)])


def _checked(bars: Sequence[Bar], terms: Terms = NEVER_CLOSES) -> Checked:
    return check_bars([BarRow(place + 1, each) for place, each in enumerate(bars)], terms)


def _named(bars: Sequence[Bar], terms: Terms = NEVER_CLOSES) -> list[tuple[Rule, int]]:
    return [(each.rule, each.row) for each in _checked(bars, terms).findings]


def _with(place: int, **changed: int | bool) -> list[Bar]:
    bars = _bars()
    bars[place] = msgspec.structs.replace(bars[place], **changed)
    return bars


def test_good_bars_are_clean_and_all_of_them_are_kept() -> None:
    checked = _checked(_bars())
    assert checked.findings == []
    assert [each.row for each in checked.kept] == [*range(1, 61)]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"low": 0}, rules.NOT_POSITIVE),
        ({"high": 9_000}, rules.INCONSISTENT),
        ({"low": 11_000}, rules.INCONSISTENT),
        ({"volume": -1}, rules.INCONSISTENT),
        ({"closed": False}, rules.UNFINISHED),
        ({"low": 100}, rules.BAD_PRINT),
        ({"high": 30_000}, rules.BAD_PRINT),
        ({"open": 20_000, "high": 20_000}, rules.BAD_PRINT),
        ({"close": 30_000, "high": 30_000}, rules.BAD_PRINT),
    ],
    ids=["zero", "high", "low", "volume", "forming", "low-print", "high-print", "open-print", "close-print"],
)
def test_a_bar_that_fails_is_named_and_left_out(changed: dict[str, int | bool], rule: Rule) -> None:
    checked = _checked(_with(30, **changed))
    assert rules.GAP not in {each.rule for each in checked.findings}
    assert {
        (each.rule.name, each.row) for each in checked.findings if each.rule.severity is Severity.FAIL
    } == {(rule.name, 31)}
    assert 31 not in {each.row for each in checked.kept}
    assert len(checked.kept) == 59


def test_a_bar_that_has_not_ended_fails() -> None:
    bars = _bars(3)
    now_ns = bars[-1].start_ns + MINUTE_NS - 1
    assert _named(bars, Terms(now_ns=now_ns)) == [(rules.UNFINISHED, 3)]
    assert _named(bars, Terms(now_ns=now_ns + 1)) == []


def test_rows_that_come_too_late_or_twice_are_named_where_they_stand() -> None:
    bars = _bars(10)
    shuffled = [*bars[:5], bars[3], *bars[5:], bars[9]]
    assert _named(shuffled) == [(rules.OUT_OF_ORDER, 6), (rules.DUPLICATE, 12)]
    assert [each.bar for each in _checked(shuffled).kept] == bars


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(12)))
def test_what_is_kept_is_in_order_whatever_order_rows_come_in(places: list[int]) -> None:
    bars = _bars(12)
    checked = _checked([bars[place] for place in places])
    starts = [each.bar.start_ns for each in checked.kept]
    assert starts == sorted(set(starts))
    named = {each.row for each in checked.findings if each.rule is rules.OUT_OF_ORDER}
    assert named | {each.row for each in checked.kept} == set(range(1, 13))
    assert len(named) == sum(place < max(places[: at + 1]) for at, place in enumerate(places))


def test_a_market_that_never_closes_misses_every_bar() -> None:
    bars = _bars()
    assert _named([*bars[:20], *bars[21:]]) == [(rules.GAP, 21)]


def test_a_market_that_closes_misses_bars_within_a_day_and_over_more_than_a_long_weekend() -> None:
    def daily(days: Sequence[int]) -> list[Bar]:
        day_ns = 1440 * MINUTE_NS
        return [
            msgspec.structs.replace(each, interval_ns=day_ns, start_ns=FIRST_NS + day * day_ns)
            for each, day in zip(_bars(len(days)), days, strict=True)
        ]

    assert _named(daily([0, 1, 4, 8, 13]), CLOSES) == [(rules.GAP, 5)]
    bars = _bars(10)
    assert _named([*bars[:4], *bars[5:]], CLOSES) == [(rules.GAP, 5)]
    overnight = [
        *bars[:4],
        *(msgspec.structs.replace(each, start_ns=each.start_ns + 1440 * MINUTE_NS) for each in bars[4:]),
    ]
    assert _named(overnight, CLOSES) == []
    assert _named(overnight, NEVER_CLOSES) == [(rules.GAP, 5)]


def test_a_split_is_told_from_a_fall_of_another_size() -> None:
    bars = _bars(80)
    halved = [
        msgspec.structs.replace(
            each, **{edge: getattr(each, edge) // 2 for edge in ("open", "high", "low", "close")}
        )
        for each in bars[40:]
    ]
    assert _named([*bars[:40], *halved]) == [(rules.SPLIT_LIKE, 41)]
    fallen = [
        msgspec.structs.replace(
            each, **{edge: getattr(each, edge) * 7 // 10 for edge in ("open", "high", "low", "close")}
        )
        for each in bars[40:]
    ]
    assert _named([*bars[:40], *fallen]) == [(rules.OUTLIER, 41)]


@pytest.mark.parametrize(
    ("before", "after", "split"),
    [
        (700, 100, "7:1"),
        (100, 2000, "1:20"),
        (300, 200, "1.5:1"),
        (200, 100, "2:1"),
        (100, 93, ""),
        (1000, 385, ""),
    ],
)
def test_splits_have_the_ratios_that_companies_choose(before: int, after: int, split: str) -> None:
    assert split_of(before, after) == split


def test_a_run_of_one_price_is_named_once() -> None:
    bars = _bars(10)
    flat = [bar(10 + place, (bars[-1].close,) * 4, 5) for place in range(30)]
    assert _named([*bars, *flat]) == [(rules.STALE, 20)]


def test_bars_without_volume_are_named_and_all_of_them_at_once() -> None:
    assert _named(_with(7, volume=0)) == [(rules.NO_VOLUME, 8)]
    without = [msgspec.structs.replace(each, volume=0) for each in _bars()]
    assert _named(without) == [(rules.NO_VOLUME, 0)]
    assert _named(without, Terms(around_the_clock=True, has_volume=False)) == []


def test_a_quarantine_counts_more_rows_than_it_keeps_and_says_first_what_fails() -> None:
    quarantine = Quarantine(rows_kept=2)
    bars = [each for each in _bars(30) if each.start_ns // MINUTE_NS % 3]
    quarantine.add("WARNED", _checked(bars).findings)
    quarantine.add("FAILED", _checked(_with(30, low=0)).findings)
    failed, warned = quarantine.found
    assert (failed.symbol, failed.rule, failed.count) == ("FAILED", rules.NOT_POSITIVE, 1)
    assert (warned.symbol, warned.rule, len(warned.first)) == ("WARNED", rules.GAP, 2)
    assert warned.count == quarantine.count(Severity.WARN) > 2


def test_every_rule_has_a_name_of_its_own() -> None:
    names = [each.name for each in rules.RULES]
    assert len(set(names)) == len(names) > 20
    assert set(rules.OF_READING.values()) <= set(rules.RULES)
