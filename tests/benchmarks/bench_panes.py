"""What one frame costs each market pane when every row of it changes, at its size on a 160x48 desk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace
from rich.color import ColorSystem
from textual.app import App, ComposeResult

from engine.model.trade import Side
from terminal.desk import Desk
from terminal.strips import Ink
from terminal.theming import load_theme
from terminal.widgets.chart import CandleChart
from terminal.widgets.depth import DepthLadder
from terminal.widgets.pane import LivePane
from terminal.widgets.quotes import QuoteBoard
from terminal.widgets.tape import Tape
from tests import market_views as views
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row, limited

_ROUNDS = 60
_SIZES = {"quotes": (56, 24), "chart": (62, 24), "depth": (36, 24), "tape": (36, 6)}
_SYMBOLS = tuple(f"SYM{number:02}" for number in range(45))

Change = Callable[[Desk, int], None]


def rows(_options: Options) -> list[Row]:
    """Return a full redraw of every pane against the share of a frame that drawing may take."""
    found = measure()
    found.pop("chart_tick_ms")
    total = sum(found.values())
    panes = [limited(f"redraw, {name.removesuffix('_ms')}", value, "ms", 1) for name, value in found.items()]
    return [*panes, limited("redraw, these together", total, "ms", 2)]


def measure() -> dict[str, float]:
    """Return milliseconds a full redraw, format and bake, of every pane, the quietest of several."""
    theme = load_theme(Path(__file__).parents[2] / "themes" / "dark.toml")
    ink = Ink(theme.roles, ColorSystem.TRUECOLOR)
    desk = _desk()
    panes: list[tuple[str, LivePane, Change]] = [
        ("quotes", QuoteBoard(desk, ink, id="quotes"), _move_quotes),
        ("chart", CandleChart(desk, ink, id="chart"), _move_chart),
        ("depth", DepthLadder(desk, ink, id="depth"), _move_depth),
        ("tape", Tape(desk, ink, id="tape"), _move_tape),
    ]
    app = _Bench([pane for _, pane, _ in panes])
    found = asyncio.run(_run(app, desk, panes))
    found["chart_tick_ms"] = found.pop("tick")
    return found


class _Bench(App[None]):
    def __init__(self, panes: list[LivePane]) -> None:
        super().__init__()
        self._panes = panes

    def compose(self) -> ComposeResult:
        for pane in self._panes:
            pane.styles.width, pane.styles.height = _SIZES[str(pane.id)]
            yield pane


async def _run(app: _Bench, desk: Desk, panes: list[tuple[str, LivePane, Change]]) -> dict[str, float]:
    found: dict[str, float] = {}
    async with app.run_test(size=(160, 100)) as pilot:
        await pilot.pause()
        for name, pane, change in panes:
            assert pane.size == _SIZES[name], (name, pane.size)
            found[f"{name}_ms"] = _quietest(desk, pane, change)
            if name == "chart":
                found["tick"] = _quietest(desk, pane, _tick_chart)
    return found


def _quietest(desk: Desk, pane: LivePane, change: Change) -> float:
    best = float("inf")
    for step in range(_ROUNDS):
        change(desk, step)
        start_ns = time.thread_time_ns()
        pane.redraw()
        best = min(best, (time.thread_time_ns() - start_ns) / 1e6)
    return best


def _desk() -> Desk:
    desk = views.desk("NVDA", *_SYMBOLS)
    desk.chart, desk.depth = views.chart(), views.depth()
    for number, limit in enumerate((18_200, 18_210, 18_240)):
        order = views.order(number, Side.BUY, 100, limit=limit)
        desk.orders[order.client_id] = order
    return desk


def _move_quotes(desk: Desk, step: int) -> None:
    for symbol in desk.quotes:
        spark = tuple((step + place) * 7 % 11 for place in range(30))
        desk.quotes[symbol] = replace(views.quote(symbol, 18_000 + step), volume=10**7 + step, spark=spark)


def _move_chart(desk: Desk, step: int) -> None:
    desk.chart = views.chart(60 + step % 3, 18_234 + 13 * step)


def _tick_chart(desk: Desk, step: int) -> None:
    chart = views.chart()
    forming = replace(chart.bars[-1], close=chart.bars[-1].open + step % 3)
    desk.chart = replace(chart, bars=(*chart.bars[:-1], forming))


def _move_depth(desk: Desk, step: int) -> None:
    desk.depth = views.depth(bid=18_233 + step)


def _move_tape(desk: Desk, step: int) -> None:
    desk.tape = views.tape(tuple(100 * (1 + (place + step) % 9) for place in range(60)), 18_000 + step)


if __name__ == "__main__":
    for key, value in measure().items():
        print(f"{key:16} {value:7.3f} ms")
