"""The signals page: what models say of symbols, how each version does here, and whether orders come of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Resize

from engine.messages.commands import Command, DisarmSignals
from engine.messages.signal_views import SignalsView, SignalTrading
from terminal.desk import Desk
from terminal.screens.list_page import ListPage
from terminal.screens.reading import ReadingScreen
from terminal.screens.signal_arming import SignalArmingScreen
from terminal.screens.why_signal import details, why_signal
from terminal.strips import Ink
from terminal.widgets.messages import SignalOpened, SignalPicked
from terminal.widgets.signal_detail import ROWS, ROWS_SMALL, SignalDetail
from terminal.widgets.signal_list import SignalList
from terminal.widgets.signal_words import RowKey, model_of, summary, title_of

LOOK_S = 0.25
_TALL_FROM = 36
"""Rows of the terminal from which the detail has all its rows."""

_KEYS = "⏎ details · w why · a arm · d disarm · "


class SignalsPage(ListPage):
    """Follows what is told of models; `a` asks for a name before anything is armed, `d` disarms at once."""

    DEFAULT_CSS: ClassVar[str] = f"""
    SignalsPage SignalList {{ height: 1fr; }}
    SignalsPage SignalDetail {{ height: {ROWS}; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "arm", "Arm", show=False),
        Binding("d", "disarm", "Disarm", show=False),
    ]

    def __init__(
        self, desk: Desk, ink: Ink, send: Callable[[Command], None], row: RowKey | None = None
    ) -> None:
        """Take what to show, what carries out commands, and the row to begin at."""
        super().__init__()
        self._desk = desk
        self._send = send
        self.rows = SignalList(desk, ink, id="signals-rows")
        self.detail = SignalDetail(desk, ink, id="signals-detail")
        self._seen: SignalsView | None = None
        self._row = row

    def compose(self) -> ComposeResult:
        """The rows, and the version under the cursor."""
        with Vertical():
            yield self.rows
            yield self.detail

    def on_mount(self) -> None:
        """Follow what is told."""
        self.rows.focus()
        if self._row is not None:
            self.rows.select(self._row)
        self._show()
        self.set_interval(LOOK_S, self._look)

    @on(Resize)
    def _fit(self, event: Resize) -> None:
        self.detail.styles.height = ROWS if event.size.height >= _TALL_FROM else ROWS_SMALL

    @property
    def shown(self) -> SignalList:
        """The list that is shown."""
        return self.rows

    @on(SignalPicked)
    def _picked(self, message: SignalPicked) -> None:
        message.stop()
        self.detail.say("")
        self.detail.show(self.rows.cursor)

    # what is shown

    @on(SignalOpened)
    def _open(self, message: SignalOpened) -> None:
        message.stop()
        self.app.push_screen(ReadingScreen(title_of(message.key), details(self._desk, message.key)))

    def action_why(self) -> None:
        """Show the chain of reasons of the row under the cursor."""
        if self.rows.cursor is not None:
            self.app.push_screen(ReadingScreen("Why", why_signal(self._desk, self.rows.cursor)))

    # what is done

    def action_arm(self) -> None:
        """Ask for the name of the model under the cursor, and let it send orders."""
        model = model_of(self._desk, self.rows.cursor)
        if model is None:
            self.detail.say("no model predicts here: nothing can be armed", "warn")
        elif model.stage != "champion":
            self.detail.say(f"a {model.stage} sends no orders: only a champion can be armed", "warn")
        elif model.trading is SignalTrading.ARMED:
            self.detail.say(f"{model.model} is armed already; d disarms it", "warn")
        else:
            self.app.push_screen(SignalArmingScreen(self._desk, model, self._send))

    def action_disarm(self) -> None:
        """Let the model under the cursor send no more orders, at once."""
        model = model_of(self._desk, self.rows.cursor)
        if model is not None:
            self._send(DisarmSignals(model.model, "by hand"))
            self.detail.say(f"{model.model}: no more orders", "own")

    def _look(self) -> None:
        if self._desk.signals is not self._seen:
            self._show()

    def _show(self) -> None:
        self._seen = self._desk.signals
        self.rows.redraw()
        self.detail.show(self.rows.cursor)
        page = self.query_one(Vertical)
        title = f"Signals · {summary(self._seen)}"
        if page.border_title != title:
            page.border_title = title
        keys = _KEYS if self._seen is not None and self._seen.models else ""
        page.border_subtitle = f"{keys}esc closes"
