"""Every panel's queries, asked of a Prometheus over the time of a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tests.gallery.panels import ROW, Panel, filled, named
from tests.prometheus_server import PrometheusServer

POINTS = 90
"""How many points a line has at most."""


class Series(NamedTuple):
    """One line of a panel."""

    name: str
    points: list[tuple[float, float]]
    """Seconds since the run began, and what it was."""


class Drawn(NamedTuple):
    """A panel with what its queries answered."""

    panel: Panel
    series: list[Series]


class Span(NamedTuple):
    """The time that is looked at, in seconds since the epoch."""

    begin_s: float
    end_s: float

    @property
    def step_s(self) -> float:
        """How far apart two points of a line are."""
        return max(1.0, (self.end_s - self.begin_s) / POINTS)


def evaluated(server: PrometheusServer, panels: Iterable[Panel], span: Span) -> list[Drawn]:
    """Ask every query of every panel."""
    return [Drawn(panel, _series(server, panel, span)) for panel in panels]


def empty(drawn: Iterable[Drawn]) -> list[str]:
    """Return the panels that have no data."""
    return [each.panel.title for each in drawn if each.panel.kind != ROW and not each.series]


def _series(server: PrometheusServer, panel: Panel, span: Span) -> list[Series]:
    return [
        Series(
            named(target.legend, course.labels), [(at - span.begin_s, value) for at, value in course.points]
        )
        for target in panel.targets
        for course in server.range(filled(target.expression), span.begin_s, span.end_s, span.step_s)
    ]
