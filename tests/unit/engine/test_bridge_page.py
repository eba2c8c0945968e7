"""`docs/bridge.md` is the definition: every message has an example, and the program speaks as it says."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest

from engine.adapters.bridge import protocol as p
from engine.adapters.bridge.link import LINE_BYTES_MAX
from tests.documented import blocks, page, section

PAGE = page("docs/bridge.md")


def examples(heading: str) -> dict[str, str]:
    return {json.loads(text)["type"]: text for text in blocks(section(PAGE, heading), "json")}


def tags(union: Any) -> set[str]:
    return {kind.__struct_config__.tag for kind in get_args(union)}


SENT = examples("## To the gateway")
TOLD = examples("## From the gateway")


@pytest.mark.parametrize(("there", "union"), [(SENT, p.ToGateway), (TOLD, p.FromGateway)])
def test_every_message_has_an_example_and_no_example_is_of_another_message(
    there: dict[str, str], union: Any
) -> None:
    assert set(there) == tags(union)


@pytest.mark.parametrize("kind", SENT)
def test_what_the_desk_sends_is_written_as_the_page_shows_it(kind: str) -> None:
    message: p.ToGateway = msgspec.json.decode(SENT[kind], type=p.ToGateway)
    line = p.encode(message)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert json.loads(line) == json.loads(SENT[kind])


@pytest.mark.parametrize("kind", TOLD)
def test_what_the_gateway_says_is_read_as_the_page_shows_it(kind: str) -> None:
    message = p.decode(TOLD[kind].encode())
    assert covers(json.loads(msgspec.json.encode(message)), json.loads(TOLD[kind]))


def covers(read: Any, told: Any) -> bool:
    """Whether everything that was told was read, field by field."""
    if isinstance(told, dict):
        return all(covers(read[name], value) for name, value in told.items())
    if isinstance(told, list):
        return len(read) == len(told) and all(covers(*pair) for pair in zip(read, told, strict=True))
    return bool(read == told)


@pytest.mark.parametrize("kind", TOLD)
def test_a_field_that_is_not_known_is_passed_over(kind: str) -> None:
    told = json.loads(TOLD[kind])
    assert p.decode(json.dumps({**told, "later": {"version": [2]}}).encode()) == p.decode(TOLD[kind].encode())


def test_the_page_names_the_version_and_the_longest_line() -> None:
    assert f"version {p.VERSION}." in PAGE
    assert f"longer than {LINE_BYTES_MAX >> 20} MiB" in PAGE
