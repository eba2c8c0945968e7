"""The panels of the Grafana dashboard, read from its file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tests.documented import ROOT

DASHBOARD = ROOT / "docs" / "grafana" / "touchline.json"
RATE_INTERVAL = "20s"
"""What Grafana takes for `$__rate_interval` where Prometheus scrapes every five seconds, as our settings have it."""
ROW = "row"


class Place(Struct, frozen=True):
    """Where a panel lies, in cells of the grid."""

    x: int
    y: int
    w: int
    h: int


class Target(Struct, frozen=True):
    """One query, and what its series are called."""

    expression: str
    legend: str


class Panel(Struct, frozen=True):
    """One panel, or the headline of a row."""

    title: str
    kind: str
    place: Place
    unit: str
    targets: tuple[Target, ...]
    texts: Mapping[float, str]
    """What some values are called."""
    colours: Mapping[float, str]
    """The colour of some values."""
    steps: tuple[tuple[float, str], ...]
    """From which value on which colour it has."""
    shows: str
    """For a single number: `name` where the series' name says it."""
    is_filled: bool
    """For a single number: whether its colour is behind it."""
    is_stacked: bool
    has_bounds: bool
    """Whether the steps are drawn as lines."""
    from_zero: bool


def panels() -> list[Panel]:
    """Return every panel in the order of the file."""
    return [_panel(each) for each in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]]


def filled(expression: str) -> str:
    """Return a query with the dashboard's variables filled in."""
    return expression.replace("$__rate_interval", RATE_INTERVAL).replace("$instance", ".*")


def named(legend: str, labels: Mapping[str, str]) -> str:
    """Return what a series is called."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), legend)


def _panel(told: Mapping[str, Any]) -> Panel:
    looks = told.get("fieldConfig", {}).get("defaults", {})
    options, custom = told.get("options", {}), looks.get("custom", {})
    values = {
        float(value): each for part in looks.get("mappings", ()) for value, each in part["options"].items()
    }
    steps = looks.get("thresholds", {}).get("steps", ())
    return Panel(
        title=told["title"],
        kind=told["type"],
        place=Place(**told["gridPos"]),
        unit=looks.get("unit") or options.get("yAxis", {}).get("unit", ""),
        targets=tuple(Target(each["expr"], each["legendFormat"]) for each in told.get("targets", ())),
        texts={value: each["text"] for value, each in values.items()},
        colours={value: each["color"] for value, each in values.items()},
        steps=tuple((float("-inf") if s["value"] is None else s["value"], s["color"]) for s in steps),
        shows=options.get("textMode", ""),
        is_filled=options.get("colorMode") == "background",
        is_stacked=custom.get("stacking", {}).get("mode") == "normal",
        has_bounds=custom.get("thresholdsStyle", {}).get("mode") == "line",
        from_zero=looks.get("min") == 0,
    )
