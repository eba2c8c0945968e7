from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from rich.segment import Segment
from rich.style import Style

from terminal.svg import CELL_H, CELL_W, draw_svg

SVG = "{http://www.w3.org/2000/svg}"
COLOURS = {"text": "#ffffff", "background": "#000000"}


def drawn(*segments: Segment) -> ET.Element:
    return ET.fromstring(draw_svg([segments], size=(20, 1), colours=COLOURS, title="A <desk>"))


def texts(picture: ET.Element) -> list[tuple[str, int]]:
    """Return each word with its column."""
    return [(str(text.text), int(text.attrib["x"]) // CELL_W) for text in picture.iter(f"{SVG}text")]


def paths(picture: ET.Element) -> list[ET.Element]:
    return list(picture.iter(f"{SVG}path"))


def test_every_word_starts_at_its_own_cell() -> None:
    assert texts(drawn(Segment("  12 NVDA"), Segment(" b"))) == [("12", 2), ("NVDA", 5), ("b", 10)]


def test_a_wide_character_moves_what_follows_by_two_cells() -> None:
    assert texts(drawn(Segment("価 x"))) == [("価", 0), ("x", 3)]


def test_what_xml_would_read_as_markup_is_shown_as_text() -> None:
    assert texts(drawn(Segment("<b>&"))) == [("<b>&", 0)]


def test_blocks_are_shapes_that_fill_their_part_of_the_cell() -> None:
    (bar,) = paths(drawn(Segment(" ▂", Style(color="#ff0000"))))
    assert bar.attrib["fill"] == "#ff0000"
    assert bar.attrib["d"] == f"M{CELL_W} {CELL_H * 3 // 4}h{CELL_W}v{CELL_H // 4}h-{CELL_W}z"


def test_rules_are_strokes_from_edge_to_edge() -> None:
    (rule,) = paths(drawn(Segment("─")))
    assert re.findall(r"h-?[\d.]+", rule.attrib["d"]) == [f"h-{CELL_W // 2}", f"h{CELL_W // 2}"]


def test_reverse_video_swaps_ink_and_paper() -> None:
    picture = drawn(Segment("on", Style(color="#ff0000", bgcolor="#00ff00", reverse=True)))
    (paper,) = paths(picture)
    assert paper.attrib["fill"] == "#ff0000"
    assert [group.attrib["fill"] for group in picture.iter(f"{SVG}g") if "fill" in group.attrib] == [
        "#00ff00"
    ]


def test_weight_slant_and_rule_are_kept() -> None:
    picture = drawn(Segment("x", Style(bold=True, italic=True, underline=True)))
    (group,) = [group for group in picture.iter(f"{SVG}g") if "fill" in group.attrib]
    assert group.attrib["font-weight"] == "bold"
    assert group.attrib["font-style"] == "italic"
    assert group.attrib["text-decoration"] == "underline"


def test_the_title_is_told_to_screen_readers() -> None:
    title = drawn(Segment("x")).find(f"{SVG}title")
    assert title is not None
    assert title.text == "A <desk>"
