"""A picture of the desk that anyone can draw again: the real program, some trading, an SVG file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.bootstrap import Pace, simulated_engine
from engine.config import AccountSettings, DeskSettings, MetricsSettings, Settings
from engine.errors import ConfigError
from engine.folders import Folders
from terminal.app import DeskApp

SETTINGS = Settings(account=AccountSettings(name="PAPER-1"), metrics=MetricsSettings(enabled=False))

LINES = (
    "b 300 NVDA mkt",
    "s 200 AMD mkt",
    "b 150 GLD mkt",
    "b 100 MSFT bid-5t",
    "s 100 NVDA ask+12t",
    "b 100 NVDA bid-6t",
)
"""What is traded before the picture is taken."""


def draw(path: Path, *, columns: int, rows: int, seed: int, theme: str | None) -> None:
    """Run the desk without a terminal, trade, and write what it shows.

    Raises:
        ConfigError: the file can't be written.
    """
    with TemporaryDirectory(prefix="touchline-") as scratch:
        root = Path(scratch)
        folders = Folders(root / "config", root / "data", root / "cache", root / "logs")
        engine = simulated_engine(SETTINGS, folders, seed=seed, pace=Pace(speed=4.0))
        app = DeskApp(engine, DeskSettings(), folders, theme=theme)
        svg = asyncio.run(_run(app, columns, rows))
    try:
        path.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error


async def _run(app: DeskApp, columns: int, rows: int) -> str:
    async with app.run_test(size=(columns, rows)) as pilot:
        await pilot.pause(2.0)
        for line in LINES:
            app.type_line(line)
            await pilot.pause(0.4)
            await pilot.press("enter")
            await pilot.pause(0.4)
            await pilot.press("enter")
            await pilot.pause(0.6)
        await pilot.pause(6.0)
        app.type_line("b 500 NVDA bid-3t")
        await pilot.pause(0.5)
        return app.export_screenshot(title="Touchline")
