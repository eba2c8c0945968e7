"""The orders of one model: what the next one would be, what the ones before made, read back from the journal at a start."""

from __future__ import annotations

from typing import Final

from engine.errors import InvalidValue
from engine.messages.signal_views import SignalView
from engine.model.fill import Fill
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.order import Order, OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from engine.rooms import Rooms
from engine.signals.serving.money import SignalFill
from engine.signals.trading.bounds import Bounds, Standing, why_over, why_waits
from engine.signals.trading.own_book import OwnBook, day_of
from engine.signals.trading.signal_id import bar_end_ns_in, signal_id, version_in

ORIGIN: Final = "model"


class SignalOrders:
    """Knows a model's own orders by their strategy, which is its name, and by their origin."""

    def __init__(self, rooms: Rooms, model: str, bounds: Bounds) -> None:
        self._rooms = rooms
        self._model = model
        self._bounds = bounds
        self._orders: dict[str, Order] = {}
        self._prices: dict[str, int] = {}
        """What each signal was said at, of the orders of this run."""
        self._wanted_ns: dict[Symbol, int] = {}
        """The end of the last bar at which a signal wanted what is held, of this run."""
        self._heard_ns: dict[Symbol, int] = {}
        """The end of the last bar of each symbol that a champion had a word on."""
        self._from_ns = 0
        """Since when bars are heard of."""
        self.book = OwnBook()
        self.read()

    def read(self) -> None:
        """Begin with what the account's orders say."""
        found = [order for order in self._rooms.orders.orders.values() if self.is_own(order)]
        self._orders = {order.client_id: order for order in found}
        self.book = OwnBook()
        fills = sorted((fill for order in found for fill in order.fills), key=lambda fill: fill.event_ns)
        for fill in fills:
            self._count(fill)

    def is_own(self, order: Order) -> bool:
        """Tell whether an order is one of this model's."""
        return order.request.origin == ORIGIN and order.request.strategy == self._model

    def filled(self, order: Order, fill: Fill) -> SignalFill | None:
        """Count a fill of an own order; return it as the version's figures take it, None where a rate is not known."""
        self._orders[order.client_id] = order
        paid_micros, fee_micros = self._count(fill)
        version = version_in(order.request.correlation)
        price = self._prices.get(order.client_id) or order.limit or fill.price
        said_micros = self._base(order.instrument, price, fill.quantity)
        if not version or said_micros is None:
            return None
        side = 1 if fill.side is Side.BUY else -1
        return SignalFill(
            self._model, version, fill.symbol, side, fill.quantity, said_micros, paid_micros, fee_micros
        )

    def wanted(self, signal: SignalView) -> OrderRequest | str:
        """Return the order that a signal asks for, or why there is none."""
        state = self._rooms.market.states.get(signal.symbol)
        if state is None or state.bid <= 0 or state.ask <= 0:
            return "the market has no price on both sides"
        try:
            quantity = state.instrument.size_units(self._bounds.quantity)
            position_max = state.instrument.size_units(self._bounds.position)
        except InvalidValue as error:
            return f"its limits do not fit {signal.symbol}: {error}"
        lot = state.instrument.lot_units
        if not quantity or quantity % lot:
            return f"its size {self._bounds.quantity} is no multiple of the lot {state.instrument.lot}"
        self._fit(signal.symbol)
        now = self._standing(signal.symbol, signal.direction * quantity, position_max, ends=False)
        if over := why_over(self._bounds, now):
            return over
        return self._request(signal, state, signal.direction * quantity, signal_id(signal))

    def want(self, signal: SignalView) -> None:
        """Note that a signal goes the way of what is held: it is wanted for another horizon."""
        if self.book.held(signal.symbol) * signal.direction > 0:
            self._wanted_ns[signal.symbol] = signal.bar_end_ns

    def leaving(self, signal: SignalView, horizon_ns: int) -> OrderRequest | str:
        """Return what ends a position that nothing wanted for a horizon, or why it stays; empty where nothing is over."""
        symbol, state = signal.symbol, self._rooms.market.states.get(signal.symbol)
        self._fit(symbol)
        held, came_of = self.book.held(symbol), self.book.came_of(symbol)
        if not held or state is None or signal.bar_end_ns < self._over_ns(symbol, horizon_ns):
            return ""
        if state.bid <= 0 or state.ask <= 0:
            return "the market has no price on both sides"
        now = self._standing(symbol, -held, abs(held), ends=True)
        return why_waits(self._bounds, now) or self._request(signal, state, -held, came_of, ends=True)

    def overdue(self, horizon_ns: int, heard_before_ns: int) -> str:
        """Return what it holds whose horizon is over, where no bar was heard of since a time, in words; empty for nothing."""
        found = []
        for symbol in self.book.symbols:
            self._fit(symbol)
            held, state = self.book.held(symbol), self._rooms.market.states.get(symbol)
            newest_ns = max(self._over_ns(symbol, horizon_ns), self._heard_ns.get(symbol, self._from_ns))
            if held and state is not None and newest_ns < heard_before_ns:
                found.append(f"{state.instrument.size(held)} {symbol}")
        return ", ".join(found)

    def begin(self, now_ns: int) -> None:
        """Note when a person armed it."""
        self._from_ns = now_ns

    def hear(self, signal: SignalView) -> None:
        """Note that a bar ended."""
        self._heard_ns[signal.symbol] = signal.bar_end_ns

    def _over_ns(self, symbol: Symbol, horizon_ns: int) -> int:
        """Return the end of the bar at which the horizon of what is held is over."""
        return max(bar_end_ns_in(self.book.came_of(symbol)), self._wanted_ns.get(symbol, 0)) + horizon_ns

    def note(self, client_id: str) -> str:
        """Keep an order that was submitted; return why it was denied, empty where it went."""
        order = self._rooms.orders.orders.get(client_id)
        if order is None:
            return "the account takes no orders now"
        self._orders[client_id] = order
        return order.reason if order.status is OrderStatus.DENIED else ""

    def day_micros(self) -> int:
        """Return what the day brought, in the account's currency."""
        for symbol in self.book.symbols:
            self._fit(symbol)
        return self.book.day_micros(self._worth, self._now_ns())

    def _request(  # an order of a signal, or one that ends what came of an earlier one
        self, signal: SignalView, state: MarketState, quantity: int, correlation: str, *, ends: bool = False
    ) -> OrderRequest:
        is_buy = quantity > 0
        client_id, number = self._rooms.ids.next()
        self._prices[client_id] = signal.price
        return OrderRequest(
            client_id=client_id,
            number=number,
            account=self._rooms.account.name,
            symbol=signal.symbol,
            side=Side.BUY if is_buy else Side.SELL,
            quantity=abs(quantity),
            type=OrderType.LIMIT,
            limit=state.ask if is_buy else state.bid,
            tif=TimeInForce.IOC,
            reduce_only=ends,
            origin=ORIGIN,
            strategy=self._model,
            correlation=correlation,
        )

    def _standing(self, symbol: Symbol, wanted: int, position_max: int, *, ends: bool) -> Standing:
        now_ns = self._now_ns()
        sent = [order for order in self._orders.values() if order.status is not OrderStatus.DENIED]
        there = [
            order.request.created_ns
            for order in self._orders.values()
            if order.symbol == symbol and order.request.created_ns <= now_ns  # else the clock was set back
        ]
        return Standing(
            orders_today=sum(
                order.request.reduce_only is ends and day_of(order.request.created_ns) >= day_of(now_ns)
                for order in sent
            ),
            since_order_ns=now_ns - max(there) if there else None,
            is_working=any(order.is_open and order.symbol == symbol for order in sent),
            held=self.book.held(symbol),
            account=self._account(symbol),
            wanted=wanted,
            position_max=position_max,
        )

    def _fit(self, symbol: Symbol) -> None:
        self.book.fit(symbol, self._account(symbol), self._worth, self._now_ns())

    def _account(self, symbol: Symbol) -> int:
        position = self._rooms.ledger.positions.get(symbol)
        return position.quantity if position is not None else 0

    def _count(self, fill: Fill) -> tuple[int, int]:
        """Take a fill into the book; return its notional and its fee in the account's currency."""
        instrument = self._rooms.orders.orders[fill.client_id].instrument
        paid_micros = self._base(instrument, fill.price, fill.quantity) or 0
        fee_micros = self._rooms.rates.to_base(fill.fee_micros, fill.fee_currency or instrument.currency) or 0
        signed = fill.quantity if fill.side is Side.BUY else -fill.quantity
        correlation = self._rooms.orders.orders[fill.client_id].request.correlation
        self.book.take(fill.symbol, signed, paid_micros, fee_micros, fill.event_ns, correlation)
        return paid_micros, fee_micros

    def _worth(self, symbol: Symbol, quantity: int) -> int:
        state = self._rooms.market.states.get(symbol)
        return self._base(state.instrument, state.mark, quantity) or 0 if state is not None else 0

    def _base(self, instrument: Instrument, price: int, quantity: int) -> int | None:
        micros = instrument.notional_micros(price, quantity)
        return self._rooms.rates.to_base(micros, instrument.currency)

    def _now_ns(self) -> int:
        return self._rooms.account_clock.now_ns()
