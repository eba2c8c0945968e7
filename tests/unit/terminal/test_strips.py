from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.console import Console
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from terminal.desk import Desk
from terminal.strips import BakedStrip, Ink, fit, mix
from terminal.widgets.pane import LivePane
from tests.desk_themes import THEME, THEMES
from tests.driving import drive

INK = Ink(THEME.roles, ColorSystem.TRUECOLOR)
PLAIN = Ink(THEME.roles, None)


class Rows(LivePane):
    """A pane that shows three rows."""

    words = ("first", "second", "third")

    def draw(self) -> None:
        for y, word in enumerate(self.words):
            self.put(y, (word, "up+b"), (" quiet", "faint"))


class OnePane(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.pane = Rows(Desk(), INK, id="rows")

    def compose(self) -> ComposeResult:
        yield self.pane


def test_a_row_is_padded_to_its_width_and_cut_at_it() -> None:
    assert INK.bake([("ab", "up")], 4).text == "ab  "
    assert INK.bake([("abc", "up"), ("def", "down")], 4).text == "abcd"
    assert INK.bake([("abc", "up")], 0).text == ""


def test_a_wide_character_at_the_edge_never_makes_a_row_wider() -> None:
    assert cell_len(INK.bake([("日本", "text")], 3).text) == 3


@given(
    st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["up", "faint+i", "own/own_bar"]))),
    st.integers(0, 30),
)
@settings(deadline=None, max_examples=60)
def test_whatever_a_row_holds_it_fills_its_width_and_carries_no_control_character(
    runs: list[tuple[str, str]], width: int
) -> None:
    strip = INK.bake(runs, width)
    assert cell_len(strip.text) == width
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} for c in strip.text)


@pytest.mark.parametrize("harmful", ["\x1b[2J", "\x9b31m", "a\rb", "\u202eabc", "zero\u200bwidth", "\x7f"])
def test_what_a_terminal_would_obey_is_dropped(harmful: str) -> None:
    strip = INK.bake([(harmful, "text")], 20)
    kept = "".join(c for c in harmful if c.isprintable())
    assert strip.text == kept.ljust(20)
    assert strip._render_cache is not None
    assert "\x1b[2J" not in strip._render_cache


def test_baked_bytes_are_what_textual_would_have_written_itself() -> None:
    runs = [("up", "up+b"), ("own", "own/own_bar"), ("stale", "faint+i")]
    strip = INK.bake(runs, 16)
    console = Console(color_system="truecolor", force_terminal=True)
    assert strip.render(console) == Strip(list(strip), 16).render(console)


def test_segments_tell_the_truth_about_a_baked_row() -> None:
    strip = INK.bake([("ab", "up+b/flash_up")], 3)
    (text, style, _), (rest, rest_style, _) = list(strip)
    assert (text, rest) == ("ab", " ")
    assert style is not None
    assert rest_style is not None
    assert style.bold
    assert style.color == Color.parse(THEME.roles["up"])
    assert style.bgcolor == Color.parse(THEME.roles["flash_up"])
    assert rest_style.bgcolor == Color.parse(THEME.roles["panel"])


def test_a_crop_of_a_baked_row_shows_the_same_cells() -> None:
    assert INK.bake([("abcdef", "up")], 8).crop(2, 5).text == "cde"


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (ColorSystem.EIGHT_BIT, "38;5;"),
        (ColorSystem.STANDARD, "\x1b[36;40m"),
        (ColorSystem.TRUECOLOR, "38;2;"),
    ],
)
def test_colours_are_baked_for_what_the_terminal_can_show(system: ColorSystem, code: str) -> None:
    rendered = Ink(THEME.roles, system).bake([("x", "up")], 1)._render_cache
    assert rendered is not None
    assert code in rendered


def test_without_colour_weight_stays_and_meaningful_papers_are_reversed() -> None:
    strip = PLAIN.bake([("a", "up+b"), ("b", "on_loud/breach"), ("c", "up/flash_up")], 3)
    assert strip._render_cache == "\x1b[1ma\x1b[0m\x1b[7mb\x1b[0mc"


def test_without_colour_what_fell_is_dim() -> None:
    strip = PLAIN.bake([("█", "down"), ("▃", "panel/down"), ("█", "up")], 3)
    assert strip._render_cache == "\x1b[2m█\x1b[0m\x1b[2;7m▃\x1b[0m█"


def test_without_colour_a_wrong_role_is_still_an_error() -> None:
    for ink in (INK, PLAIN):
        with pytest.raises(KeyError):
            ink.bake([("x", "mauve")], 1)


def test_a_dimmed_ink_lies_between_its_colour_and_its_paper() -> None:
    assert mix("#ffffff", "#000000", 0.5) == "#808080"
    assert INK.style("up+d").color != INK.style("up").color


def test_the_paper_of_a_row_lies_under_runs_that_bring_none() -> None:
    strip = INK.bake([("a", "up"), ("b", "up/own_bar")], 3, "selected")
    papers = [segment.style.bgcolor.name for segment in strip if segment.style and segment.style.bgcolor]
    assert papers == [THEME.roles["selected"], THEME.roles["own_bar"], THEME.roles["selected"]]


def test_fitting_shows_where_it_cut() -> None:
    assert fit("abc", 5) == "abc  "
    assert fit("abc", 5, right=True) == "  abc"
    assert fit("abcdef", 4) == "abc…"
    assert fit("abc", 0) == ""


def test_the_compositor_emits_baked_bytes_verbatim_on_a_full_paint() -> None:
    app = OnePane()

    async def look(_pilot: Pilot[None]) -> None:
        _brand(app.pane)
        written = _written(app, app.screen._compositor.render_update(full=True))
        assert [f"BRANDED-{y}" in written for y in range(3)] == [True, True, True]

    drive(app, look, (20, 3))


def test_on_a_tick_the_changed_row_alone_is_painted_at_once_and_verbatim(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = OnePane()
    updates: list[object] = []

    async def look(_pilot: Pilot[None]) -> None:
        monkeypatch.setattr(App, "_display", lambda _app, _screen, update: updates.append(update))
        app.pane.words = ("first", "changed", "third")
        app.pane.redraw()
        _brand(app.pane)
        [update] = updates
        assert _written(app, update).endswith("BRANDED-1")

    drive(app, look, (20, 3))


def test_a_tick_that_changes_nothing_asks_for_no_paint() -> None:
    app = OnePane()

    async def look(_pilot: Pilot[None]) -> None:
        app.pane.redraw()
        app.screen._compositor.update_widgets({app.pane})
        assert app.screen._compositor.render_update() is None

    drive(app, look, (20, 3))


def test_a_new_theme_bakes_every_row_anew() -> None:
    app = OnePane()

    async def look(_pilot: Pilot[None]) -> None:
        before = [strip._render_cache for strip in app.pane._strips]
        app.pane.take_ink(Ink(THEMES["light"].roles, ColorSystem.TRUECOLOR))
        after = [strip._render_cache for strip in app.pane._strips]
        assert all(old != new for old, new in zip(before, after, strict=True))

    drive(app, look, (20, 3))


def _written(app: App[None], update: object) -> str:
    assert isinstance(update, CompositorUpdate)
    return update.render_segments(app.console)


def _brand(pane: LivePane) -> None:
    """Give every row bytes that no renderer could make from its segments."""
    for y, strip in enumerate(pane._strips):
        assert isinstance(strip, BakedStrip)
        strip._render_cache = f"BRANDED-{y}"
