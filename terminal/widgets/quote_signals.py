"""The mark that models leave in the quotes: which way the champions lean, and how sure they are."""

from __future__ import annotations

from typing import Final

from engine.messages.signal_views import SignalsView, SignalView
from engine.model.instrument import Symbol
from terminal.strips import Run

SAID_NOTHING: Final[Run] = ("", "faint")
"""Of a symbol about which no champion is asked."""
_SILENT: Final[Run] = ("·", "faint")
_AT_ODDS: Final[Run] = ("▲▼", "muted")
_PERCENT_MAX: Final = 99
"""No model is certain, whatever its number is rounded to."""


def marks_of(view: SignalsView | None) -> dict[Symbol, Run]:
    """Return the mark of every symbol about which a champion is asked."""
    asked: dict[Symbol, list[SignalView]] = {}
    for signal in view.signals if view is not None else ():
        if signal.stage == "champion":
            asked.setdefault(signal.symbol, []).append(signal)
    return {symbol: _mark(signals) for symbol, signals in asked.items()}


def _mark(signals: list[SignalView]) -> Run:
    """Write the surest of what champions say; only what is worth more than its cost is coloured."""
    leaning = [signal for signal in signals if signal.direction]
    if not leaning:
        return _SILENT
    if len({signal.direction for signal in leaning}) > 1:
        return _AT_ODDS
    surest = max(leaning, key=_sureness)
    percent = min(_PERCENT_MAX, round(_sureness(surest) * 100))
    arrow, role = ("▲", "up") if surest.direction > 0 else ("▼", "down")
    return f"{arrow}{percent}%", role if (surest.edge_bps or 0) > 0 else "muted"


def _sureness(signal: SignalView) -> float:
    probability = signal.probability or 0.0
    return max(probability, 1 - probability)
