"""The portfolio pane: what is held, what it cost, what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from textual.binding import BindingType

from engine.messages.views import PositionView
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from terminal.actions.table import bindings_of
from terminal.cover import cover_run
from terminal.desk import Desk
from terminal.format import NOTHING, compact_money, direction, figures, gain_percent, money, percent
from terminal.strips import Ink, Run
from terminal.widgets.columns import Column, Columns
from terminal.widgets.list_pane import ListPane
from terminal.widgets.messages import SymbolOpened, SymbolPicked

_COLUMNS = (
    Column("Symbol", 8, right=False, keep=9),
    Column("Qty", 8, keep=9),
    Column("Avg", 9, keep=4),
    Column("Mark", 9, keep=5),
    Column("Value", 10, keep=3),
    Column("P&L", 9, keep=9),
    Column("P&L%", 6, keep=6),
    Column("Day", 9, keep=2),
    Column("Realised", 10, keep=1),
    Column("Fees", 8, keep=0),
    Column("Stop", 12, right=False, keep=8),
)


def profit_role(value: float) -> str:
    """Return the role of a profit or a loss."""
    return "up" if value > 0 else "down" if value < 0 else "muted"


class Portfolio(ListPane[Symbol]):
    """Lists the open positions, largest first, and their total."""

    reads: ClassVar[frozenset[str]] = frozenset({"positions", "account", "instruments"})

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("portfolio")

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self._columns = Columns(_COLUMNS)

    def measure(self, keys: Sequence[Symbol]) -> None:
        """Make the columns wide enough for the positions in sight."""
        self._columns.fit((self._cells(self.desk.positions[key]) for key in keys), self.size.width - 3)

    def keys(self) -> Sequence[Symbol]:
        """Return the symbols that are held, then those that were closed today with a result."""
        held = [p for p in self.desk.positions.values() if p.quantity or p.realised_micros]
        held.sort(key=lambda p: (not p.quantity, -abs(p.value_micros), p.symbol))
        open_count = sum(1 for position in held if position.quantity)
        self.caption(
            f"{open_count} open" + (f" · {len(held) - open_count} closed" if len(held) > open_count else "")
        )
        return [position.symbol for position in held]

    def head(self) -> Sequence[Run]:
        """Return the heading."""
        return [("  ", "muted"), *self._columns.header()]

    def row(self, key: Symbol, *, selected: bool) -> Sequence[Run]:
        """Return one position's line."""
        position = self.desk.positions[key]
        mark = ("▎ ", "accent") if selected else self._trust_mark(position)
        return [mark, *self._columns.write(self._cells(position))]

    @property
    def foot_rows(self) -> int:
        """One for the total, once there is something to add up."""
        return int(self.desk.account is not None and bool(self.desk.positions))

    def foot(self) -> Sequence[Sequence[Run]]:
        """Return the total of all positions."""
        account = self.desk.account
        if account is None:
            return ()
        day = account.day_pnl_micros
        start = account.equity_micros - day
        share = percent(day / start) if start else NOTHING
        total: list[Run] = [
            ("  Total   ", "muted"),
            ("net ", "faint"),
            (f"{money(account.net_micros, 0)}   ", "text+b"),
            ("gross ", "faint"),
            (f"{money(account.gross_micros, 0)}   ", "text+b"),
            ("day ", "faint"),
            (f"{money(day, 0, signed=True)} {direction(day)} {share}%", f"{profit_role(day)}+b"),
        ]
        return (total,)

    def empty(self) -> str:
        """Return what to press."""
        return "No positions · b buys, s sells the symbol in focus"

    def open_row(self) -> None:
        """Open the symbol."""
        if self.cursor is not None:
            self.post_message(SymbolOpened(self.cursor))

    def tell_picked(self) -> None:
        """Let the desk look at it."""
        if self.cursor is not None:
            self.post_message(SymbolPicked(self.cursor))

    def _trust_mark(self, position: PositionView) -> Run:
        if not position.rate_known:
            return ("? ", "warn+b")
        if position.quantity and position.trust in {Trust.STALE, Trust.DISTRUSTED}:
            return ("~ ", "warn")
        return ("  ", "text")

    def _cells(self, position: PositionView) -> list[Run]:
        instrument = self.desk.instruments[position.symbol]
        write_figures = figures(instrument)
        quantity = position.quantity
        live = "text" if quantity else "faint"
        dim = "faint+i" if position.trust is Trust.STALE else "muted"
        side = "bid" if quantity > 0 else "ask" if quantity < 0 else "faint"
        pnl = position.unrealised_micros if quantity else position.realised_micros
        return [
            (position.symbol, f"{live}+b" if quantity else live),
            (write_figures.quantity(quantity) if quantity else "flat", side),
            (_average(position.average_cost, instrument.price_decimals), "muted"),
            (write_figures.mid(position.mark), live if dim == "muted" else dim),
            (_value(position), dim),
            (_profit(position, pnl), f"{profit_role(pnl)}+b"),
            (_return(position), profit_role(pnl)),
            (money(position.day_pnl_micros, 0, signed=True), profit_role(position.day_pnl_micros)),
            (money(position.realised_micros, 0, signed=True), profit_role(position.realised_micros)),
            (money(position.fees_micros, 2), "muted"),
            cover_run(position, self.desk),
        ]


def _average(cost: str, decimals: int) -> str:
    return f"{Decimal(cost):.{decimals}f}" if cost else NOTHING


def _value(position: PositionView) -> str:
    if not position.rate_known:
        return "no rate"
    text = money(position.value_micros, 0)
    return text if len(text) <= 10 else compact_money(position.value_micros)


def _profit(position: PositionView, micros: int) -> str:
    if not position.rate_known:
        return NOTHING
    text = money(micros, 0, signed=True)
    return text if len(text) <= 9 else compact_money(micros)


def _return(position: PositionView) -> str:
    cost = abs(position.value_micros - position.unrealised_micros)
    if not cost or not position.quantity or not position.rate_known:
        return NOTHING
    return gain_percent(position.unrealised_micros / cost)
