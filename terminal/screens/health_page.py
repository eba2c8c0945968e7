"""The health page: every component, why it is not well, what was wrong before, and what can be done about it by a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import DescendantFocus

from engine.clock import NS_PER_S, Clock
from engine.messages.commands import ApplyRemedy, Command
from engine.messages.events import Severity
from engine.messages.health_views import TROUBLES
from engine.messages.remedies import Remedy
from engine.messages.views import Alert
from terminal.desk import Desk
from terminal.health.causes import explained
from terminal.health.remedy_keys import KEYS
from terminal.screens.health_row import HealthRowScreen
from terminal.screens.list_page import ListPage
from terminal.screens.reading import ReadingScreen
from terminal.strips import Ink
from terminal.widgets.health_foot import ROWS, HealthFoot
from terminal.widgets.health_list import ComponentList, IncidentList
from terminal.widgets.health_rows import summary
from terminal.widgets.messages import ComponentOpened

LOOK_S = 0.25
AGAIN_NS = 3 * NS_PER_S
"""Within how long a key that disturbs what is well has to be pressed twice."""


ANSWERS = frozenset({"health", "engine"})
"""Whose alerts are the answer to a remedy: that it was done, or why not."""


class HealthPage(ListPage):
    """Shows the components as they are now; a remedy is sent, and its row tells what came of it."""

    DEFAULT_CSS: ClassVar[str] = f"""
    HealthPage ComponentList, HealthPage IncidentList {{ height: 1fr; }}
    HealthPage HealthFoot {{ height: {ROWS}; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "timeline", "Timeline", show=False),
        Binding("f", "only", "Only this", show=False),
        *(
            Binding(key.key, f"apply('{remedy.value}')", key.label, show=False)
            for remedy, key in KEYS.items()
        ),
    ]

    def __init__(self, desk: Desk, ink: Ink, clock: Clock, send: Callable[[Command], None]) -> None:
        super().__init__()
        self._desk = desk
        self._clock = clock
        self._send = send
        self.components = ComponentList(desk, ink, id="health-components")
        self.incidents = IncidentList(desk, ink, id="health-incidents")
        self.foot = HealthFoot(desk, ink, id="health-foot")
        self._seen: tuple[object, object] | None = None
        self._asked: tuple[str, Remedy, int] | None = None
        """What was asked for once, of a component that is well, and when."""
        self._before: Alert | None = None
        """The newest alert when something was asked for."""
        self._awaits = False
        """Whether the engine's answer to that is waited for."""

    def compose(self) -> ComposeResult:
        """The components or the timeline, and the foot."""
        with Vertical() as page:
            page.border_subtitle = "⏎ runbook · w why · t timeline · esc closes"
            yield self.components
            yield self.incidents
            yield self.foot

    def on_mount(self) -> None:
        """Follow what is told."""
        self.incidents.display = False
        self.components.focus()
        self._look()
        self.set_interval(LOOK_S, self._look)

    # where one is

    @property
    def shown(self) -> ComponentList | IncidentList:
        """The list that is shown."""
        return self.incidents if self.incidents.display else self.components

    @property
    def _picked(self) -> str | None:
        """The name of the component under the cursor."""
        if self.incidents.display:
            return self.incidents.cursor[0] if self.incidents.cursor is not None else None
        return self.components.cursor

    def moved(self) -> None:
        """Leave what was said of another component."""
        self._awaits = False
        self.foot.say("")
        self._tell()

    @on(DescendantFocus)
    def _focused(self) -> None:
        self._tell()

    # what is shown

    @on(ComponentOpened)
    def _open(self, message: ComponentOpened) -> None:
        message.stop()
        self.app.push_screen(HealthRowScreen(message.component, self._desk))

    def action_why(self) -> None:
        """Show the chain of causes of the component under the cursor."""
        if self._picked is not None:
            self.app.push_screen(ReadingScreen("Why", explained(self._picked, self._desk.health)))

    def action_timeline(self) -> None:
        """Show the timeline, or the components again."""
        self.incidents.display, self.components.display = not self.incidents.display, self.incidents.display
        self.shown.focus()
        self._seen = None
        self._look()

    def action_only(self) -> None:
        """Show the incidents of one component only, or of all again."""
        if not self.incidents.display:
            self.incidents.only = self._picked or ""
            self.action_timeline()
            return
        self.incidents.only = "" if self.incidents.only else self._picked or ""
        self._seen = None
        self._look()

    def action_close(self) -> None:
        """Leave the timeline for the components, then the page."""
        if self.incidents.display:
            self.action_timeline()
        else:
            self.dismiss()

    # what is done

    def action_apply(self, name: str) -> None:
        """Do something about the component under the cursor; about one that is well only when it is said twice."""
        remedy, row = Remedy(name), next((r for r in self._desk.health if r.name == self._picked), None)
        if row is None:
            return
        if remedy not in row.remedies:
            self.foot.say(f"{KEYS[remedy].label} is nothing that can be done about {row.label}", "warn")
            return
        now_ns, key = self._clock.monotonic_ns(), (row.name, remedy)
        again = self._asked is not None and self._asked[:2] == key and now_ns - self._asked[2] < AGAIN_NS
        if row.state not in TROUBLES and not again:
            self._asked = (*key, now_ns)
            self.foot.say(f"{row.label} is well: {KEYS[remedy].key} again does it all the same", "warn")
            return
        self._asked, self._awaits = None, True
        self._before = self._desk.alerts[-1] if self._desk.alerts else None
        self._send(ApplyRemedy(row.name, remedy, origin="health page"))
        self.foot.say(f"{KEYS[remedy].label}: asked for", "own")

    def _look(self) -> None:
        seen = (self._desk.health, self._desk.incidents)
        if self._seen is None or seen[0] is not self._seen[0] or seen[1] is not self._seen[1]:
            self._seen = seen
            self.shown.redraw()
            self._tell()
        if self._awaits and (answer := self._answer()) is not None:
            self._awaits = False
            self.foot.say(answer.text, "muted" if answer.severity is Severity.INFO else "warn")

    def _answer(self) -> Alert | None:
        """Return what the engine said to what was asked for; None while it has said nothing."""
        for alert in reversed(self._desk.alerts):
            if alert is self._before:
                return None
            if alert.source in ANSWERS:
                return alert
        return None

    def _tell(self) -> None:
        """Say in the frame and the foot what is under the cursor, and how everything is."""
        page, view = self.query_one(Vertical), self._desk.incidents
        title = f"Health · {summary(self._desk.health)}"
        if self.incidents.display:
            of = f" of {self.incidents.only}" if self.incidents.only else ""
            title = f"Timeline{of} · not kept: {view.trouble}" if view.trouble else f"Timeline{of}"
        if page.border_title != title:
            page.border_title = title
        self.foot.show(next((row for row in self._desk.health if row.name == self._picked), None))
