"""A desk on which a champion and a shadow predict."""

from __future__ import annotations

import re
from pathlib import Path

from engine.config import JournalSettings, MetricsSettings, Settings
from engine.settings.signals import ModelsSettings, SignalSettings
from tests.gallery.studio import BROAD, Sitting, Studio
from tests.serving_bench import NAME, ServingBench

OUTCOMES = 60
"""Fewer say little."""


def settings(root: Path) -> Settings:
    """Return settings of a model whose registry lies in the folder."""
    bench = ServingBench(root)
    bench.champion()
    bench.shadow()
    return Settings(
        journal=JournalSettings(durability="process"),
        metrics=MetricsSettings(enabled=False),
        models=ModelsSettings(key_file=str(bench.key_file)),
        signals=(SignalSettings(model=NAME, set="prices-11", interval_s=1, stale_after_bars=5),),
    )


async def play(studio: Studio) -> None:
    """Open the page and let outcomes come in; then the pane, on a desk that has room for it."""
    await studio.press("P", "j", "j")
    await studio.until(lambda: outcomes(studio.text) >= OUTCOMES)
    studio.take("signals", "The page of signals: a champion and a shadow, and how they do")
    await studio.press("escape", "0")
    await studio.sits_at(BROAD)
    studio.take(
        "signals-pane", "The desk where models predict: signals below the ticket, marks in the quotes"
    )


def outcomes(text: str) -> int:
    """Return of how many outcomes the page has figures."""
    found = re.search(r"here, of ([\d,]+)", text)
    return int(found[1].replace(",", "")) if found else 0


MODELS = Sitting(("signals", "signals-pane"), play, settings, speed=40.0)
