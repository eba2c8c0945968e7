"""One pane in its frame, in an app of its own."""

from __future__ import annotations

from collections.abc import Callable

from rich.color import ColorSystem
from textual.app import App, ComposeResult
from textual.message import Message

from engine.clock import NS_PER_S
from terminal.desk import Desk
from terminal.strips import Ink
from terminal.widgets.frame import PaneFrame
from terminal.widgets.messages import PricePicked, SymbolOpened, SymbolPicked, TimeframeChanged
from terminal.widgets.pane import LivePane
from terminal.widgets.quotes import QuoteBoard
from tests.desk_themes import THEME

INK = Ink(THEME.roles, ColorSystem.TRUECOLOR)
NAMES = ("NVDA", "AAPL", "MSFT", "AMZN", "TSLA", "META")


class OneFrame(App[None]):
    """A desk of one framed pane that keeps what the pane says."""

    CSS = "PaneFrame { width: 1fr; height: 1fr; }"

    def __init__(self, pane: LivePane) -> None:
        super().__init__()
        self.register_theme(THEME.textual())
        self.theme = THEME.name
        self.frame = PaneFrame(pane, 1, "Pane")
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.frame

    def on_mount(self) -> None:
        self.frame.pane.focus()

    def on_symbol_picked(self, message: SymbolPicked) -> None:
        self.heard.append(message)

    def on_symbol_opened(self, message: SymbolOpened) -> None:
        self.heard.append(message)

    def on_price_picked(self, message: PricePicked) -> None:
        self.heard.append(message)

    def on_timeframe_changed(self, message: TimeframeChanged) -> None:
        self.heard.append(message)


class Hand:
    """A steady time that is moved by hand."""

    def __init__(self) -> None:
        self.now_ns = 10 * NS_PER_S

    def __call__(self) -> int:
        return self.now_ns


def rows(pane: LivePane) -> list[str]:
    return [strip.text.rstrip() for strip in pane._strips]


def roles_of(pane: LivePane, y: int) -> set[str]:
    return {role for _, role in pane._rows[y]}


def frames(pane: LivePane) -> list[str]:
    """Return what the frame around a pane says: its title and its caption."""
    frame = pane.parent
    assert isinstance(frame, PaneFrame)
    return [str(frame._border_title), frame.caption]


def board(desk: Desk, steady: Callable[[], int] | None = None) -> QuoteBoard:
    return QuoteBoard(desk, INK, id="quotes", monotonic_ns=steady or Hand())
