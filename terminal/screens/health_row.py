"""A component's page: how it is, what was wrong with it and for how long, and its runbook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.messages.health_views import TROUBLES, HealthState
from engine.model.text import clean
from terminal.desk import Desk
from terminal.format import age, month_and_day, time_of_day
from terminal.health.markdown import rendered
from terminal.health.remedy_keys import KEYS
from terminal.health.runbooks import runbook
from terminal.screens.reading import ReadingScreen
from terminal.widgets.health_list import lasted

TOLD_MAX = 12
"""Incidents that the page tells; the timeline has all."""
_COLOURS = {
    HealthState.OK: "$desk-ok",
    HealthState.DEGRADED: "$desk-warn",
    HealthState.DOWN: "bold $desk-breach",
    HealthState.OFF: "$desk-muted",
}
Part = tuple[str, str]


class HealthRowScreen(ReadingScreen):
    """Shows the page of one component, as it was when it was opened."""

    DEFAULT_CSS: ClassVar[str] = """
    HealthRowScreen > VerticalScroll { margin: 1 0 2 0; max-height: 100%; }
    """

    def __init__(self, name: str, desk: Desk) -> None:
        row = next((row for row in desk.health if row.name == name), None)
        super().__init__(row.label if row is not None else name, ())
        self._content = Content.assemble(
            *_now(name, desk), *_history(name, desk), "\n", rendered(runbook(name))
        )

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        with VerticalScroll() as page:
            page.border_title = Content(self._title)
            page.border_subtitle = "esc closes · j k scroll"
            yield Static(self._content)

    def _fold(self) -> None:
        """Leave the lines as they are: they fold themselves."""


def _now(name: str, desk: Desk) -> Iterator[Part]:
    row = next((row for row in desk.health if row.name == name), None)
    if row is None:
        yield "It is not there any more.\n\n", "$desk-muted"
        return
    yield f"{row.state.value}", _COLOURS[row.state]
    if row.since_ns:
        passed = age(max(0, desk.now_ns - row.since_ns))
        yield f" since {time_of_day(row.since_ns, desk.zone)}, for {passed}", "$desk-text"
    yield f"\n{clean(row.value, 200)}", "bold $desk-text"
    yield f"{'  ' if row.detail else ''}{clean(row.detail, 500)}\n", "$desk-text"
    if row.trouble:
        over = "" if row.state in TROUBLES else ", and is over"
        yield f"last trouble: {clean(row.trouble, 500)}{over}\n", "$desk-muted"
    keys = ", ".join(f"{KEYS[remedy].key} {KEYS[remedy].label}" for remedy in row.remedies)
    if keys:
        yield f"on the health page: {keys}\n", "$desk-muted"
    yield "\n", "$desk-text"


def _history(name: str, desk: Desk) -> Iterator[Part]:
    yield "What was wrong\n", "bold $desk-accent"
    found = [each for each in desk.incidents.incidents if each.component == name]
    if not found:
        yield "Nothing, as far as is kept.\n", "$desk-muted"
    for each in found[:TOLD_MAX]:
        began = f"{month_and_day(each.began_ns, desk.zone):>6} {time_of_day(each.began_ns, desk.zone)}"
        spells = f" ({each.spells} times)" if each.spells > 1 else ""
        yield f"{began}  ", "$desk-muted"
        yield (
            f"{each.worst.value} {lasted(each)}",
            _COLOURS[each.worst] if not each.ended_ns else "$desk-text",
        )
        yield f"{spells}  {clean(each.said, 300)}\n", "$desk-muted"
    if len(found) > TOLD_MAX:
        yield f"and {len(found) - TOLD_MAX:,} before, on the timeline\n", "$desk-muted"
