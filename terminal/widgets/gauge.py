"""Draws how much of a limit is used, as a thin line."""

from __future__ import annotations

from terminal.strips import Run

_LINE = "━"
_HALF = "╸"


def gauge(fraction: float, width: int, role: str, rest: str = "line") -> tuple[Run, Run]:
    """Return the used and the unused part of a gauge of `width` cells; anything above 0 shows."""
    least = 1 if fraction > 0 else 0
    halves = min(2 * width, max(least, round(fraction * 2 * width)))
    full, half = divmod(halves, 2)
    used = _LINE * full + _HALF * half
    return (used, role), (_LINE * (width - len(used)), rest)
