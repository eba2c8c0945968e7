"""What the pages for bad days say to type is there."""

from __future__ import annotations

import re
import shlex

import pytest

from terminal.cli import parse_args
from tests.documented import blocks, page, prose

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
