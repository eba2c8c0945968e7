"""The foot of the signals page: how the version under the cursor does here, what moved it, and whether it trades."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import ClassVar, Final

from engine.messages.signal_views import ModelView, SignalTrading, SignalView
from terminal.desk import Desk
from terminal.format import money
from terminal.strips import Ink, Run, fit
from terminal.widgets.pane import LivePane
from terminal.widgets.signal_words import (
    NAMES,
    VERSION_CELLS,
    RowKey,
    bps,
    compared,
    direction,
    drift,
    edge,
    figure,
    model_of,
    probability,
    signal_of,
    trading,
)

ROWS: Final = 15
ROWS_SMALL: Final = 11
_BESIDE_FROM: Final = 110
_LEFT: Final = 78
_BAR: Final = 14
_FIGURES: Final = ("hit_rate", "ic", "auc", "brier_skill", "ece")
Line = list[Run]


class SignalDetail(LivePane):
    """Says more of one version than a row has room for."""

    can_focus = False
    reads: ClassVar[frozenset[str]] = frozenset({"signals"})

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self._key: RowKey | None = None
        self._said: Run = ("", "muted")

    def show(self, key: RowKey | None) -> None:
        """Tell of another row, or of how it is now."""
        self._key = key
        self.redraw()

    def say(self, text: str, role: str = "muted") -> None:
        """Say what a key did, or why it did nothing."""
        self._said = (text, role)
        self.redraw()

    def draw(self) -> None:
        """Put a rule, the version, its figures beside what moved it and who is beside it, and its orders."""
        width, rows = self.size.width, self.size.height
        self.put(0, ("─" * width, "line"))
        model, signal = model_of(self.desk, self._key), signal_of(self.desk, self._key)
        lines = self._lines(model, signal, width, rows - 2) if model is not None else []
        for y in range(1, rows - 1):
            self.put(y, *(_cut(lines[y - 1], width) if y <= len(lines) else []))
        self.put(rows - 1, (" ", "text"), self._said)

    def _lines(self, model: ModelView, signal: SignalView | None, width: int, rows: int) -> list[Line]:
        orders = list(_orders(model))
        left, right = list(_figures(model)), [*_moved_by(signal), *self._beside(model, signal)]
        room = rows - len(orders) - 1
        if width < _BESIDE_FROM:
            body = (left[:3] + right)[:room]
        else:
            body = [_joined(a or [], b or []) for a, b in zip_longest(left[:room], right[:room])]
        return [_about(model), *body, *[[] for _ in range(room - len(body))], *orders]

    def _beside(self, model: ModelView, signal: SignalView | None) -> Iterator[Line]:
        """Yield the other versions of the model, and what they say of the same symbol."""
        view = self.desk.signals
        others = (
            [m for m in view.models if m.model == model.model and m is not model] if view is not None else []
        )
        if not others:
            return
        yield [(f" beside this {model.stage}", "faint")]
        for other in others:
            key = other.model, other.version, signal.symbol if signal is not None else ""
            theirs = signal_of(self.desk, key)
            text, role = direction(theirs)
            hit = next((f for f in other.live if f.name == "hit_rate"), None)
            yield [
                (f" {fit(other.stage, 9)}", "muted"),
                (f"{other.version[:VERSION_CELLS]} ", "muted"),
                (fit(text, 9), role),
                (fit(probability(theirs), 7, right=True), "text"),
                (f"  hit {hit.value * 100:.1f}%" if hit is not None else "  hit –", "text"),  # noqa: RUF001  # a dash
                (f"  {bps(other.pnl_bps)}", "text"),
            ]


def _about(model: ModelView) -> Line:
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
    if signal is not None and signal.abstained:
        yield [(f" {signal.symbol} ", "text+b"), direction(signal), (f": {signal.abstained}", "muted")]
    if signal is None or not signal.contributions:
        return
    most = max(abs(adds) for _, adds in signal.contributions) or 1.0
    text, role = direction(signal)
    worth, _ = edge(signal)
    yield [
        (f" {signal.symbol} ", "text+b"),
        (text, role),
        (f" {probability(signal)}, edge {worth}, by", "muted"),
    ]
    for name, adds in signal.contributions:
        cells = max(1, round(abs(adds) / most * _BAR))
        mark, paint = ("▲", "up") if adds > 0 else ("▼", "down")
        yield [
            (f" {fit(name, 16)} ", "muted"),
            (f"{mark} {fit('━' * cells, _BAR)} ", paint),
            (f"{adds:+.3f}", "text"),
        ]


def _orders(model: ModelView) -> Iterator[Line]:
    """Yield whether orders come of it, why, and what they brought."""
    if model.stage != "champion":
        yield [(" orders  ", "faint"), (f"a {model.stage} sends none", "muted")]
        return
    text, role = trading(model)
    yield [(" orders  ", "faint"), (text, role), (f"  {model.trading_reason}", "muted")]
    paid = model.money
    brought = (
        f"{paid.fills:,} fills, net {money(paid.net_micros, signed=True)}, slippage {bps(paid.slippage_bps)}"
    )
    keys = "a arms it" if model.trading is SignalTrading.OFF else "d disarms it"
    yield [(f" {'':6}  {brought if paid.fills else 'no fills yet'}", "text"), (f" · {keys}", "faint")]


def _joined(left: Line, right: Line) -> Line:
    """Put a line beside another one, cut where that begins."""
    runs = _cut(left, _LEFT)
    used = sum(len(text) for text, _ in runs)
    return [*runs, (" " * (_LEFT - used), "text"), ("│", "line"), *right]


def _cut(line: Line, room: int) -> Line:
    """Return a line that says where it was cut."""
    runs: Line = []
    for text, role in line:
        runs.append((text if len(text) <= room else fit(text, room), role))
        room -= len(runs[-1][0])
    return runs
