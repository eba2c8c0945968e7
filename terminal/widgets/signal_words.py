"""How a signal and a version are written: every colour beside a word or an arrow of its own."""

from __future__ import annotations

from typing import Final

from engine.messages.signal_views import Figure, ModelView, SignalsView, SignalTrading, SignalView
from terminal.desk import Desk
from terminal.format import NOTHING
from terminal.strips import Run

VERSION_CELLS: Final = 8
"""So many digits of a version are enough to tell it from others."""
NAMES: Final = {
    "hit_rate": "hit rate",
    "brier": "Brier score",
    "brier_skill": "Brier skill",
    "log_loss": "log loss",
    "ece": "calibration error",
    "auc": "AUC",
    "ic": "information coeff.",
}
"""What figures are called on the screen; others by their own names."""
_DIRECTIONS: Final = {1: ("▲ up", "up"), -1: ("▼ down", "down"), 0: ("· none", "muted")}
_DRIFT: Final = {
    "": (NOTHING, "faint"),
    "ok": ("ok", "muted"),
    "watch": ("watch", "warn"),
    "alarm": ("! alarm", "breach"),
    "quarantine": ("! quarant.", "breach+b"),
}
_LEVELS: Final = tuple(_DRIFT)
_TRADING: Final = {
    SignalTrading.OFF: ("○ off", "muted"),
    SignalTrading.ARMED: ("● ARMED", "own+b"),
    SignalTrading.HALTED: ("■ HALTED", "breach+b"),
}
RowKey = tuple[str, str, str]
"""A model, a version, a symbol; no symbol for a version that has said nothing yet."""


def rows_of(view: SignalsView | None) -> list[RowKey]:
    """Return what is listed: every signal, and every version that has none yet."""
    if view is None:
        return []
    said = [(each.model, each.version, str(each.symbol)) for each in view.signals]
    known = {key[:2] for key in said}
    return said + [
        (each.model, each.version, "") for each in view.models if (each.model, each.version) not in known
    ]


def title_of(key: RowKey) -> str:
    """Return what a row is about."""
    model, _, symbol = key
    return f"{model} · {symbol}" if symbol else model


def signal_of(desk: Desk, key: RowKey | None) -> SignalView | None:
    """Return the signal of a row, as it is now."""
    if key is None or desk.signals is None:
        return None
    return next((s for s in desk.signals.signals if (s.model, s.version, s.symbol) == key), None)


def model_of(desk: Desk, key: RowKey | None) -> ModelView | None:
    """Return the version of a row, as it is now."""
    if key is None or desk.signals is None:
        return None
    return next((m for m in desk.signals.models if (m.model, m.version) == key[:2]), None)


def is_armed(model: ModelView) -> bool:
    """Tell whether orders come of a version."""
    return model.stage == "champion" and model.trading is SignalTrading.ARMED


def summary(view: SignalsView | None) -> str:
    """Return in a few words what is said and who may trade."""
    if view is None or not view.models:
        return "no model predicts"
    champions = [model for model in view.models if model.stage == "champion"]
    armed = [model.model for model in champions if is_armed(model)]
    said = sum(signal.probability is not None for signal in view.signals if signal.stage == "champion")
    orders = f"{', '.join(armed)} armed" if armed else "none armed"
    return f"{len(champions)} champion{'s' * (len(champions) != 1)} · {said} said · {orders}"


def direction(signal: SignalView | None) -> Run:
    """Write which way, as an arrow and a word."""
    if signal is None or signal.probability is None:
        return ("– silent", "faint") if signal is not None else (NOTHING, "faint")  # noqa: RUF001  # a dash
    return _DIRECTIONS[signal.direction]


def probability(signal: SignalView | None) -> str:
    """Write how likely a higher price is, in percent."""
    return NOTHING if signal is None or signal.probability is None else f"{signal.probability * 100:.1f}%"


def edge(signal: SignalView | None) -> Run:
    """Write the edge after cost, with its sign."""
    if signal is None or signal.edge_bps is None:
        return NOTHING, "faint"
    return bps(signal.edge_bps), "text" if signal.edge_bps > 0 else "muted"


def bps(value: float) -> str:
    """Write basis points with their sign; what is rounded to nothing has none."""
    rounded = round(value, 1)
    return f"{rounded:+.1f} bp" if rounded else "0.0 bp"


def drift(model: ModelView | None) -> Run:
    """Write the worse of both kinds of drift."""
    if model is None:
        return _DRIFT[""]
    worst = max((model.drift_data, model.drift_errors), key=_LEVELS.index)
    return _DRIFT[worst]


def trading(model: ModelView | None) -> Run:
    """Write whether orders come of it."""
    if model is None or model.stage != "champion":
        return NOTHING, "faint"
    text, role = _TRADING[model.trading]
    return (
        (f"{text} LIVE", "live+b")
        if model.trades_live and model.trading is SignalTrading.ARMED
        else (text, role)
    )


def why(signal: SignalView | None, model: ModelView | None) -> Run:
    """Write in one line why nothing is said; nothing where something is."""
    if model is not None and model.failure:
        return model.failure, "warn"
    if signal is None:
        return "no bar has closed yet", "faint"
    if signal.abstained:
        return signal.abstained, "muted"
    return "", "faint"


def figure(value: Figure | None) -> str:
    """Write a figure with its interval where it has one."""
    if value is None:
        return NOTHING
    text = f"{value.value:.3f}"
    return text if value.low == value.high else f"{text} [{value.low:.3f}, {value.high:.3f}]"


def compared(live: Figure | None, tested: Figure | None) -> Run:
    """Say whether what was measured here lies where the back-test had it; only an interval can say that it does not."""
    if live is None or tested is None:
        return "", "faint"
    is_sure = live.low < live.high
    if live.high < tested.low:
        return ("below test", "warn") if is_sure else ("lower", "muted")
    if live.low > tested.high:
        return ("above test", "warn") if is_sure else ("higher", "muted")
    return "as tested", "muted"
