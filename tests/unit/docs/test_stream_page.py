"""The page of the stream is held against the messages, channels and closings that run it."""

from __future__ import annotations

import re
from typing import get_args

from msgspec.structs import fields

from engine.gateway.channels import Channel
from engine.gateway.closings import CLOSINGS
from engine.gateway.feed import BOOKS_MAX as ALL_BOOKS_MAX
from engine.gateway.feed import LEVELS
from engine.gateway.outbox import KEPT_MAX
from engine.gateway.stream import INTRODUCTION_S
from engine.gateway.stream_connection import PARTS_MAX, PINGS_MAX
from engine.gateway.stream_messages import Asked, Told
from engine.gateway.subscriptions import BOOKS_MAX
from tests.documented import ROOT

PAGE = (ROOT / "docs" / "gateway-stream.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading."""
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_the_page_tells_every_message_with_its_fields() -> None:
    for heading, union in (("What a program says", Asked), ("What it is told", Told)):
        told = {kind.strip("`"): re.findall(r"`(\w+)`", names) for kind, names, *_ in rows(heading)}
        there = {kind.__struct_config__.tag: [f.name for f in fields(kind)] for kind in get_args(union)}
        assert told == there


def test_every_channel_has_a_message_of_its_name() -> None:
    assert {channel.value for channel in Channel} <= {kind.strip("`") for kind, *_ in rows("What it is told")}


def test_the_page_tells_every_code_of_ours_and_its_sentence() -> None:
    told = {(int(code), why) for code, why in rows("When it is closed") if int(code) >= 4_000}
    assert told == {(closing.code, closing.text) for closing in CLOSINGS}


def test_the_page_tells_the_bounds() -> None:
    assert f"more than {PINGS_MAX} pings" in PAGE
    assert f"more than {PARTS_MAX} parts" in PAGE
    assert f"At most {KEPT_MAX:,} messages wait" in PAGE
    assert f"the best {LEVELS} levels" in PAGE
    assert f"at most {BOOKS_MAX} books, all together {ALL_BOOKS_MAX}" in PAGE
    assert INTRODUCTION_S == 5
