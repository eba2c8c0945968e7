"""A page over the desk shows the desk around it as Textual itself would."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.segment import Segment
from textual._context import visible_screen_stack
from textual.screen import Screen

from terminal.screens.once import LeftOnce
from tests.desk_hands import Hands, trying


def seen(hands: Hands) -> list[list[tuple[str, object]]]:
    """Return the rows of the whole screen: texts and their colours, without what a mouse would hit."""
    app = hands.pilot.app
    app.screen._styles_cache.clear()
    app.screen.refresh()
    visible_screen_stack.set(app._background_screens)
    rows = (Segment.simplify(strip) for strip in app.screen._compositor.render_strips())
    return [
        [(text, style and (style.color, style.bgcolor, style.bold)) for text, style, _ in row] for row in rows
    ]


@pytest.mark.parametrize("keys", [["R"], ["C", "enter"]], ids=["a page", "a page on a page"])
def test_the_desk_around_a_page_is_as_textual_would_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: list[str]
) -> None:
    async def script(hands: Hands) -> None:
        await hands.press(*keys)
        ours = seen(hands)
        assert any("TOUCHLINE" in text for text, _ in ours[0])
        monkeypatch.setattr(LeftOnce, "render_lines", Screen.render_lines)
        assert seen(hands) == ours

    trying(tmp_path)(script)
