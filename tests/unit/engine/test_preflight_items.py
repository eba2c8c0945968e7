"""The items are those of the customer's list: every id, and which of them block."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.preflight.checks.operations import CAPACITIES
from engine.preflight.items import BY_ID, ITEMS, Section
from engine.preflight.registry import CHECKS
from engine.preflight.signers import MAY_SIGN, objection_to
from engine.security.operators.roles import Role
from terminal.shell.preflight_arguments import SECTIONS

LIST = Path(__file__).resolve().parents[4] / "shared" / "requirements.md"
ROW = re.compile(r"^\| ([A-Z]+)-(\d+)(?:\.\.(\d+))?( !)? \|", re.MULTILINE)
SEVERAL = re.compile(r"^\| ((?:[A-Z]+-\d+(?:\.\.\d+)?(?:, )?)+)( !)? \|", re.MULTILINE)


def asked_for() -> Iterator[tuple[str, bool]]:
    """Yield every id of the list, and whether it blocks."""
    for names, mark in SEVERAL.findall(LIST.read_text(encoding="utf-8")):
        for name in names.split(", "):
            group, _, numbers = name.partition("-")
            first, _, last = numbers.partition("..")
            for number in range(int(first), int(last or first) + 1):
                yield f"{group}-{number}", bool(mark)


@pytest.mark.skipif(
    not LIST.exists() and not os.environ.get("TOUCHLINE_REQUIRE_SHARED"), reason="needs the customer's list"
)
def test_every_id_of_the_list_is_an_item_and_blocks_where_it_says_so() -> None:
    assert dict(asked_for()) == {item.id: item.blocks for item in ITEMS}


def test_every_item_has_a_check_and_every_check_an_item() -> None:
    assert list(BY_ID) == [item.id for item in ITEMS]
    assert set(BY_ID) == set(CHECKS)


def test_the_sections_that_can_be_said_are_those_there_are() -> None:
    assert tuple(section.value for section in Section) == SECTIONS
    assert {item.section for item in ITEMS} == set(Section)


def test_each_part_of_the_house_signs_its_own_line() -> None:
    assert [objection_to(f"SIGN-{n}", as_, None) for n, as_ in enumerate(CAPACITIES, 1)] == [""] * 8
    assert objection_to("SIGN-1", "risk", None) == "SIGN-1 is signed as security"
    assert objection_to("PF-1", "nobody", None).startswith("expected --as security, infrastructure")


def test_who_trades_signs_for_nothing_and_risk_for_its_own() -> None:
    assert {role for role in Role if MAY_SIGN[role]} == {Role.RISK, Role.ADMIN}
    assert objection_to("PF-1", "risk", Role.TRADER) == "a trader does not sign as risk"
    assert objection_to("PF-1", "qa", Role.RISK) == "a risk does not sign as qa"
    assert objection_to("PF-1", "risk", Role.RISK) == objection_to("PF-1", "qa", Role.ADMIN) == ""
