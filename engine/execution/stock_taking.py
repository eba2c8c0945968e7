"""Works through a broker's stock: foreign orders, fills, orders, then positions and cash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.execution.blotter import in_words, label
from engine.execution.breaks import POSITION_ID, Difference
from engine.execution.catching_up import CatchingUp
from engine.execution.compare import disagreement
from engine.execution.hands import Hands
from engine.execution.order_state import OPEN
from engine.messages.commands import BreakAction
from engine.messages.comparison_views import BreakKind
from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderStatus
from engine.model.position import Position
from engine.model.working_orders import WorkingOrders

CASH_TOLERANCE_MICROS = 10_000


class StockTaking:
    """Believes what a stock proves, and says what it leaves unexplained.

    A stock left the broker after it was asked for, and so knows all that we had heard by then. About an order
    or a position that moved since, it may be older than what we know: of those only fills and ends are
    believed, which stay true, and no difference is drawn.
    """

    def __init__(
        self,
        hands: Hands,
        catching_up: CatchingUp,
        working: WorkingOrders,
        positions: Mapping[Symbol, Position],
        cash: Callable[[], Mapping[str, int]],
    ) -> None:
        self._hands = hands
        self._catching_up = catching_up
        self._working = working
        self._positions = positions
        self._cash = cash
        self.foreign: set[str] = set()
        """The orders that we never sent, by their ids."""
        self.doubtful: Callable[[Order], None] = lambda _: None
        """What is called with each order that has to be asked for."""

    def work_through(
        self, stock: BrokerStock, moment: int, moved: Callable[[Symbol], bool]
    ) -> list[Difference]:
        """Take in a stock that was asked for at a moment; return what stays unexplained.

        `moved` tells which positions moved since it was asked for, the stock's own fills apart.
        """
        orders = self._hands.orders
        traded = {fill.client_id for fill in stock.fills}
        strange = [each for each in stock.orders if self._is_strange(each)]
        unlisted = [each for each in strange if not self._adopt(each, traded=each.client_id in traded)]
        newer = {each.client_id: orders[each.client_id].moment <= moment for each in stock.orders
                 if each.client_id in orders}  # fmt: skip
        unmoved = [symbol for symbol in {*stock.positions, *self._positions} if not moved(symbol)]
        self._catching_up.take_fills(stock.fills)
        found = [each for each in map(_unlisted, unlisted) if each is not None]
        fills = {fill.fill_id: fill for fill in stock.fills}
        for theirs in stock.orders:
            if theirs.client_id in orders:
                order, is_newer = orders[theirs.client_id], newer[theirs.client_id]
                found += self._order(order, theirs, fills, newer=is_newer)
        if stock.complete:
            self._ask_for_missing(stock, moment)
            found += self._position_differences(stock, unmoved)
            found += self._cash_differences(stock)
        found += self._foreign_differences()
        return found

    def _is_strange(self, theirs: BrokerOrder) -> bool:
        """Whether an order has to be taken in: it is not known here, or works and had ended long ago."""
        forgotten = theirs.client_id in self._hands.history.blotter.forgotten
        return theirs.client_id not in self._hands.orders and (theirs.status in OPEN or not forgotten)

    def _adopt(self, theirs: BrokerOrder, *, traded: bool) -> bool:
        """Take in an order that we never sent, if it still matters; return whether its symbol is listed."""
        if theirs.status not in OPEN and not traded:
            return True
        order = self._catching_up.take_foreign(theirs)
        if order is not None:
            self.foreign.add(order.client_id)
        return order is not None

    def _order(
        self, order: Order, theirs: BrokerOrder, fills: Mapping[str, Fill], *, newer: bool
    ) -> Iterator[Difference]:
        self._catching_up.take_order(order, theirs, newer=newer)
        text = (disagreement(order, theirs) or _changed(order, fills)) if newer else ""
        if text:
            self.doubtful(order)
            yield Difference(
                f"order:{order.client_id}",
                BreakKind.ORDER,
                order.symbol,
                order.filled,
                theirs.filled,
                f"{label(order)}: {text}",
            )

    def _ask_for_missing(self, stock: BrokerStock, moment: int) -> None:
        """Doubt what works here and is not there; an order that waits for its first answer may not even have left."""
        named = {each.client_id for each in stock.orders}
        for order in self._working:
            answered = order.status is not OrderStatus.PENDING_NEW
            if answered and order.client_id not in named and order.moment <= moment:
                self.doubtful(order)

    def _position_differences(self, stock: BrokerStock, unmoved: list[Symbol]) -> Iterator[Difference]:
        for symbol in sorted(unmoved):
            position = self._positions.get(symbol)
            ours, theirs = position.quantity if position else 0, stock.positions.get(symbol, 0)
            if ours != theirs:
                text = f"{symbol} position: {self._size(symbol, ours)} here, {self._size(symbol, theirs)} at the broker"
                yield Difference(f"{POSITION_ID}{symbol}", BreakKind.POSITION, symbol, ours, theirs, text)

    def _cash_differences(self, stock: BrokerStock) -> Iterator[Difference]:
        ours, theirs = self._cash(), stock.cash_micros or {}
        for currency in sorted(ours.keys() & theirs.keys()):
            if abs(theirs[currency] - ours[currency]) > CASH_TOLERANCE_MICROS:
                mine, other = ours[currency] / 1e6, theirs[currency] / 1e6
                text = f"{currency} cash: {mine:,.2f} here, {other:,.2f} at the broker"
                yield Difference(
                    f"cash:{currency}", BreakKind.CASH, Symbol(""), ours[currency], theirs[currency], text
                )

    def _foreign_differences(self) -> Iterator[Difference]:
        for client_id in sorted(self.foreign):
            order = self._hands.orders.get(client_id)
            difference = self.foreign_difference(order) if order is not None else None
            if difference is not None:
                yield difference

    def foreign_difference(self, order: Order) -> Difference | None:
        """Return what an order that we never sent leaves to be decided; None where that was decided."""
        decision = self._hands.history.decisions.get(f"order:{order.client_id}")
        if decision is not None and decision.action is not BreakAction.IGNORE:
            return None
        forgotten = order.client_id in self._hands.history.blotter.forgotten
        return _foreign_difference(order, "that had ended long ago" if forgotten else "we never sent")

    def _size(self, symbol: Symbol, units: int) -> str:
        position = self._positions.get(symbol)
        return f"{position.instrument.size(units).normalize():f}" if position else f"{units:,} units"


def _foreign_difference(order: Order, which: str) -> Difference | None:
    """Its fills, or that it works."""
    words = "buy" if order.side > 0 else "sell"
    name = f"{order.symbol}: an order {which}, {words} {in_words(order, order.quantity)}"
    if order.filled:
        text = f"{name}, has filled {in_words(order, order.filled)}"
        kind = BreakKind.FILL
    elif order.is_open:
        text, kind = f"{name}, works at the broker", BreakKind.ORDER
    else:
        return None
    signed = order.side * order.filled
    return Difference(f"order:{order.client_id}", kind, order.symbol, 0, signed, text, sure=True)


def _changed(order: Order, fills: Mapping[str, Fill]) -> str:
    """Say which fill has other terms at the broker; empty for none."""
    for ours in order.fills:
        theirs = fills.get(ours.fill_id, ours)
        if (theirs.price, theirs.quantity) != (ours.price, ours.quantity):
            return f"fill {ours.fill_id} has other terms at the broker"
    return ""


def _unlisted(theirs: BrokerOrder) -> Difference | None:
    if theirs.status not in OPEN:
        return None
    text = f"{theirs.symbol}: an order we never sent works at the broker, and its symbol is not listed here"
    return Difference(f"order:{theirs.client_id}", BreakKind.ORDER, theirs.symbol, 0, 0, text, sure=True)
