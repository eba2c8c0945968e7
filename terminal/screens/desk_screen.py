"""The desk's screen: panes in their places, frames coming in, what they changed drawn."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import DescendantFocus, Resize, ScreenResume, ScreenSuspend
from textual.geometry import Region
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from engine.config import DeskSettings
from engine.errors import EngineError
from engine.face import EngineFace
from engine.messages.views import Frame
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from terminal.bridge import Bridge
from terminal.desk import Desk
from terminal.layouts import COLUMNS_MIN, ROWS_MIN, TITLES, Layout, behind, layout_for, number_of, place
from terminal.strips import Ink
from terminal.turns import Turns
from terminal.widgets.blotter import Blotter
from terminal.widgets.chart import CandleChart
from terminal.widgets.depth import DepthLadder
from terminal.widgets.frame import PaneFrame
from terminal.widgets.health import Health
from terminal.widgets.hints import KeyHints
from terminal.widgets.order_line import OrderLine
from terminal.widgets.pane import LivePane
from terminal.widgets.portfolio import Portfolio
from terminal.widgets.quotes import QuoteBoard
from terminal.widgets.replay_line import ReplayLine
from terminal.widgets.risk import Risk
from terminal.widgets.signal_pane import SignalPane
from terminal.widgets.status import StatusLine
from terminal.widgets.still import Still
from terminal.widgets.tabs import TabStrip
from terminal.widgets.tape import Tape
from terminal.widgets.ticket import TicketPane
from terminal.zones import zone_of

_TINY = f"Touchline needs\n{COLUMNS_MIN} x {ROWS_MIN} or larger."
"""It fits a terminal of 20 x 5."""

STANDING_FRAMES = 20
"""After so many frames at one and the same market time, no pane is drawn for the sake of the clock alone."""

BAD_START = 2
"""The exit code of a start that failed."""


class PaneArea(Still, Container):
    """Where the panes lie."""


class DeskScreen(Still, Screen[None]):
    """Holds the panes and the bridge; knows nothing of what keys mean."""

    AUTO_FOCUS: ClassVar[str | None] = "#quotes"

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As Textual's own, but the whole screen is not painted anew: only what shows that it has the focus."""

    def __init__(self, engine: EngineFace, settings: DeskSettings, ink: Ink, keymap: dict[str, str]) -> None:
        super().__init__()
        self.desk = Desk()
        self.bridge = Bridge(engine, self._take_frame)
        self.settings = settings
        self.keymap = keymap
        desk = self.desk
        desk.zone = zone_of(settings.zone, engine.mode)
        self.quotes = QuoteBoard(desk, ink, id="quotes")
        self.chart = CandleChart(desk, ink, id="chart")
        self.blotter = Blotter(desk, ink, id="orders")
        self.ticket = TicketPane(desk, ink, id="ticket", keymap=keymap)
        self.portfolio = Portfolio(desk, ink, id="portfolio")
        self.risk = Risk(desk, ink, id="risk")
        self.health = Health(desk, ink, id="health")
        self.signals = SignalPane(desk, ink, id="signals")
        self.panes: dict[str, LivePane] = {
            "quotes": self.quotes,
            "chart": self.chart,
            "depth": DepthLadder(desk, ink, id="depth"),
            "portfolio": self.portfolio,
            "orders": self.blotter,
            "ticket": self.ticket,
            "risk": self.risk,
            "health": self.health,
            "tape": Tape(desk, ink, id="tape"),
            "signals": self.signals,
        }
        self._frames_of = {
            name: PaneFrame(self.panes[name], number_of(name), title) for name, title in TITLES.items()
        }
        self.status = StatusLine(desk, ink, mode=engine.mode, id="status")
        self.set_class(engine.mode is AccountMode.LIVE, "-live")
        self.replay = ReplayLine(desk, ink, id="replay")
        self.replay.display = engine.mode is AccountMode.REPLAY
        self.tabs = TabStrip(desk, ink, id="tabs")
        self.line = OrderLine(
            desk,
            ink,
            id="line",
            ids=engine.ids,
            account=engine.account_name,
            settings=settings,
            zone=desk.zone,
        )
        self.hints = KeyHints(desk, ink, id="hints", keymap=keymap)
        self._rows: tuple[LivePane, ...] = (self.status, self.replay, self.tabs, self.line, self.hints)
        self.turns = Turns(self._fail, self.bridge.shown)
        self._late: set[LivePane] = set()
        """Panes whose reading changed and whose frame has not come."""
        self._drawn: dict[LivePane, int] = {}
        """At which frame each pane was drawn last."""
        self._frames = self._standing = 0
        self._in_place = self._covered = False
        self._chosen: tuple[str, ...] = ("quotes",)
        self._zoomed: str | None = None
        self._visible: dict[str, Region] = {}

    def compose(self) -> ComposeResult:
        """Status, a replay's own row, panes, tabs, order line and hints, top to bottom."""
        yield self.status
        yield self.replay
        yield Static(_TINY, id="tiny")
        yield PaneArea(*self._frames_of.values(), id="panes")
        yield self.tabs
        yield self.line
        yield self.hints

    def on_mount(self) -> None:
        """Paint the panes once they are in their places, open the engine, then ask for frames at a steady pace."""
        self._arrange()
        self.hints.show(self.pane_in_use)
        self.call_after_refresh(self._show)

    def on_unmount(self) -> None:
        """Close the engine with the screen."""
        self.bridge.close()

    def take_ink(self, ink: Ink) -> None:
        """Draw everything in other colours."""
        for pane in (*self.panes.values(), *self._rows):
            pane.take_ink(ink)

    # frames

    def _show(self) -> None:
        self._in_place = True
        self.refresh()
        self.call_after_refresh(self._open)

    def _compositor_refresh(self) -> None:
        """Compose nothing while the layout still finds its way: each step would be a paint of the whole screen."""
        if self._in_place:
            super()._compositor_refresh()

    def _open(self) -> None:
        self.bridge.open(self._give_up)
        self.bridge.keep_asking(1 / self.settings.frames_per_s)

    def _give_up(self, error: EngineError) -> None:
        """Leave with a sentence: there is nothing to show."""
        self.app.exit(return_code=BAD_START, message=f"touchline: {error}")

    def _take_frame(self, frame: Frame) -> None:
        self._standing = self._standing + 1 if frame.now_ns == self.desk.now_ns else 0
        predicted = self.desk.predicts
        changed = self.desk.merge(frame)
        if self.desk.predicts is not predicted:
            self._arrange()
        if self._standing > STANDING_FRAMES:
            changed -= {"clock"}
        if self.bridge.view.everything:
            self.bridge.view = replace(self.bridge.view, everything=False)
        if (self.desk.focus is None or self.desk.is_dropped(self.desk.focus)) and self.desk.symbols:
            self.focus_symbol(self.desk.symbols[0])
        for pane in (*self._rows, *(self.panes[name] for name in self._visible)):
            if pane.reads & changed:
                self._late.add(pane)
        self._frames += 1
        if not self._covered:
            self.bridge.to_show(frame)
        for pane in [pane for pane in self._late if self._is_due(pane)]:
            self._late.discard(pane)
            self._drawn[pane] = self._frames
            self.turns.add(pane)
        self.told(frame)

    def _is_due(self, pane: LivePane) -> bool:
        """Tell whether a late pane is drawn now: all once a second under another screen, which is drawn with them."""
        if self._covered:
            return self._frames % self.settings.frames_per_s == 0
        return self._frames >= self._drawn.get(pane, -9) + pane.every

    def _fail(self, error: Exception) -> None:
        """Let a fault in a pane end the program as any other fault of the screen does."""

        def again() -> None:
            raise error

        self.call_later(again)

    def told(self, frame: Frame) -> None:
        """Say on the line what a person should hear of this frame; the trading screen does."""

    def focus_symbol(self, symbol: Symbol) -> None:
        """Let the desk look at a symbol."""
        if symbol == self.desk.focus or symbol not in self.desk.instruments:
            return
        self.desk.focus = symbol
        self.bridge.view = replace(self.bridge.view, focus=symbol)
        self.quotes.select(symbol)
        self.signals.redraw()
        self.ticket.redraw()
        self.hints.redraw()
        self.bridge.hurry()

    def show_interval(self, interval_ns: int) -> None:
        """Let the chart show bars of another length."""
        self.bridge.view = replace(self.bridge.view, bar_interval_ns=interval_ns)
        self.bridge.tick()

    # layout

    @property
    def places(self) -> dict[str, Region]:
        """The panes in sight, and where they are."""
        return self._visible

    @property
    def pane_in_use(self) -> str:
        """The pane that was gone to last."""
        return self._chosen[-1]

    def go_to(self, pane: str) -> None:
        """Show a pane and give it the focus."""
        self._chosen = (*(name for name in self._chosen if name != pane), pane)
        if self._zoomed is not None:
            self._zoomed = pane
        self._arrange()
        self.set_focus(self.panes[pane])
        self.panes[pane].redraw()

    def zoom(self) -> None:
        """Give the whole screen to the pane in use, or give it back."""
        self._zoomed = None if self._zoomed else self.pane_in_use
        self._arrange()

    @on(Resize)
    def _arrange(self) -> None:
        """Put every pane where it belongs at this size."""
        width, height = self.size or self.app.size
        layout = layout_for(width, height)
        self.set_class(layout is Layout.TINY, "-tiny")
        has_tabs = layout in {Layout.SINGLE, Layout.QUAD}
        self.tabs.set_class(not has_tabs, "-hidden")
        self.line.lender = self.tabs if has_tabs else None
        rows = (3 if layout is Layout.FULL else 4) + self.replay.display
        area = Region(0, 0, width, height - rows)
        self._visible = place(layout, area, self._chosen, self._zoomed, predicts=self.desk.predicts)
        hides = behind(self._visible, predicts=self.desk.predicts)
        for name, frame in self._frames_of.items():
            other = self._frames_of.get(hides.get(name, ""))
            frame.hide(f"{other.number} {other.title}" if other else "")
            region = self._visible.get(name)
            frame.display = region is not None
            if region is not None:
                frame.styles.offset = (region.x, region.y)
                frame.styles.width, frame.styles.height = region.width, region.height
        self.tabs.show(frozenset(self._visible))

    @on(ScreenSuspend)
    def _be_covered(self) -> None:
        """Say which keys still work while another screen lies on the desk."""
        self._covered = True
        self.hints.cover(covered=True)

    @on(ScreenResume)
    def _be_uncovered(self) -> None:
        self._covered = False
        self.hints.cover(covered=False)

    @on(DescendantFocus)
    def _follow_focus(self, event: DescendantFocus) -> None:
        name = event.widget.id or ""
        if name in self.panes:
            self._chosen = (*(other for other in self._chosen if other != name), name)
        self.hints.show(self.pane_in_use, typing=event.widget is self.line)
