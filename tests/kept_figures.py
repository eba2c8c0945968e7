"""Keeps what a run measured for the preflight, beside the run's own file: when, of which source, on which machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.clock import SystemClock
from engine.preflight.figures import PLACE, keep_figures
from engine.preflight.operation_facts import Figure
from tests.documented import ROOT


def keep(beside: Path, run: str, rows: Iterable[Figure]) -> None:
    """Keep the figures of one run; those of other runs stay."""
    keep_figures(beside.with_name(PLACE.name), ROOT, SystemClock().now_ns(), {run: tuple(rows)})
