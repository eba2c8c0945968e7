"""Whether a version does here what its card says it did out of sample: both are samples, and a difference is held against the errors of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot, sqrt
from typing import Final, NamedTuple

from engine.messages.signal_views import Figure
from engine.signals.registry.card import Card
from engine.signals.serving.live_figures import LiveFigures, live_figures, tested_figures
from engine.signals.serving.tally import KeptOutcome
from engine.signals.statistics.levels import Finding, Level

SHORT_BY: Final = 3.5
"""So many standard errors of both samples together are an alarm; it is looked at again and again."""
FRESH_MIN: Final = 100
"""So many outcomes that say something new must be known: of one bar over all symbols, and of one horizon, it is one."""
BETTER: Final[Mapping[str, int]] = {"auc": 1, "ic": 1, "brier": -1}
"""What is held against the card, and which way is better; their intervals are of outcomes that do not overlap."""
_WIDTH: Final = 2 * 1.96
"""Of an interval of 95%, in standard errors."""


class Scored(NamedTuple):
    """What outcomes add up to."""

    figures: LiveFigures = LiveFigures()
    expectation: Finding = Finding()
    """How far they fall short of the card."""


def scored(outcomes: Sequence[KeptOutcome], since: int, card: Card, symbols: int) -> Scored:
    """Score outcomes, the oldest first; the newest `since` of them, which are of so many symbols, are held against the card."""
    horizon = card.horizon_bars
    figures = live_figures(outcomes, horizon)
    watched = figures if since >= len(outcomes) else live_figures(outcomes[len(outcomes) - since :], horizon)
    fresh = min(since, len(outcomes)) / horizon / max(1, symbols)
    if fresh < FRESH_MIN:
        return Scored(figures)
    return Scored(figures, _shortfall(watched.figures, tested_figures(card), symbols))


def _shortfall(live: Sequence[Figure], tested: Sequence[Figure], symbols: int) -> Finding:
    before = {figure.name: figure for figure in tested}
    reasons = tuple(
        f"{now.name} is {now.value:.3f} here and was {then.value:.3f} in the back-test, {short_by:.1f} standard errors less well."
        for now in live
        if (then := before.get(now.name)) is not None
        and (short_by := _short_by(now, then, symbols)) > SHORT_BY
    )
    return Finding(Level.ALARM if reasons else Level.OK, reasons)


def _short_by(now: Figure, then: Figure, symbols: int) -> float:
    """Return by how many standard errors a figure is worse; 0 where it is not judged, or has no error on one side."""
    errors = (now.high - now.low) / _WIDTH * sqrt(symbols), (then.high - then.low) / _WIDTH
    if now.name not in BETTER or min(errors) <= 0:
        return 0.0
    return (then.value - now.value) * BETTER[now.name] / hypot(*errors)
