"""Lines about one version: its figures here and in the back-test, what moved it, who is beside it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from engine.messages.signal_views import Figure, ModelView, SignalView
from terminal.desk import Desk
from terminal.format import NOTHING
from terminal.strips import Run, fit
from terminal.widgets.signal_words import (
    NAMES,
    VERSION_CELLS,
    bps,
    compared,
    direction,
    drift,
    edge,
    figure,
    probability,
    signal_of,
)

_INTERVALS_FROM: Final = 74
"""Cells from which figures have room for the intervals they lie in."""
_BESIDE_FROM: Final = 110
"""Cells from which two lines stand beside each other."""
_LEFT: Final = 78
_BAR: Final = 14
_FIGURES: Final = ("hit_rate", "ic", "auc", "brier_skill", "ece")
_BRIEF: Final = ("hit_rate", "auc", "brier_skill")
"""Of which the first two that are known both here and in the back-test stand where there is little room."""
_BRIEF_MAX: Final = 2
Line = list[Run]


def body(desk: Desk, model: ModelView, signal: SignalView | None, width: int) -> list[Line]:
    """Return how a version does, what moved it and who is beside it, in lines of so many cells."""
    if width < _BESIDE_FROM:
        scores = list(_figures(model))[:3] if width >= _INTERVALS_FROM else _brief(model)
        return [*_versions(desk, model, signal), *_why_silent(signal), *scores, *_bars(signal)]
    left, right = list(_figures(model)), [*_moved_by(signal), *_beside(desk, model, signal)]
    return [_joined(a or [], b or []) for a, b in zip_longest(left, right)]


def about(model: ModelView) -> Line:
    """Write which version it is, and what it reads."""
    coverage = f"{model.coverage * 100:.0f}%" if model.coverage is not None else "nothing"
    reads = f"{model.feature_set}, {model.interval_ns // 10**9} s, {model.horizon_bars} ahead"
    return [
        (f" {model.model} ", "text+b"),
        (f"{model.version} ", "muted"),
        (f"{model.stage}  ", "accent" if model.stage == "champion" else "muted"),
        (f"{reads} · cost {model.cost_bps:g} bp · says {coverage} of the time", "muted"),
    ]


def _figures(model: ModelView) -> Iterator[Line]:
    """Yield the score here beside the back-test's."""
    yield [(f" {fit('', 18)} {fit(f'here, of {model.matured:,}', 22)} {fit('back-test', 22)}", "faint")]
    live, tested = ({f.name: f for f in found} for found in (model.live, model.tested))
    names = sorted(
        (name for name in _FIGURES if name in live or name in tested), key=lambda n: n not in tested
    )
    for name in names or list(tested)[: len(_FIGURES)]:
        here, there = live.get(name), tested.get(name)
        text, role = compared(here, there)
        yield [
            (f" {fit(NAMES.get(name, name), 18)} ", "muted"),
            (f"{fit(figure(here), 22)} ", "text"),
            (f"{fit(figure(there), 22)} ", "muted"),
            (text, role),
        ]
    drifted, role = drift(model)
    yield [
        (f" {fit('drift', 18)} ", "muted"),
        (drifted, role),
        ("  " + " ".join(model.drift_reasons), "muted"),
    ]
    yield [
        (f" {fit('if all were traded', 18)} ", "muted"),
        (f"{bps(model.pnl_bps)} after cost", "text"),
        (f", {model.waiting:,} outcomes to come", "muted"),
    ]


def _moved_by(signal: SignalView | None) -> Iterator[Line]:
    """Yield what features add to the score, as bars; or why nothing is said."""
    yield from _why_silent(signal)
    if signal is not None and signal.contributions:
        text, role = direction(signal)
        worth, _ = edge(signal)
        yield [
            (f" {signal.symbol} ", "text+b"),
            (text, role),
            (f" {probability(signal)}, edge {worth}, by", "muted"),
        ]
    yield from _bars(signal)


def _why_silent(signal: SignalView | None) -> Iterator[Line]:
    if signal is not None and signal.abstained:
        yield [(f" {signal.symbol} ", "text+b"), direction(signal), (f": {signal.abstained}", "muted")]


def _bars(signal: SignalView | None) -> Iterator[Line]:
    """Yield what each feature adds, the largest first."""
    added = signal.contributions if signal is not None else ()
    most = max((abs(adds) for _, adds in added), default=0.0) or 1.0
    for name, adds in added:
        cells = max(1, round(abs(adds) / most * _BAR))
        mark, paint = ("▲", "up") if adds > 0 else ("▼", "down")
        yield [
            (f" {fit(name, 16)} ", "muted"),
            (f"{mark} {fit('━' * cells, _BAR)} ", paint),
            (f"{adds:+.3f}", "text"),
        ]


def _beside(desk: Desk, model: ModelView, signal: SignalView | None) -> Iterator[Line]:
    """Yield the other versions of the model, and what they say of the same symbol."""
    others = _others(desk, model)
    if others:
        yield [(f" beside this {model.stage}", "faint")]
    yield from (
        _says(desk, other, signal, (f"{other.version[:VERSION_CELLS]} ", "muted")) for other in others
    )


def _versions(desk: Desk, model: ModelView, signal: SignalView | None) -> Iterator[Line]:
    """Yield the champion and its shadows, a line each."""
    known = sorted([model, *_others(desk, model)], key=lambda version: version.stage != "champion")
    yield from (_says(desk, each, signal) for each in known)


def _says(desk: Desk, model: ModelView, signal: SignalView | None, *name: Run) -> Line:
    """Write what a version says of the symbol of a signal, and how it does."""
    theirs = signal_of(desk, (model.model, model.version, signal.symbol if signal is not None else ""))
    text, role = direction(theirs)
    return [
        (f" {fit(model.stage, 9)}", "accent" if model.stage == "champion" else "muted"),
        *name,
        (fit(text, 9), role),
        (fit(probability(theirs), 7, right=True), "text"),
        (f"  {_hit(model)}", "text"),
        (f"  {bps(model.pnl_bps)}", "text"),
    ]


def _brief(model: ModelView) -> Iterator[Line]:
    """Yield the score here beside the back-test's, without intervals."""
    live, tested = ({f.name: f for f in found} for found in (model.live, model.tested))
    known = [name for name in _BRIEF if name in live or name in tested]
    for name in sorted(known, key=lambda name: not (name in live and name in tested))[:_BRIEF_MAX]:
        here, there = live.get(name), tested.get(name)
        text, role = compared(here, there)
        yield [
            (f" {fit(NAMES[name], 11)} ", "muted"),
            (f"{fit(_plain(here), 5, right=True)} here ", "text"),
            (f" {fit(_plain(there), 5, right=True)} test  ", "muted"),
            (text, role),
        ]


def _plain(value: Figure | None) -> str:
    return NOTHING if value is None else f"{value.value:.3f}"


def _others(desk: Desk, model: ModelView) -> list[ModelView]:
    """Return the other versions of a model."""
    known = desk.signals.models if desk.signals is not None else ()
    return [each for each in known if each.model == model.model and each is not model]


def _hit(model: ModelView) -> str:
    """Write how often it was right here."""
    found = next((figure for figure in model.live if figure.name == "hit_rate"), None)
    return f"hit {found.value * 100:.1f}%" if found is not None else "hit –"  # noqa: RUF001  # a dash


def _joined(left: Line, right: Line) -> Line:
    """Put a line beside another one, cut where that begins."""
    runs = cut(left, _LEFT)
    used = sum(len(text) for text, _ in runs)
    return [*runs, (" " * (_LEFT - used), "text"), ("│", "line"), *right]


def cut(line: Line, room: int) -> Line:
    """Return a line that says where it was cut."""
    runs: Line = []
    for text, role in line:
        runs.append((text if len(text) <= room else fit(text, room), role))
        room -= len(runs[-1][0])
    return runs
