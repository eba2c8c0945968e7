"""What the desk says of a broker that can't be asked, or does not answer."""

from __future__ import annotations

from engine.clock import NS_PER_S
from engine.messages.comparison_views import ReconcilePhase, ReconcileView
from terminal.format import age

_WORDS = {ReconcilePhase.CUT: "down", ReconcilePhase.LATE: "late"}


def broker_trouble(view: ReconcileView | None) -> str:
    """Say since when the broker is down or late: `broker down 12s`; nothing where it is neither."""
    if view is None or view.phase not in _WORDS:
        return ""
    return f"broker {_WORDS[view.phase]} {age(view.age_s * NS_PER_S)}"


def broker_is_down(view: ReconcileView | None) -> bool:
    """Tell whether nothing can reach the broker now."""
    return view is not None and view.phase is ReconcilePhase.CUT
