"""The page of alerts says what the program does."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from engine.alerts.alarms import ESCALATIONS_MAX, OPEN_MAX, PAST_MAX
from engine.alerts.built_in import BUILT_IN
from engine.alerts.condition import MISSING_NS
from engine.alerts.conditions import CONDITIONS_MAX
from engine.alerts.outbox import KEPT_S, WAITING_MAX
from engine.alerts.rule import Rule
from engine.alerts.webhook import TRY_S, signature
from engine.clock import NS_PER_S
from engine.messages.alarm_views import AlarmState, NoticeKind
from engine.transport.http import TOTAL_S
from tests.documented import blocks, page, prose, rows, section

PAGE = "docs/alerts.md"


def names_in(text: str) -> list[str]:
    return [name for row in rows(text) for name in re.findall(r"`(\w+)`", row[0])]


def test_every_built_in_rule_is_told() -> None:
    told = names_in(section(page(PAGE), "## Rules"))
    assert set(BUILT_IN) <= set(told)


def test_every_setting_of_a_rule_is_told() -> None:
    told = names_in(section(page(PAGE), "## Rules"))
    settings = [field.name for field in msgspec.structs.fields(Rule)]
    assert set(told) - set(BUILT_IN) == set(settings)


def test_every_state_and_kind_is_told() -> None:
    told = [row[0] for row in rows(section(page(PAGE), "## What becomes of an alert"))]
    assert told == ["pending", *(state.value for state in AlarmState)]
    kinds = next(row[1] for row in rows(section(page(PAGE), "## Webhooks")) if row[0] == "`kind`")
    assert set(re.findall(r"`([\w-]+)`", kinds)) == {*NoticeKind, "dead-man", "alive"}


@pytest.mark.parametrize(
    "told",
    [
        f"{CONDITIONS_MAX:,} series",
        f"{OPEN_MAX} alerts are open, {PAST_MAX} that are over",
        f"for {MISSING_NS // NS_PER_S} seconds",
    ],
)
def test_the_bounds_are_those_of_the_program(told: str) -> None:
    assert told in prose(page(PAGE))


def test_the_times_are_those_of_the_program() -> None:
    assert (ESCALATIONS_MAX, TRY_S, TOTAL_S, WAITING_MAX, KEPT_S) == (3, 4, 10, 100, 900)
    text = prose(page(PAGE))
    for words in (
        "three times at most",
        "takes four seconds",
        "go ten",
        "a hundred notices",
        "quarter of an hour",
    ):
        assert words in text


def test_the_verification_of_the_page_verifies() -> None:
    (code,) = blocks(page(PAGE), "python")
    made: dict[str, Any] = {}
    exec(code, made)  # what a reader would copy
    header, body = signature("secret", b'{"a":1}', 1_000 * NS_PER_S), b'{"a":1}'
    assert made["verify"]("secret", header, body, 1_010)
    assert not made["verify"]("secret", header, body, 2_000)
    assert not made["verify"]("secret", header, b'{"a":2}', 1_010)
    assert not made["verify"]("other", header, body, 1_010)
