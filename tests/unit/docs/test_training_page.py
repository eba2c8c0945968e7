"""The page about training says what the program does."""

from __future__ import annotations

import re
import shlex
import tomllib
from typing import Any

import msgspec
import pytest

from engine.shell.training.example import TEXT
from engine.signals.registry.gates import TOO_GOOD
from engine.signals.training import leaks, scoring, suspicion
from engine.signals.training.spec import BoostedSpec, LabelSpec, Limits, LogisticSpec, Spec, WalkSpec
from terminal.cli import parse_args
from terminal.shell.training_commands import _MEANINGS
from tests.documented import blocks, page, rows, section
from tests.training_bench import SET, needs_libraries, random_walk, spec

PAGE = page("docs/training.md")
PARTS: dict[str, tuple[Any, ...]] = {
    "": (Spec,), "label": (LabelSpec,), "model": (LogisticSpec, BoostedSpec), "walk_forward": (WalkSpec,), "limits": (Limits,),
}  # fmt: skip


def test_its_commands_can_be_said() -> None:
    lines = [line for block in blocks(PAGE, "text") for line in block.splitlines()]
    assert [getattr(parse_args(shlex.split(line)[1:]), "errand", None) for line in lines] == [
        "example",
        "train",
        "bars",
        "example",
        "train",
        "promote",
        None,
    ]


@pytest.mark.parametrize("text", [TEXT, *blocks(PAGE, "toml")], ids=["example", "page"])
def test_its_spec_is_one(text: str) -> None:
    found = msgspec.convert(tomllib.loads(text), Spec)
    assert found.data == ["shares.parquet"]


def settings() -> dict[str, object]:
    """Return every setting with its default, as the structs have them."""
    found: dict[str, object] = {}
    for part, structs in PARTS.items():
        for struct in structs:
            for field in msgspec.structs.fields(struct):
                if field.name not in PARTS:
                    found[f"{part}.{field.name}".lstrip(".")] = field.default
    return found


def test_every_setting_is_on_it_with_its_default() -> None:
    told = dict[str, str]()
    for names, default, _ in rows(section(PAGE, "## The spec")):
        one, *others = re.findall(r"`([a-z_.]+)`", names)
        each = [one, *(f"{one.rpartition('.')[0]}.{other}" for other in others)]
        told |= dict(zip(each, default.split(", ") if others else [default], strict=True))
    kind = told.pop("model.kind")
    assert kind == "must be said"
    known = settings()
    assert set(told) == set(known)
    for name, value in known.items():
        if isinstance(value, int | float):
            assert float(told[name]) == value, name
    assert told["features"] == f"`{known['features']}`"


def test_its_figures_are_those_that_are_printed() -> None:
    told = [re.findall(r"`([a-z_]+)`", each[0])[0] for each in rows(section(PAGE, "## An example"))]
    assert told == list(_MEANINGS)


def test_the_columns_of_what_was_tried_are_those_that_are_kept() -> None:
    needs_libraries()
    from engine.signals.training.training import train  # noqa: PLC0415  # an extra

    columns = train(spec(), {"AAA": random_walk(760, 5)}).tried.columns
    for name in SET.names:
        columns.remove(name)
    told = [each[0] for each in rows(section(PAGE, "## What it is made of")) if len(each) == 2]
    assert [name for each in told for name in re.findall(r"`([a-z_]+)`", each)] == columns


def test_its_numbers_are_those_of_the_program() -> None:
    for said in (
        f"{scoring.DRAWS} draws of blocks of time, all symbols together, at least {scoring.BLOCK_BARS_MIN} bars long",
        f"at {leaks.PLACES} bars of the newest {leaks.STRETCH_BARS} of each symbol",
        f"AUC is above {TOO_GOOD['auc']}, or IC beyond {TOO_GOOD['ic']}",
    ):
        assert said in PAGE
    assert suspicion.ROTATIONS == 8
    assert "a quarter of it or more, eight times" in PAGE
