"""Rules in a file: over the built-in ones, refused as a whole where one is wrong, and what they look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.alerts.built_in import BUILT_IN
from engine.alerts.rule import Rule, Unit, in_words, validate
from engine.alerts.rules_source import RulesSource, read_rules
from engine.alerts.series import Labels, Numbers, Series
from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.messages.events import Severity
from engine.readings.samples import METRICS
from tests.unit.engine.alert_bench import Number

ROOT = Path(__file__).resolve().parents[3]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_the_built_in_rules() -> None:
    assert read_rules(ROOT / "docs" / "alerts.example.toml") == BUILT_IN


def test_every_built_in_rule_means_something_and_looks_at_a_metric_that_there_is() -> None:
    labels = {metric.name: set(metric.labels) for metric in METRICS}
    for name, rule in BUILT_IN.items():
        validate(name, rule)
        assert rule.metric in labels, name
        assert not rule.of or rule.of in labels, name
        assert set(rule.where) | set(rule.by or ()) <= labels[rule.metric], name


def test_a_file_lies_over_the_built_in_rules_setting_by_setting(tmp_path: Path) -> None:
    path = written(
        tmp_path / "alerts.toml",
        '[rule.memory]\nabove = 5\nseverity = "critical"\n[rule.disk]\nenabled = false\n'
        '[rule.own]\nmetric = "touchline_equity"\nbelow = 1000\ntext = "equity is {value}"\n',
    )
    rules = read_rules(path)
    memory, built_in = rules["memory"], BUILT_IN["memory"]
    assert (memory.above, memory.clear_below, memory.severity) == (5, None, Severity.CRITICAL)
    assert (memory.metric, memory.text, memory.unit) == (built_in.metric, built_in.text, built_in.unit)
    assert not rules["disk"].enabled
    assert rules["own"].is_wrong(999)
    assert {*rules} == {*BUILT_IN, "own"}


WRONG = {
    "no TOML": ("[rule", "alerts.toml"),
    "an unknown setting": ("[rule.disk]\nabov = 1\n", "abov"),
    "an unknown table": ("[rules.disk]\n", "rules"),
    "no bound": ('[rule.own]\nmetric = "m"\n', "rule.own: expected one of above, below and equals, found 0"),
    "two bounds": ('[rule.own]\nmetric = "m"\nabove = 1\nbelow = 0\n', "found 2"),
    "no metric": ("[rule.own]\nabove = 1\n", "metric"),
    "an odd metric": (
        '[rule.own]\nmetric = "a b"\nabove = 1\n',
        "rule.own.metric: expected the name of a metric",
    ),
    "an odd label to look at": (
        '[rule.own]\nmetric = "m"\nabove = 1\nwhere = { "a b" = "c" }\n',
        "rule.own.where: expected the name of a label, found 'a b'",
    ),
    "an odd label to add up by": (
        '[rule.own]\nmetric = "m"\nabove = 1\nby = ["1st"]\n',
        "rule.own.by: expected the name of a label, found '1st'",
    ),
    "a clear beyond": (
        '[rule.own]\nmetric = "m"\nabove = 1\nclear_below = 2\n',
        "rule.own.clear_below: expected at most 1, which is above; found 2",
    ),
    "a clear without its bound": (
        '[rule.own]\nmetric = "m"\nabove = 1\nclear_above = 2\n',
        "clear_above: it goes with below, which is not said",
    ),
    "not a number": ('[rule.own]\nmetric = "m"\nabove = nan\n', "numbers that are finite"),
    "a time below 0": (
        '[rule.own]\nmetric = "m"\nabove = 1\nfor_s = -1\n',
        "for_s: expected 0 to 86400 seconds",
    ),
    "a growth over too long": (
        '[rule.own]\nmetric = "m"\nabove = 1\ngrows_over_s = 601\n',
        "grows_over_s: expected 0 to 600 seconds",
    ),
    "no such severity": ('[rule.disk]\nseverity = "loud"\n', "severity"),
    "a long name": (f'[rule.{"x" * 65}]\nmetric = "m"\nabove = 1\n', "expected names of 1 to 64 characters"),
    "too many": (
        "\n".join(f'[rule.r{n}]\nmetric = "m"\nabove = 1' for n in range(200)),
        "expected at most 200 rules",
    ),
    "a table that is none": ("rule = 3\n", "rule"),
    "a rule that is no table": ("[rule]\ndisk = 3\n", "rule"),
    "text for a number": ('[rule.disk]\nbelow = "much"\n', "rule.disk: Expected `float"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_is_refused_as_a_whole_and_says_why(tmp_path: Path, what: str) -> None:
    text, why = WRONG[what]
    source = RulesSource(written(tmp_path / "alerts.toml", "[rule.memory]\nabove = 5\n"))
    source.reload()
    before = source.rules
    written(source.path, text)
    with pytest.raises(ConfigError, match=r"alerts\.toml") as raised:
        source.reload()
    assert why in str(raised.value)
    assert source.rules is before
    assert source.trouble == str(raised.value)
    assert not source.changed_on_disk()


def test_a_file_that_is_gone_leaves_the_built_in_rules(tmp_path: Path) -> None:
    source = RulesSource(written(tmp_path / "alerts.toml", "[rule.memory]\nabove = 5\n"))
    assert "alerts.toml, saved" in source.reload()
    source.path.unlink()
    assert source.changed_on_disk()
    assert "built-in rules" in source.reload()
    assert source.rules is BUILT_IN


def values_of(rule: Rule, *looks: tuple[float, list[Number]]) -> list[dict[Labels, float]]:
    series = Series(rule)
    return [series.take(Numbers(numbers, int(at_s * NS_PER_S))) for at_s, numbers in looks]


def count(value: float, **labels: str) -> Number:
    return Number("seen", tuple(labels.items()), value)


def test_what_is_chosen_is_added_up_by_the_labels_that_count() -> None:
    numbers = [count(1, a="x", b="1"), count(2, a="x", b="2"), count(4, a="y", b="1"), count(8, a="z", b="1")]
    rule = Rule(metric="seen", above=0, where={"a": "x|y"}, by=("a",))
    assert values_of(rule, (0, numbers)) == [{(("a", "x"),): 3, (("a", "y"),): 4}]
    assert values_of(Rule(metric="seen", above=0, by=()), (0, numbers)) == [{(): 15}]


def test_a_counter_is_seen_by_its_growth_and_one_that_begins_anew_from_nothing() -> None:
    rule = Rule(metric="seen", above=0, grows_over_s=10)
    looks = ((0, [count(100)]), (5, [count(103)]), (9, [count(104)]), (12, [count(2)]), (40, [count(2)]))
    assert [value for look in values_of(rule, *looks) for value in look.values()] == [0, 3, 4, 6, 0]


def test_a_share_is_of_the_growth_of_both() -> None:
    rule = Rule(metric="seen", of="all", above=0, grows_over_s=60, by=())
    looks = [(second, [count(5 + second), Number("all", (), 100 + 4 * second)]) for second in range(3)]
    assert values_of(rule, *looks)[-1] == {(): 0.25}
    assert values_of(rule, (0, [count(5)])) == [{}]


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.25, "percent", "25.0 %"),
        (0.2634, "seconds", "263 ms"),
        (7, "seconds", "7 s"),
        (600, "seconds", "10 min"),
        (90_000, "seconds", "25 h"),
        (259_200, "seconds", "3 days"),
        (512, "bytes", "512 bytes"),
        (1.5 * 1024**3, "bytes", "1.5 GB"),
        (3 * 1024**4, "bytes", "3.0 TB"),
        (3, "", "3"),
        (0.123456, "", "0.1235"),
    ],
    ids=str,
)
def test_a_value_is_said_with_its_unit(value: float, unit: Unit, words: str) -> None:
    assert in_words(value, unit) == words
