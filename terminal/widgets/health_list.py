"""The rows of the health page: the components, and the timeline of what was wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from engine.messages.health_views import TROUBLES, HealthState, HealthView, Incident
from terminal.format import NOTHING, age, month_and_day, time_of_day
from terminal.strips import Run, fit
from terminal.widgets.health_rows import MARKS, ROLES, ordered, spark_role
from terminal.widgets.list_pane import ListPane
from terminal.widgets.messages import ComponentOpened
from terminal.widgets.sparkline import sparkline

_LABEL, _SINCE, _VALUE = 16, 9, 18
_SPARK, _SPARK_FROM = 20, 110
_TROUBLE_SHARE, _TROUBLE_FROM = 3, 130
IncidentKey = tuple[str, int]
"""The component, and when it began."""


class ComponentList(ListPane[str]):
    """Lists the components in columns: since when they are as they are, what they say, their course, their last trouble."""

    reads: ClassVar[frozenset[str]] = frozenset({"health"})

    def keys(self) -> Sequence[str]:
        """Return the components' names, what is wrong first."""
        return [row.name for row in ordered(self.desk.health)]

    def empty(self) -> str:
        """Return what is waited for."""
        return "Waiting for the engine's first look at itself; a second at most"

    def open_row(self) -> None:
        """Tell that the component's page is wanted."""
        if self.cursor is not None:
            self.post_message(ComponentOpened(self.cursor))

    @property
    def picked(self) -> HealthView | None:
        """The component under the cursor."""
        return next((row for row in self.desk.health if row.name == self.cursor), None)

    def head(self) -> Sequence[Run]:
        """Name the columns."""
        detail, spark, trouble = self._widths()
        cells = [
            ("   ", "faint"),
            (fit("component", _LABEL), "faint"),
            (fit("since", _SINCE), "faint"),
            (fit("now", _VALUE, right=True) + "  ", "faint"),
            (fit("", detail), "faint"),
        ]
        if spark:
            cells.append((f" {fit('a minute', spark, right=True)} ", "faint"))
        if trouble:
            cells.append((fit("last trouble", trouble), "faint"))
        return cells

    def row(self, key: str, *, selected: bool) -> Sequence[Run]:
        """Return one component's line."""
        row = next(row for row in self.desk.health if row.name == key)
        detail, spark, trouble = self._widths()
        mark, role = MARKS[row.state], ROLES[row.state]
        is_ok = row.state is HealthState.OK
        runs: list[Run] = [
            (f"▎{mark[0][1:]}", "accent") if selected else mark,
            (fit(row.label, _LABEL), role),
            (fit(time_of_day(row.since_ns, self.desk.zone) if row.since_ns else NOTHING, _SINCE), "muted"),
            (fit(row.value, _VALUE, right=True) + "  ", "text+b" if is_ok else role),
            (fit(row.detail, detail), "muted" if is_ok else role),
        ]
        if spark:
            course = sparkline(row.history if row.state is not HealthState.OFF else (), spark)
            runs += [(" ", "text"), (course, spark_role(row.state)), (" ", "text")]
        if trouble:
            runs.append((fit(self._trouble(row), trouble), "muted" if row.state in TROUBLES else "faint"))
        return runs

    def _trouble(self, row: HealthView) -> str:
        if not row.trouble:
            return "none since the start"
        return f"{time_of_day(row.trouble_ns, self.desk.zone)} {row.trouble}"

    def _widths(self) -> tuple[int, int, int]:
        """Return the widths of the detail, the sparkline and the last trouble; 0 for what there is no room for."""
        width = self.size.width
        left = max(0, width - 3 - _LABEL - _SINCE - _VALUE - 2)
        spark = _SPARK if width >= _SPARK_FROM else 0
        left -= spark + 2 if spark else 0
        trouble = left // _TROUBLE_SHARE if width >= _TROUBLE_FROM else 0
        return left - trouble, spark, trouble


class IncidentList(ListPane[IncidentKey]):
    """Lists what was wrong, newest first."""

    reads: ClassVar[frozenset[str]] = frozenset({"incidents"})
    only = ""
    """The component whose incidents are listed; empty for all."""

    def keys(self) -> Sequence[IncidentKey]:
        """Return the incidents, newest first."""
        return [_key(each) for each in self.desk.incidents.incidents if self.only in {"", each.component}]

    def empty(self) -> str:
        """Return that there is nothing to tell."""
        return (
            "Nothing was wrong with it, as far as is kept; f shows all"
            if self.only
            else "Nothing was wrong yet"
        )

    def open_row(self) -> None:
        """Tell that the component's page is wanted."""
        if self.cursor is not None:
            self.post_message(ComponentOpened(self.cursor[0]))

    def head(self) -> Sequence[Run]:
        """Name the columns."""
        named = (("   ", 3), ("began", 16), ("lasted", 10), ("component", _LABEL), ("what it said", 40))
        return [(fit(name, width), "faint") for name, width in named]

    def row(self, key: IncidentKey, *, selected: bool) -> Sequence[Run]:
        """Return one incident's line."""
        each = next(each for each in self.desk.incidents.incidents if _key(each) == key)
        mark = MARKS[each.worst] if not each.ended_ns else (MARKS[each.worst][0], ROLES[each.worst])
        role = ROLES[each.worst] if not each.ended_ns else "text"
        said = f"{each.said} ({each.spells} times)" if each.spells > 1 else each.said
        began = (
            f"{month_and_day(each.began_ns, self.desk.zone):>6} {time_of_day(each.began_ns, self.desk.zone)}"
        )
        return [
            (f"▎{mark[0][1:]}", "accent") if selected else mark,
            (fit(began, 16), "muted"),
            (fit(lasted(each), 10), role),
            (fit(each.label, _LABEL), role),
            (fit(said, max(0, self.size.width - 45)), "muted" if each.ended_ns else role),
        ]


def lasted(incident: Incident) -> str:
    """Write how long an incident went on."""
    if not incident.ended_ns:
        return "goes on"
    told = age(incident.ended_ns - incident.began_ns)
    return f"≤ {told}" if incident.cut else told


def _key(incident: Incident) -> IncidentKey:
    return incident.component, incident.began_ns
