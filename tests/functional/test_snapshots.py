"""The desk as it looks, at four sizes and in every theme: the picture must not change unseen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.desk_themes import THEMES
from tests.frozen_desk import frozen_app, settled, whole_frame
from tests.signal_views import signals

Compare = Callable[..., bool]
SIZES = ((80, 24), (120, 36), (160, 48), (240, 67))


@pytest.fixture(autouse=True)
def _all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw for a terminal with all colours, whatever the tests run in: with few of them candles are drawn otherwise."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_desk_at_every_size(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = frozen_app(tmp_path)
    assert snap_compare(app, terminal_size=size, run_before=settled)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_signals_page_at_both_sizes(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = frozen_app(tmp_path, frame=replace(whole_frame(), signals=signals()))

    async def opened(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("P", "j", "j")
        await pilot.pause(0.3)

    assert snap_compare(app, terminal_size=size, run_before=opened)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_signals_pane_at_every_size(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = frozen_app(tmp_path, frame=replace(whole_frame(), signals=signals()))

    async def gone_to(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("0")
        await pilot.pause(0.3)

    assert snap_compare(app, terminal_size=size, run_before=gone_to)


@pytest.mark.parametrize("theme", sorted(set(THEMES) - {"dark"}))
def test_the_desk_in_every_theme(snap_compare: Compare, tmp_path: Path, theme: str) -> None:
    app, _ = frozen_app(tmp_path, theme)
    assert snap_compare(app, terminal_size=(160, 48), run_before=settled)
