"""Why a model is switched off, and why a signal of one that is on becomes no order."""

from __future__ import annotations

from typing import Final

from engine.clock import NS_PER_S
from engine.messages.signal_views import ModelView, SignalView
from engine.signals.registry.stages import Stage
from engine.signals.statistics.levels import Level
from engine.signals.trading.bounds import Bounds

_ALARMS: Final = frozenset({Level.ALARM.name.lower(), Level.QUARANTINE.name.lower()})


def why_off(version: str, champion: ModelView | None) -> str:
    """Return why a version that a person armed sends no more orders; empty where it may go on."""
    if champion is None or champion.stage != Stage.CHAMPION.value:
        return "it has no champion here any more"
    if champion.version != version:
        return f"the champion is {champion.version} now; {version} was armed"
    return why_unfit(champion)


def why_unfit(champion: ModelView) -> str:
    """Return why a champion may not send orders at all; empty where it may."""
    if champion.failure:
        return f"it does not predict: {champion.failure}"
    if champion.drift_data in _ALARMS or champion.drift_errors in _ALARMS:
        said = " ".join(champion.drift_reasons) or "its rows or its errors are not those of its training"
        return f"drift: {said}"
    return ""


def why_no_order(signal: SignalView, bounds: Bounds, now_ns: int, valid_ns: int) -> str:
    """Return why a signal becomes no order; empty where it may. It is good for `valid_ns` after its bar."""
    age_ns = now_ns - signal.bar_end_ns
    if signal.stage != Stage.CHAMPION.value:
        return f"{signal.version} is {signal.stage}, and only a champion sends orders"
    if signal.abstained or signal.probability is None:
        return f"it says nothing: {signal.abstained or 'no probability'}"
    if not signal.direction:
        return "it leans neither way"
    if age_ns < 0:
        return f"its bar ends {-age_ns / NS_PER_S:,.1f} s from now by this clock"
    if age_ns > valid_ns:
        return f"its word is {age_ns / NS_PER_S:.0f} s old, and good for {valid_ns / NS_PER_S:.0f} s"
    return _why_too_small(signal.edge_bps, bounds.edge_bps_min)


def _why_too_small(edge_bps: float | None, edge_bps_min: float) -> str:
    if edge_bps is None:
        return "its edge is not known yet: too few outcomes here"
    if edge_bps <= edge_bps_min:
        return f"its edge of {edge_bps:.1f} bps is not above {edge_bps_min:g}"
    return ""
