"""Ways out: cancel everything, and flatten by cancel, proof, then a reduce-only market order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from engine.bus import Bus
from engine.clock import NS_PER_S, Clock
from engine.execution.blotter import label
from engine.execution.history import History
from engine.execution.intake import Intake
from engine.execution.scribe import Scribe
from engine.ids import OrderIds
from engine.messages.commands import TradingState
from engine.messages.events import FlattenAsked, FlattenEnded, OrderChanged, Severity, TradingStateChanged
from engine.messages.exit_views import ExitsView, FlattenView, GivenUpView
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.position import Position
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders

FLATTEN_S_MAX: Final = 60
"""How long a flatten may take before it is given up: later its price is another."""


class _Underway:
    """How far one symbol's flatten is."""

    __slots__ = ("asked", "begun_ns", "closing", "correlation", "origin")

    def __init__(self, origin: str, correlation: str, begun_ns: int) -> None:
        self.origin = origin
        self.correlation = correlation
        self.begun_ns = begun_ns
        """By the machine's steady time."""
        self.asked: set[str] = set()
        """The orders that it asked to take back, by their ids."""
        self.closing = ""
        """The id of its closing order, once that is sent."""


class Exits:
    """Closes what is left of a position only after its working orders are proven gone.

    An order whose end is not proven could still trade, and a closing order beside it could turn the position
    around; so a flatten waits, and says for what. It is over when its closing order has ended, or it is given up: with
    a sentence, so that nothing of it is left to act later. The records say which are underway; none outlives
    the engine that took it.
    """

    def __init__(
        self,
        intake: Intake,
        history: History,
        scribe: Scribe,
        working: WorkingOrders,
        positions: Mapping[Symbol, Position],
        clock: Clock,
        ids: OrderIds,
        account: str,
    ) -> None:
        self._intake = intake
        self._blotter = history.blotter
        self._history = history
        self._scribe = scribe
        self._working = working
        self._positions = positions
        self._clock = clock
        self._ids = ids
        self._account = account
        self._cause = history.blotter.cause
        self._underway: dict[Symbol, _Underway] = {}
        self._given_up: dict[Symbol, GivenUpView] = {}
        self._due: dict[Symbol, None] = {}
        self._busy = False

    def connect(self, bus: Bus) -> None:
        """Hear of orders and of trading states from now on; ledger, gate and brackets must hear of them before."""
        bus.subscribe(OrderChanged, self._on_order)
        bus.subscribe(TradingStateChanged, self._on_state)

    @property
    def flattening(self) -> tuple[Symbol, ...]:
        """The symbols whose flatten is not over."""
        return tuple(self._underway)

    def view(self) -> ExitsView:
        """Return what is underway and what it waits for."""
        return ExitsView(
            tuple(
                FlattenView(
                    symbol,
                    self._history.flattens[symbol].event_ns,
                    tuple(label(order) for order in self._working.of(symbol)),
                )
                for symbol in self._underway
            ),
            tuple(self._given_up.values()),
        )

    def cancel_all(self, symbol: Symbol | None, origin: str, strategy: str = "") -> int:
        """Ask to take back every open order, or one symbol's or strategy's; return how many requests went out."""
        orders = self._working if symbol is None else list(self._working.of(symbol))
        meant = [order for order in orders if strategy in {"", order.request.strategy}]
        return sum(self._intake.cancel(order.client_id, origin) for order in meant)

    def flatten(self, symbol: Symbol | None, origin: str) -> None:
        """Cancel, then close what is left: one symbol, or everything; one that is underway begins anew."""
        for each in self._symbols():
            if symbol in (None, each):
                self._begin(each, origin)

    def stop(self, symbol: Symbol | None, reason: str) -> None:
        """Give up the flatten of one symbol, or all of them, and say what stands."""
        for each in self.flattening:
            if symbol in (None, each):
                self._end(each, reason)

    def give_up(self) -> None:
        """Give up what takes too long."""
        late_ns = self._blotter.steady_ns() - FLATTEN_S_MAX * NS_PER_S
        for symbol, underway in list(self._underway.items()):
            if underway.begun_ns <= late_ns:
                self._end(symbol, f"it was not done within {FLATTEN_S_MAX} s")

    def _symbols(self) -> Iterable[Symbol]:
        held = [symbol for symbol, position in self._positions.items() if position.quantity]
        return dict.fromkeys([*self._working.symbols(), *held])

    def _begin(self, symbol: Symbol, origin: str) -> None:
        asked = FlattenAsked(symbol, origin, self._clock.now_ns(), self._cause.id)
        self._scribe.note(asked)
        self._history.flatten_asked(asked)
        self._given_up.pop(symbol, None)
        self._underway[symbol] = _Underway(origin, asked.correlation, self._blotter.steady_ns())
        unknown = [order for order in self._working.of(symbol) if order.status is OrderStatus.UNKNOWN]
        if unknown:
            self._tell_unproven(symbol, unknown)
        self._go_on(symbol)

    def _on_order(self, event: OrderChanged) -> None:
        order = event.order
        if order.symbol not in self._underway:
            return
        if order.status is OrderStatus.UNKNOWN:
            self._tell_unproven(order.symbol, (order,))
        self._go_on(order.symbol)

    def _on_state(self, event: TradingStateChanged) -> None:
        if event.state is TradingState.ACTIVE and not (event.strategy or event.firm_version):
            self.stop(event.symbol, "trading was resumed")

    def _go_on(self, symbol: Symbol) -> None:
        """Take the next step of a symbol, unless one is being taken; then once more, afterwards."""
        self._due[symbol] = None
        if self._busy:
            return
        self._busy = True
        try:
            while self._due:
                self._step(self._due.popitem()[0])
        finally:
            self._busy = False

    def _step(self, symbol: Symbol) -> None:
        underway = self._underway.get(symbol)
        if underway is None:
            return
        before, self._cause.id = self._cause.id, underway.correlation
        try:
            self._take_step(symbol, underway)
        finally:
            self._cause.id = before

    def _take_step(self, symbol: Symbol, underway: _Underway) -> None:
        if underway.closing:
            self._look_at_closing(symbol, underway)
            return
        refused = self._take_back(symbol, underway)
        if refused is not None:
            self._end(symbol, f"the cancel of {label(refused)} was refused")
        elif not self._working.of(symbol):
            self._close(symbol, underway)

    def _take_back(self, symbol: Symbol, underway: _Underway) -> Order | None:
        """Ask once for every open order, those that came meanwhile too; return one that was refused."""
        for order in list(self._working.of(symbol)):
            if order.client_id in underway.asked:
                if order.is_open and not order.cancel_wanted:
                    return order
            elif order.is_open:
                underway.asked.add(order.client_id)
                self._intake.cancel(order.client_id, underway.origin)
        return None

    def _close(self, symbol: Symbol, underway: _Underway) -> None:
        position = self._positions.get(symbol)
        if position is None or not position.quantity:
            self._end(symbol, "")
            return
        request = self._closing_request(position, underway.correlation)
        underway.closing = request.client_id
        if not self._intake.submit(request):
            order = self._blotter.orders.get(request.client_id)
            reason = order.reason if order is not None else "it could not be sent"
            self._end(symbol, f"its closing order was denied: {reason}")

    def _look_at_closing(self, symbol: Symbol, underway: _Underway) -> None:
        order = self._blotter.orders.get(underway.closing)
        if order is None or order.is_open:
            return
        position = self._positions.get(symbol)
        if position is None or not position.quantity:
            self._end_flat(symbol, underway)
            return
        why = f": {order.reason}" if order.reason else ""
        self._end(symbol, f"its closing order {label(order)} is {order.status}{why}")

    def _end_flat(self, symbol: Symbol, underway: _Underway) -> None:
        """Let a flatten be over that holds nothing, unless an order came while it closed: that is taken back too."""
        if self._working.of(symbol):
            underway.closing = ""
            self._due[symbol] = None
        else:
            self._end(symbol, "")

    def _end(self, symbol: Symbol, reason: str) -> None:
        """Let a flatten be over; with a reason it is given up, and what stands is told."""
        del self._underway[symbol]
        ended = FlattenEnded(symbol, reason, self._clock.now_ns())
        self._scribe.note(ended)
        self._history.flatten_ended(ended)
        if reason:
            self._given_up[symbol] = GivenUpView(symbol, reason, ended.event_ns)
            text = f"flatten {symbol} ended: {reason}; {self._stands(symbol)}; F6 or flat {symbol} asks again"
            self._blotter.alert(Severity.CRITICAL, text)

    def _stands(self, symbol: Symbol) -> str:
        position = self._positions.get(symbol)
        held = 0 if position is None else position.instrument.size(position.quantity).normalize()
        told = [f"{held:f} held" if held else "nothing is held"]
        told += [f"{label(order)} is {order.status}" for order in self._working.of(symbol)]
        return ", ".join(told)

    def _tell_unproven(self, symbol: Symbol, orders: Iterable[Order]) -> None:
        named = ", ".join(label(order) for order in orders)
        self._blotter.alert(Severity.CRITICAL, f"flatten {symbol} waits for {named}: not proven to be gone")

    def _closing_request(self, position: Position, correlation: str) -> OrderRequest:
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
            correlation=correlation or client_id,
        )
