"""Ways out: cancel everything, and flatten by cancel, proof, then a reduce-only market order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.clock import Clock
from engine.execution.blotter import Blotter, label
from engine.execution.intake import Intake
from engine.ids import OrderIds
from engine.messages.events import Severity
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.position import Position
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders

_PENDING = frozenset({OrderStatus.PENDING_NEW, OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE})


class Exits:
    """Closes what is left of a position only after its working orders are proven gone.

    An order whose end is not proven could still trade, and a closing order beside it could turn the
    position around; so a flatten waits, and says for what.
    """

    __slots__ = ("_account", "_blotter", "_clock", "_ids", "_intake", "_positions", "_working", "waiting")

    def __init__(
        self,
        intake: Intake,
        blotter: Blotter,
        *,
        working: WorkingOrders,
        positions: Mapping[Symbol, Position],
        clock: Clock,
        ids: OrderIds,
        account: str,
    ) -> None:
        self._intake = intake
        self._blotter = blotter
        self._working = working
        self._positions = positions
        self._clock = clock
        self._ids = ids
        self._account = account
        self.waiting: dict[Symbol, set[str]] = {}
        """The orders whose end a symbol's flatten waits for, by their ids."""

    def cancel_all(self, symbol: Symbol | None, origin: str, strategy: str = "") -> int:
        """Ask to take back every open order, or one symbol's or strategy's; return how many requests went out."""
        orders = self._working if symbol is None else list(self._working.of(symbol))
        meant = [order for order in orders if strategy in {"", order.request.strategy}]
        return sum(self._intake.cancel(order.client_id, origin) for order in meant)

    def flatten(self, symbol: Symbol | None, origin: str) -> None:
        """Cancel, then close what is left: one symbol, or everything."""
        for each in self._symbols() if symbol is None else (symbol,):
            self._flatten_one(each, origin)

    def _symbols(self) -> Iterable[Symbol]:
        held = [symbol for symbol, position in self._positions.items() if position.quantity]
        return dict.fromkeys([*self._working.symbols(), *held])

    def _flatten_one(self, symbol: Symbol, origin: str) -> None:
        orders = list(self._working.of(symbol))
        self.waiting[symbol] = {order.client_id for order in orders}
        for order in orders:
            self._intake.cancel(order.client_id, origin)
        unknown = [label(order) for order in orders if order.status is OrderStatus.UNKNOWN]
        if unknown:
            text = f"flatten {symbol} waits for {', '.join(unknown)}: not proven to be gone"
            self._blotter.alert(Severity.CRITICAL, text)
        self._close_if_clear(symbol)

    def on_order(self, order: Order) -> None:
        """Go on with a flatten after one of its orders changed."""
        waiting = self.waiting.get(order.symbol)
        if waiting is None or order.client_id not in waiting:
            return
        if not order.is_open:
            waiting.discard(order.client_id)
            self._close_if_clear(order.symbol)
        elif order.status not in _PENDING:
            text = f"flatten {order.symbol} waits for {label(order)}, which is {order.status}"
            self._blotter.alert(Severity.CRITICAL, text)

    def _close_if_clear(self, symbol: Symbol) -> None:
        if self.waiting.get(symbol):
            return
        self.waiting.pop(symbol, None)
        position = self._positions.get(symbol)
        if position is not None and position.quantity:
            self._intake.submit(self._closing_request(position))

    def _closing_request(self, position: Position) -> OrderRequest:
        client_id, number = self._ids.next()
        return OrderRequest(
            client_id=client_id,
            number=number,
            account=self._account,
            symbol=position.symbol,
            side=Side.SELL if position.quantity > 0 else Side.BUY,
            quantity=abs(position.quantity),
            type=OrderType.MARKET,
            tif=TimeInForce.DAY,
            reduce_only=True,
            origin="exit",
            created_ns=self._clock.now_ns(),
            correlation=client_id,
        )
