"""The gallery shows what it names, and the keys on it lead there."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from terminal.actions.table import ACTIONS
from terminal.health.remedy_keys import PAGE_KEYS
from terminal.key_names import shown
from tests.documented import ROOT, page
from tests.gallery.__main__ import PICTURES
from tests.gallery.drawing import draw
from tests.gallery.evaluation import Drawn, Series, Span
from tests.gallery.panels import ROW, panels

PAGE = page("docs/gallery.md")
SHOWN = re.findall(r"^!\[([^\]]+)\]\((gallery/[\w-]+\.svg)\)$", PAGE, re.MULTILINE)
BYTES_MAX = 150_000
MACHINE = re.compile(r"/(?:tmp|home|root|Users|var|work)/")


def test_every_picture_that_is_made_is_shown_and_no_other() -> None:
    assert sorted(name for _, name in SHOWN) == sorted(f"gallery/{name}.svg" for name in PICTURES)
    there = {f"gallery/{path.name}" for path in (ROOT / "docs" / "gallery").iterdir()}
    assert there == {name for _, name in SHOWN}


@pytest.mark.parametrize(("title", "name"), SHOWN, ids=[name for _, name in SHOWN])
def test_a_picture_is_whole_and_says_what_it_shows(title: str, name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert len(text) <= BYTES_MAX
    assert not MACHINE.search(text), "a path of the machine that made it"
    drawing = ET.fromstring(text)  # our own file
    found = drawing.find("{http://www.w3.org/2000/svg}title")
    assert found is not None
    assert found.text == title


def test_the_keys_of_the_page_are_keys_of_the_desk() -> None:
    keys = {shown(key) for action in ACTIONS for key in action.keys.split(",")}
    on_the_page = dict(PAGE_KEYS)
    named = set(re.findall(r"(?:^|and )`([^`]{1,2})`(?= and| on| the|:)", PAGE, re.MULTILINE))
    assert named >= {"6", "z", "^L", "R", "C", "t", "A", "P"}
    assert named <= keys
    for key, does in (("⏎", "runbook"), ("t", "timeline")):
        assert does in on_the_page[key]


def test_every_kind_of_panel_can_be_drawn() -> None:
    span = Span(0.0, 90.0)
    points = [(float(at), float(at % 3)) for at in range(0, 90, 5)]
    drawn = [Drawn(each, [] if each.kind == ROW else [Series("5", points)]) for each in panels()]
    assert ET.fromstring(draw(drawn, span, "All & more")) is not None  # made here
