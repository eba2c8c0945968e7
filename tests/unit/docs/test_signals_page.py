"""The page about signals says what the tables of features and rules say."""

from __future__ import annotations

import re

import pytest

from engine.signals.features.sets import SETS
from engine.signals.features.vector import Flag
from engine.signals.validation.rules import RULES
from tests.documented import ROOT

PAGE = (ROOT / "docs" / "signals.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAGE.splitlines()
    if line[:1] == "|"
]


def test_every_feature_is_told_as_it_is_declared() -> None:
    declared = [
        (f"`{each.name}`", each.meaning, each.unit, ", ".join(each.reads), str(each.warm_up), each.undefined)
        for each in SETS["bars-12"]
    ]
    start = ROWS.index(declared[0])
    assert ROWS[start : start + len(declared)] == declared


def test_every_rule_is_told_with_its_severity_in_the_order_of_a_report() -> None:
    declared = [(f"`{each.name}`", each.severity.value, each.meaning) for each in RULES]
    start = ROWS.index(declared[0])
    assert ROWS[start : start + len(declared)] == declared


@pytest.mark.parametrize("name", [*SETS, *(flag.value for flag in Flag)])
def test_every_set_and_flag_is_named(name: str) -> None:
    assert re.search(rf"`{re.escape(name)}`", PAGE)


def test_the_second_set_is_the_first_without_volume() -> None:
    without = [each for each in SETS["bars-12"] if "volume" not in each.reads]
    assert list(SETS["prices-11"]) == without
