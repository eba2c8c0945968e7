"""Where pictures of the desk are taken: the real program on the simulated market, without a terminal, and hands at it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.pilot import Pilot

from engine.bootstrap import simulated_engine
from engine.config import DeskSettings, Settings
from engine.engine import Engine
from engine.folders import Folders
from engine.pace import Pace
from terminal.app import DeskApp
from terminal.picture import enter, look_at
from terminal.screens.trade import TradeScreen

SEED = 1
PATIENCE_S = 120.0
"""A desk that does not show what is waited for by then never will."""
LOOK_S = 0.05
SETTLED_S = 0.5
"""Panes are drawn ten times a second at the slowest."""
BROAD, WIDE, MIDDLE, SMALL = (210, 52), (160, 48), (120, 36), (80, 24)


@dataclass(frozen=True)
class Sitting:
    """One run of the desk, and the pictures that are taken in it."""

    pictures: tuple[str, ...]
    """What they are called, in order."""
    play: Callable[[Studio], Awaitable[None]]
    settings: Callable[[Path], Settings]
    """Makes the settings, and what they name, in the folder of this run."""
    prepare: Callable[[Path, Engine], object] = lambda _root, _engine: None
    """Is called before the engine runs."""
    speed: float = 4.0


class Studio:
    """Hands at a desk that runs, and a camera in front of it."""

    def __init__(self, app: DeskApp, pilot: Pilot[None], engine: Engine, into: Path) -> None:
        self.app = app
        self.engine = engine
        self.press = pilot.press
        self._pilot = pilot
        self._into = into
        self.taken: list[str] = []
        """The pictures so far."""

    @property
    def desk_screen(self) -> TradeScreen:
        """The desk, whatever lies on it."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, TradeScreen))

    @property
    def text(self) -> str:
        """Everything that the terminal shows."""
        rows = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join(strip.text for strip in rows)

    async def sees(self, text: str) -> None:
        """Wait until a text is on the screen."""
        try:
            await self.until(lambda: text in self.text)
        except TimeoutError:
            raise SystemExit(f"the desk never showed {text!r}; it shows:\n{self.text}") from None

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():  # noqa: ASYNC110  # another thread's doing
                await asyncio.sleep(LOOK_S)

    async def sits_at(self, size: tuple[int, int], theme: str = "dark") -> None:
        """Have a terminal of another size, and other colours."""
        if theme != self.app.desk_theme.name:
            await enter(self.app, f"theme {theme}", times=1)
        await self._pilot.resize_terminal(*size)
        await asyncio.sleep(SETTLED_S)

    def take(self, name: str, title: str) -> None:
        """Write what the screen shows now."""
        (self._into / f"{name}.svg").write_text(look_at(self.app, title), encoding="utf-8")
        self.taken.append(name)


def hold(sitting: Sitting, into: Path) -> None:
    """Run the desk and take the pictures of a sitting."""
    with TemporaryDirectory(prefix="touchline-") as scratch:
        root = Path(scratch)
        folders = Folders(*(root / name for name in ("config", "data", "cache", "logs")))
        pace = Pace(speed=sitting.speed)
        engine = simulated_engine(sitting.settings(root), folders, seed=SEED, pace=pace)
        sitting.prepare(root, engine)
        app = DeskApp(engine, DeskSettings(lock_after_min=0), folders)
        asyncio.run(_run(app, engine, sitting, into))


async def _run(app: DeskApp, engine: Engine, sitting: Sitting, into: Path) -> None:
    async with app.run_test(size=WIDE) as pilot:
        studio = Studio(app, pilot, engine, into)
        await studio.until(lambda: any(isinstance(screen, TradeScreen) for screen in app.screen_stack))
        await sitting.play(studio)
    assert tuple(studio.taken) == sitting.pictures
