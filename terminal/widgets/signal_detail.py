"""The foot of the signals page: how the version under the cursor does here, what moved it, and whether it trades."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from engine.messages.signal_views import ModelView, SignalTrading, SignalView
from terminal.desk import Desk
from terminal.format import money
from terminal.strips import Ink, Run
from terminal.widgets.pane import LivePane
from terminal.widgets.signal_lines import Line, about, body, cut
from terminal.widgets.signal_words import RowKey, bps, model_of, signal_of, trading

ROWS: Final = 15
ROWS_SMALL: Final = 11


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
            self.put(y, *(cut(lines[y - 1], width) if y <= len(lines) else []))
        self.put(rows - 1, (" ", "text"), self._said)

    def _lines(self, model: ModelView, signal: SignalView | None, width: int, rows: int) -> list[Line]:
        orders = list(_orders(model))
        room = rows - len(orders) - 1
        said = body(self.desk, model, signal, width)[:room]
        return [about(model), *said, *[[] for _ in range(room - len(said))], *orders]


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
