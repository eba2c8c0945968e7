"""A picture of the desk that anyone can draw again: the real program, some trading, an SVG file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.bootstrap import simulated_engine
from engine.config import DeskSettings, MetricsSettings, Settings
from engine.errors import ConfigError
from engine.folders import Folders
from engine.pace import Pace
from terminal.app import DeskApp
from terminal.svg import draw_svg

SETTINGS = Settings(metrics=MetricsSettings(enabled=False))
SPEED = 4.0

LINES = (
    "b 400 NVDA mkt",
    "s 500 AMD mkt",
    "b 150 GLD mkt",
    "b 60 AAPL bid-60t",
    "b 200 MSFT mkt",
    "s 120 SPY mkt",
    "x AAPL",
    "b 50 LLY mkt",
    "s 50 LLY tr=2%",
    "b 900 GLD bid",
    "s 300 AMD ask",
    "speed 1",
    "s 250 NVDA ask+9t",
    "b 200 NVDA bid-7t",
)
"""What is traded before the picture is taken."""
AT_ONCE = ("x ", "speed ")
"""How lines begin that need no review."""
STAGED = "b 500 NVDA bid-3t"
"""What is reviewed, and not sent, when it is taken."""
WARM_UP_S, BETWEEN_S = 3.0, 0.4
"""The order line does not send within a quarter of a second of the review."""


def draw(path: Path, *, columns: int, rows: int, seed: int, theme: str | None) -> None:
    """Run the desk without a terminal, trade, and write what it shows.

    Raises:
        ConfigError: there is no such theme, or the file can't be written.
    """
    with TemporaryDirectory(prefix="touchline-") as scratch:
        root = Path(scratch)
        folders = Folders(root / "config", root / "data", root / "cache", root / "logs")
        engine = simulated_engine(SETTINGS, folders, seed=seed, pace=Pace(speed=SPEED))
        app = DeskApp(engine, DeskSettings(), folders, theme=theme)
        svg = asyncio.run(_run(app, columns, rows))
    try:
        path.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error


async def _run(app: DeskApp, columns: int, rows: int) -> str:
    async with app.run_test(size=(columns, rows)):
        await trade(app)
        await enter(app, STAGED, times=1)
        return look_at(app, "The desk of Touchline")


async def trade(app: DeskApp) -> None:
    """Let the market run for a moment, then enter and send every line."""
    await asyncio.sleep(WARM_UP_S)
    for line in LINES:
        await enter(app, line, times=1 if line.startswith(AT_ONCE) else 2)


async def enter(app: DeskApp, line: str, *, times: int) -> None:
    """Write a line and press Enter so many times."""
    app.type_line(line)
    for _ in range(times):
        await asyncio.sleep(BETWEEN_S)
        app.simulate_key("enter")
    await asyncio.sleep(BETWEEN_S)


def look_at(app: DeskApp, title: str) -> str:
    """Return what the screen shows as an SVG drawing; a screen reader says the title."""
    rows = app.screen._compositor.render_strips(app.size)  # noqa: SLF001  # the only place that has every cell
    size = app.size.width, app.size.height
    return draw_svg(rows, size=size, colours=app.desk_theme.roles, title=title)
