"""What the pages for bad days say to type is there."""

from __future__ import annotations

import re
import shlex

import pytest

from engine.clock import NS_PER_S
from engine.duties.proofs import FRESH_NS
from engine.preflight.checks.backups import RECOVERY_POINT_S_MAX, RECOVERY_TIME_S_MAX
from engine.security.operators.lockout import FAILURES_MAX, LOCKED_NS
from engine.security.operators.sign_in import AT_ONCE
from engine.security.tokens.lives import ACCESS_S, LEEWAY_S, REFRESH_S
from engine.security.tokens.revocations import AHEAD_S, BLIND_S
from engine.store.backup.drill import Drill
from terminal.cli import parse_args
from terminal.entry.password_entry import TRIES
from tests.documented import blocks, page, prose, rows, section

NAMES = ("incidents", "disaster", "auth-flows", "rollback")


def commands_of(name: str) -> list[str]:
    """Return every command of a page, in its prose or its blocks; a line of a diagram is none."""
    text = page(f"docs/{name}.md")
    every = re.findall(r"`([^`\n]+)`", prose(text))
    for kind in ("sh", "text"):
        every += [line for block in blocks(text, kind) for line in block.splitlines()]
    return [line for line in every if re.match(r"touchline [a-z]", line) and not re.search("[─▶|]", line)]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_of_the_page_can_be_said(name: str) -> None:
    found = commands_of(name)
    assert found
    for line in found:
        words = shlex.split(line.replace("VENUE", "alpaca"))[1:]
        assert parse_args(words).command == words[0]


def test_the_figures_of_a_disaster_are_those_that_the_checklist_asks_for() -> None:
    told = rows(section(page("docs/disaster.md"), "## How long, and how far back"))
    time, point = (row[2] for row in told)
    assert time == f"at most {RECOVERY_TIME_S_MAX:.0f} s (`REC-3`)"
    assert point.startswith(f"at most {RECOVERY_POINT_S_MAX / 3_600:.0f} hours (`REC-4`)")
    assert [row[3].split("`")[1] for row in told] == ["recovery_time_s", "recovery_point_s"]
    assert {"recovery_time_s", "recovery_point_s", "records_behind"} <= set(Drill.__struct_fields__)


def test_the_figures_of_the_ways_to_sign_in_are_those_of_the_program() -> None:
    text = page("docs/auth-flows.md")
    in_words = {5: "five", 2: "two", 3: "three", 6: "six"}
    for said in (
        f"lives {ACCESS_S // 60} minutes at most",
        f"({LEEWAY_S} s of leeway)",
        f"{REFRESH_S // 3_600} hours from the sign-in",
        f"{in_words[FAILURES_MAX]} failures: {in_words[LOCKED_NS // (60 * NS_PER_S)]} minutes",
        f"in a thread, {in_words[AT_ONCE]} at a time",
        f"within the last {in_words[AHEAD_S]} seconds",
        f"could not look for {in_words[int(BLIND_S)]} seconds",
        f"proved within {in_words[FRESH_NS // (60 * NS_PER_S)]} minutes",
        f"{in_words[TRIES]} tries",
    ):
        assert said in text, said
