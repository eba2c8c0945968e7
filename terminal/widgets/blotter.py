"""The order blotter: every order of the day, newest first, working ones loud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from engine.messages.views import OrderView
from engine.model.order import OrderStatus, OrderType
from engine.model.trade import Side
from terminal.actions.table import bindings_of
from terminal.cover import is_orphan
from terminal.desk import Desk
from terminal.format import NOTHING, Figures, figures, midnight_ns, month_and_day, time_of_day
from terminal.strips import Ink, Run
from terminal.widgets.columns import Column, Columns
from terminal.widgets.list_pane import ListPane
from terminal.widgets.messages import SymbolPicked

_COLUMNS = (
    Column("Time", 8, right=False, keep=4),
    Column("ID", 5, right=False, keep=9),
    Column("Sym", 8, right=False, keep=9),
    Column("Side", 4, right=False, keep=9),
    Column("Qty", 7, keep=9),
    Column("Fill", 7, keep=6),
    Column("Price", 9, keep=9),
    Column("Typ", 3, right=False, keep=5),
    Column("State", 7, right=False, keep=9),
    Column("Avg", 9, keep=3),
    Column("TIF", 3, right=False, keep=2),
    Column("Queue", 7, keep=1),
    Column("Why", 28, right=False, keep=0),
)

TYPE_WORDS = {
    OrderType.MARKET: "MKT",
    OrderType.LIMIT: "LMT",
    OrderType.STOP: "STP",
    OrderType.STOP_LIMIT: "STL",
    OrderType.TRAILING: "TRL",
}

_STATES = {
    OrderStatus.DENIED: ("✗ DENY", "down"),
    OrderStatus.PENDING_NEW: ("○ SENT", "own"),
    OrderStatus.WORKING: ("● WORK", "own+b"),
    OrderStatus.PARTIALLY_FILLED: ("◐ PART", "accent+b"),
    OrderStatus.PENDING_CANCEL: ("○ CXL?", "own"),
    OrderStatus.PENDING_REPLACE: ("○ MOD?", "own"),
    OrderStatus.FILLED: ("✓ FILL", "up"),
    OrderStatus.CANCELED: ("– CXL", "faint"),  # noqa: RUF001  # the dash of a withdrawn order
    OrderStatus.EXPIRED: ("– EXP", "faint"),  # noqa: RUF001
    OrderStatus.REJECTED: ("✗ REJ", "down"),
    OrderStatus.NOT_FOUND: ("✗ GONE", "down"),
    OrderStatus.UNKNOWN: ("? UNKN", "warn+b"),
}


FOREIGN = "external"
"""The origin of an order that this desk never sent."""


def status_word(order: OrderView) -> str:
    """Write where an order is in its life, in a sentence."""
    return order.status.value.replace("_", " ")


def named(order: OrderView) -> str:
    """Return what an order is called: its number, marked where it was placed elsewhere; `x #12` takes the number."""
    return f"ext {order.number or NOTHING}" if order.origin == FOREIGN else str(order.number)


def price_of(order: OrderView, figure: Figures) -> str:
    """Return the price that decides over an order: its limit, else its stop where it stands now, else how far it trails."""
    price = order.limit if order.limit is not None else order.stop
    if price is not None:
        return figure.price(price)
    if order.trail is not None:
        return f"tr {figure.change(order.trail)}"
    return figure.price(order.average_price) if order.filled else "market"


def state_of(order: OrderView) -> Run:
    """Return how an order's state is written: a glyph and a word."""
    waits = (order.stop is not None or order.trail is not None) and not order.triggered
    if order.status is OrderStatus.WORKING and waits:
        return ("○ PEND", "own+b")
    return _STATES[order.status]


class Blotter(ListPane[str]):
    """Lists orders; acts on the one under the cursor."""

    reads: ClassVar[frozenset[str]] = frozenset({"orders", "positions", "instruments"})

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("orders")

    class OrderPicked(Message):
        """An order was opened with Enter or a double click."""

        def __init__(self, client_id: str) -> None:
            super().__init__()
            self.client_id = client_id

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self.working_only = False
        self._columns = Columns(_COLUMNS)

    def measure(self, keys: Sequence[str]) -> None:
        """Make the columns wide enough for the orders in sight."""
        self._columns.fit((self._cells(self.desk.orders[key]) for key in keys), self.size.width - 2)

    def keys(self) -> Sequence[str]:
        """Return the client ids, what works first, newest first; what belongs together stays together."""
        families = self._families()
        working = [family for family in families if any(order.status.is_open for order in family)]
        done = [family for family in families if not any(order.status.is_open for order in family)]
        began = self._day_began_ns()
        today = sum(order.created_ns >= began for order in self.desk.orders.values())
        self.caption(f"{len(self.desk.working)} working · {today} today")
        if self.working_only:
            working, done = [self._at_work(family) for family in working], []
        return [order.client_id for family in (*reversed(working), *reversed(done)) for order in family]

    def _families(self) -> list[list[OrderView]]:
        """Return the orders, each entry with its legs behind it, each group in one."""
        families: dict[str, list[OrderView]] = {}
        for order in self.desk.orders.values():
            head = order.parent or order.group or order.client_id
            families.setdefault(head, []).append(order)
        return list(families.values())

    def _day_began_ns(self) -> int:
        return midnight_ns(self.desk.now_ns, self.desk.zone)

    def _moment(self, order: OrderView) -> str:
        """Write when an order was made: the time of day, and of an earlier day its date."""
        if order.created_ns < self._day_began_ns():
            return month_and_day(order.created_ns, self.desk.zone)
        return time_of_day(order.created_ns, self.desk.zone)

    def _at_work(self, family: list[OrderView]) -> list[OrderView]:
        """Return the orders of a family that may still trade, under their entry."""
        return [order for order in family if order.status.is_open or order is family[0]]

    def action_filter(self) -> None:
        """Show only working orders, or all of them again."""
        self.working_only = not self.working_only
        self.redraw()

    def head(self) -> Sequence[Run]:
        """Return the heading."""
        return [(" ", "muted"), *self._columns.header()]

    def row(self, key: str, *, selected: bool) -> Sequence[Run]:
        """Return one order's line."""
        mark: Run = ("▎", "accent") if selected else (" ", "text")
        return [mark, *self._columns.write(self._cells(self.desk.orders[key]))]

    def empty(self) -> str:
        """Return what to press."""
        if self.working_only and self.desk.orders:
            return "No working orders · f shows all"
        return "No orders yet · b buys, s sells, : types an order"

    def open_row(self) -> None:
        """Open the order."""
        if self.cursor is not None:
            self.post_message(self.OrderPicked(self.cursor))

    def tell_picked(self) -> None:
        """Let the desk look at the order's symbol."""
        order = self.desk.orders.get(self.cursor or "")
        if order is not None:
            self.post_message(SymbolPicked(order.symbol))

    def _cells(self, order: OrderView) -> list[Run]:
        figure = figures(self.desk.instruments[order.symbol])
        is_open = order.status.is_open
        live = "text" if is_open else "faint"
        side = ("bid" if order.side is Side.BUY else "ask") if is_open else "faint"
        return [
            (self._moment(order), "muted" if is_open else "faint"),
            (named(order), "warn+b" if is_open and order.origin == FOREIGN else live),
            self._named(order),
            ("BUY" if order.side is Side.BUY else "SELL", side),
            (figure.size(order.quantity), live),
            (figure.size(order.filled), live if order.filled else "faint"),
            (price_of(order, figure), live),
            (TYPE_WORDS[order.type], "muted" if is_open else "faint"),
            state_of(order),
            (figure.price(order.average_price) if order.filled else NOTHING, live),
            (order.tif.value.upper(), "muted" if is_open else "faint"),
            (
                NOTHING if order.queue_ahead is None or not is_open else figure.size(order.queue_ahead),
                "muted",
            ),
            (
                self._reason(order),
                "down" if order.status in {OrderStatus.DENIED, OrderStatus.REJECTED} else "faint",
            ),
        ]

    def _reason(self, order: OrderView) -> str:
        if is_orphan(order, self.desk):
            return "its position is gone"
        elsewhere = order.origin == FOREIGN and order.status.is_open and not order.reason
        return f"placed elsewhere; x #{order.number} cancels it" if elsewhere else order.reason

    def _named(self, order: OrderView) -> Run:
        """Return an order's symbol; what stands under its entry or its pair says what it is there."""
        role = "text+b" if order.status.is_open else "faint"
        if is_orphan(order, self.desk):
            return (f"! {order.leg.value if order.parent in self.desk.orders else order.symbol}", "warn+b")
        if order.parent in self.desk.orders:
            return (f"⌞ {order.leg.value}", role)
        is_second = bool(order.group) and not order.parent and order.client_id != self._first_of(order.group)
        return ("⌞ oco", role) if is_second else (order.symbol, role)

    def _first_of(self, group: str) -> str:
        return next(order.client_id for order in self.desk.orders.values() if order.group == group)
