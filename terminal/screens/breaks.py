"""The break board: where our book and the broker's differ, row by row, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.messages.commands import BreakAction, Command, ResolveBreak, TakeStock
from engine.messages.comparison_views import BreakKind, BreakState, BreakView, ReconcilePhase, ReconcileView
from engine.model.instrument import MICROS
from engine.model.text import clean
from terminal.broker_words import broker_trouble
from terminal.desk import Desk
from terminal.format import figures, time_of_day
from terminal.screens.once import LeftOnce

LOOK_S = 0.2
_EMPTY = "Our book and the broker's agree: no difference. Press t to compare again now."
_DECIDE, _LEAVE = "a adopt · i ignore · f fix · ", "t compare now · esc closes"


class BreakBoard(LeftOnce[None], ModalScreen[None]):
    """Shows the differences as they are now; a decision is sent, and its row goes when it took effect."""

    DEFAULT_CSS: ClassVar[str] = """
    BreakBoard { align: center middle; background: transparent; }
    BreakBoard > VerticalScroll {
        width: 94%; max-width: 120; height: auto; max-height: 90%;
        border: round $desk-accent; border-title-color: $desk-accent; border-title-style: bold;
        border-subtitle-color: $desk-faint; background: $desk-panel; padding: 0 1;
    }
    BreakBoard Static { color: $desk-text; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", show=False),
        Binding("j,down", "move(1)", "Next", show=False),
        Binding("k,up", "move(-1)", "Previous", show=False),
        Binding("a", "decide('adopt')", "Adopt", show=False),
        Binding("i", "decide('ignore')", "Ignore", show=False),
        Binding("f", "decide('fix')", "Fix", show=False),
        Binding("t", "compare", "Compare", show=False),
    ]

    def __init__(self, desk: Desk, send: Callable[[Command], None]) -> None:
        super().__init__()
        self._desk = desk
        self._send = send
        self._cursor = 0
        self._said = ""
        self._shown = Content()

    def compose(self) -> ComposeResult:
        """One scrolling panel, made again as the comparison changes."""
        with VerticalScroll() as panel:
            panel.border_title = "Our book and the broker's"
            yield Static(id="breaks-text")

    def on_mount(self) -> None:
        """Follow the comparison."""
        self._look()
        self.set_interval(LOOK_S, self._look)

    def action_move(self, rows: int) -> None:
        """Go to another row."""
        self._cursor = max(0, min(self._cursor + rows, len(self._rows) - 1))
        self._look()

    def action_decide(self, action: str) -> None:
        """Send a decision about the row under the cursor."""
        if self._rows:
            row = self._rows[self._cursor]
            self._send(ResolveBreak(row.id, BreakAction(action), origin="board"))
            self._said = f"{action}: {row.text}"
            self._look()

    def action_compare(self) -> None:
        """Ask the broker for everything now."""
        self._send(TakeStock(origin="board"))
        self._said = "asked the broker for everything"
        self._look()

    @property
    def _rows(self) -> tuple[BreakView, ...]:
        return self._desk.reconcile.breaks if self._desk.reconcile is not None else ()

    def _look(self) -> None:
        self._cursor = max(0, min(self._cursor, len(self._rows) - 1))
        content = self._content()
        if content != self._shown:
            self._shown = content
            self.query_one("#breaks-text", Static).update(content)
            self.query_one(VerticalScroll).border_subtitle = f"{_DECIDE if self._rows else ''}{_LEAVE}"

    def _content(self) -> Content:
        view = self._desk.reconcile
        parts: list[tuple[str, str] | str] = [(f"{_summary(view)}\n\n", "$desk-muted")]
        if not self._rows:
            parts.append((f"{self._empty(view)}\n", "$desk-text"))
        else:
            parts.append((f"  {'what':<9}{'symbol':<10}{'ours':>14}{'broker':>14}  state\n", "$desk-muted"))
        for number, row in enumerate(self._rows):
            parts += self._row(row, chosen=number == self._cursor)
        if self._said:
            parts.append((f"\n{clean(self._said, 200)}", "$desk-own"))
        return Content.assemble(*parts)

    def _empty(self, view: ReconcileView | None) -> str:
        """Say that nothing differs, and of when that is: not of now where the broker can't be asked."""
        trouble = broker_trouble(view)
        if view is None or not (trouble or view.standing is ReconcilePhase.COMPARING):
            return _EMPTY
        if not view.compared_ns:
            return "Nothing has been compared yet: whether our book and the broker's agree is not known."
        when = time_of_day(view.compared_ns, self._desk.zone)
        return f"Nothing differed at {when}, when they were last compared. What the broker has now is not known: {trouble}."

    def _row(self, row: BreakView, *, chosen: bool) -> list[tuple[str, str] | str]:
        mark, colour = ("▸ ", "bold $desk-text") if chosen else ("  ", "$desk-text")
        ours, theirs = (self._figure(row, number) for number in (row.ours, row.theirs))
        state = ("locked", "$desk-warn") if row.state is BreakState.OPEN else ("ignored", "$desk-muted")
        return [
            (f"{mark}{row.kind.value:<9}{row.symbol:<10}{ours:>14}{theirs:>14}  ", colour),
            (f"{state[0]}\n", state[1]),
            (f"    {clean(row.text, 200)}\n", "$desk-muted"),
        ]

    def _figure(self, row: BreakView, number: int) -> str:
        if row.kind is BreakKind.CASH:
            return f"{number / MICROS:,.2f}"
        instrument = self._desk.instruments.get(row.symbol)
        return f"{number:,}" if instrument is None else figures(instrument).quantity(number)


def _summary(view: ReconcileView | None) -> str:
    if view is None:
        return "The broker has not been asked yet."
    found = f"{view.fills} fills made up for, {view.ended} ends, {view.adopted} adopted, {view.unknown} unknown now"
    return f"{view.phase.value} · since the start: {found}"
