"""The alerts as numbers; `docs/metrics.md` explains them."""

from __future__ import annotations

from collections import Counter

from engine.messages.alarm_views import OPEN_STATES, AlarmsView
from engine.messages.events import Severity
from engine.observe.told import Points, Told


def _open(view: AlarmsView) -> Points:
    found = Counter((each.severity, each.state) for each in view.open)
    for severity in Severity:
        for state in OPEN_STATES:
            yield (severity.value, state.value), found[severity, state]


ALERT_METRICS: tuple[Told[AlarmsView], ...] = (
    Told(
        "touchline_alerts",
        "gauge",
        "Alerts that are not over, by how severe they are and whether somebody answered.",
        ("severity", "state"),
        _open,
    ),
)
