"""The alerts: what is wrong now, since when, who has it; what was wrong; and the keys that answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.clock import NS_PER_S, SystemClock
from engine.messages.alarm_views import AlarmState, AlarmView
from engine.messages.commands import AcknowledgeAlert, Command, ReopenAlert, SilenceAlert
from engine.messages.events import Severity
from engine.model.text import clean
from terminal.desk import Desk
from terminal.folding import folded
from terminal.format import age, date_of, minute_of_day
from terminal.screens.once import LeftOnce

LOOK_S = 0.5
PAST_SHOWN = 50
_WIDTH_MAX = 120
_APART_NS = 60 * NS_PER_S
"""Alerts have the world's times: what the market's clock says then is another time."""
_LOUD = {Severity.CRITICAL: "$desk-breach", Severity.WARNING: "$desk-warn", Severity.INFO: "$desk-text"}
_CALM = "Nothing is wrong by the rules."
_BEGIN = "alerts.toml in the configuration folder changes the rules; touchline alerts check reads it without a desk."
_ANSWERS = "a acknowledge · s silence 10 min · S 1 h · u undo · "
_LEAVE = "esc closes"

Part = tuple[str, str]


class AlertsScreen(LeftOnce[None], ModalScreen[None]):
    """Shows the alerts as they are now; an answer is sent, and its row says so once the engine has it."""

    DEFAULT_CSS: ClassVar[str] = """
    AlertsScreen { align: center middle; background: transparent; }
    AlertsScreen > VerticalScroll {
        width: 94%; max-width: 120; height: auto; max-height: 90%;
        border: round $desk-accent; border-title-color: $desk-accent; border-title-style: bold;
        border-subtitle-color: $desk-faint; background: $desk-panel; padding: 0 1;
        scrollbar-gutter: stable; scrollbar-size-vertical: 1; scrollbar-color: $desk-faint; scrollbar-background: $desk-panel;
    }
    AlertsScreen Static { color: $desk-text; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", show=False),
        Binding("j,down", "move(1)", "Next", show=False),
        Binding("k,up", "move(-1)", "Previous", show=False),
        Binding("pagedown,space", "scroll(10)", "Page down", show=False),
        Binding("pageup", "scroll(-10)", "Page up", show=False),
        Binding("a,enter", "acknowledge", "Acknowledge", show=False),
        Binding("s", "silence(600)", "Silence 10 min", show=False),
        Binding("S", "silence(3600)", "Silence 1 h", show=False),
        Binding("u", "reopen", "Undo", show=False),
    ]

    def __init__(self, desk: Desk, send: Callable[[Command], None]) -> None:
        super().__init__()
        self._desk = desk
        self._send = send
        self._now_ns = SystemClock().now_ns
        self._chosen: int | None = None
        """The number of the alert under the cursor: rows come and go above it."""
        self._shown = Content()

    def compose(self) -> ComposeResult:
        """One scrolling panel, made again as the alerts change."""
        with VerticalScroll() as panel:
            panel.border_title = "Alerts"
            yield Static(id="alerts-text")

    def on_mount(self) -> None:
        """Follow the alerts."""
        self._look()
        self.set_interval(LOOK_S, self._look)

    def action_move(self, rows: int) -> None:
        """Go to another alert; where there is none, scroll what was."""
        numbers = [alarm.number for alarm in self._open]
        if numbers:
            place = numbers.index(self._cursor) + rows
            self._chosen = numbers[max(0, min(place, len(numbers) - 1))]
            self._look()
        if not numbers or self._chosen in {numbers[0], numbers[-1]}:
            self.action_scroll(rows)

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def action_acknowledge(self) -> None:
        """Have the alert under the cursor."""
        if self._open:
            self._send(AcknowledgeAlert(self._cursor))

    def action_silence(self, seconds: int) -> None:
        """Hear nothing of its cause for so long."""
        if self._open:
            self._send(SilenceAlert(self._cursor, float(seconds)))

    def action_reopen(self) -> None:
        """Take back what was answered."""
        if self._open:
            self._send(ReopenAlert(self._cursor))

    @property
    def _open(self) -> tuple[AlarmView, ...]:
        return self._desk.alarms.open

    @property
    def _cursor(self) -> int:
        """Return the number under the cursor; the first one's where the chosen one is over."""
        numbers = [alarm.number for alarm in self._open]
        return self._chosen if self._chosen in numbers and self._chosen is not None else numbers[0]

    def _look(self) -> None:
        content = Content.assemble(*self._parts()).rstrip()
        if content != self._shown:
            self._shown = content
            self.query_one("#alerts-text", Static).update(content)
            self.query_one(VerticalScroll).border_subtitle = f"{_ANSWERS if self._open else ''}{_LEAVE}"

    def _parts(self) -> Iterator[Part]:
        view = self._desk.alarms
        told = f"{len(view.open)} on · {view.unanswered} unanswered · {view.rules or 'no rules yet'}"
        if abs(self._now_ns() - self._desk.now_ns) > _APART_NS:
            told = f"{told} · it is {self._when(self._now_ns())} outside the market"
        yield f"{clean(told, 200)}\n\n", "$desk-muted"
        if not view.open:
            yield f"{_CALM}\n", "$desk-ok"
            yield from self._folded(_BEGIN, "", "$desk-muted") if not view.past else ()
        for alarm in view.open:
            yield from self._row(alarm, chosen=alarm.number == self._cursor)
        if view.past:
            yield "\nOver\n", "$desk-muted"
        for alarm in view.past[:PAST_SHOWN]:
            ended = f"{self._when(alarm.since_ns)} to {self._when(alarm.resolved_ns)}"
            yield (
                f"  #{alarm.number:<4} {ended:<16} {alarm.severity.value:<9} {clean(alarm.cause, 64)}\n",
                "$desk-text",
            )
            yield from self._folded(_text(alarm), "        ", "$desk-muted")

    def _row(self, alarm: AlarmView, *, chosen: bool) -> Iterator[Part]:
        answered = alarm.state is not AlarmState.FIRING
        colour = "$desk-muted" if answered else _LOUD[alarm.severity]
        mark = "▸ " if chosen else "  "
        since = f"since {self._when(alarm.since_ns)}, {_steps(self._now_ns() - alarm.since_ns)}"
        severity = alarm.severity.value if answered else alarm.severity.value.upper()
        yield f"{mark}#{alarm.number:<4} {severity:<9} ", f"bold {colour}" if chosen else colour
        yield f"{clean(alarm.cause, 32):<24} {since}\n", "bold $desk-text" if chosen else "$desk-text"
        yield from self._folded(_text(alarm), "        ", "$desk-muted" if answered else "$desk-text")
        if stands := self._stands(alarm):
            yield from self._folded(stands, "        ", "$desk-own")

    def _stands(self, alarm: AlarmView) -> str:
        by = clean(alarm.by, 64)
        match alarm.state:
            case AlarmState.ACKNOWLEDGED:
                return f"acknowledged by {by} at {self._when(alarm.answered_ns)}"
            case AlarmState.SILENCED:
                return f"silenced by {by} until {self._when(alarm.until_ns)}"
            case _:
                return f"nobody answers: told again {alarm.escalations} times" if alarm.escalations else ""

    def _folded(self, text: str, indent: str, colour: str) -> Iterator[Part]:
        width = min(int(self.app.size.width * 0.94), _WIDTH_MAX) - 6 - len(indent)
        for line in folded(text, max(20, width)):
            yield f"{indent}{line}\n", colour

    def _when(self, at_ns: int) -> str:
        """Write the world's time in the zone of the desk, with its date on another day."""
        zone = self._desk.zone
        minute, date = minute_of_day(at_ns, zone), date_of(at_ns, zone)
        return minute if date == date_of(self._now_ns(), zone) else f"{date} {minute}"


def _text(alarm: AlarmView) -> str:
    more = f" (and {alarm.more} more)" if alarm.more else ""
    return clean(f"{alarm.text}{more}", 300)


def _steps(age_ns: int) -> str:
    """Write an age that rests: in steps of five seconds, then as ages are."""
    seconds = max(0, age_ns) // NS_PER_S
    return f"{seconds // 5 * 5}s" if seconds < 95 else age(age_ns)
