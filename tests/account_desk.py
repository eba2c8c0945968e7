"""An engine whose account is at a venue, and what happened to its orders."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from engine.adapters.rest.broker import RestBroker
from engine.engine import Engine
from engine.messages.commands import SubmitOrder
from engine.messages.comparison_views import ReconcilePhase
from engine.messages.events import OrderChanged
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.order import ExitPlan, Order, OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from tests.waiting import wait_until


class AccountDesk(ABC):
    """Sends limit orders in one symbol."""

    def __init__(self, engine: Engine, symbol: Symbol) -> None:
        self.rooms = engine._rooms
        self.symbol = symbol
        self.history: dict[str, list[OrderStatus]] = {}
        self.engine = engine
        self.rooms.bus.subscribe(OrderChanged, self._note)

    @abstractmethod
    def is_followed(self) -> bool:
        """Whether the source has subscribed to what is quoted next."""

    @abstractmethod
    def quote(self) -> None:
        """Let the venue quote."""

    def ready(self) -> None:
        """Go on until the account was compared, and the venue itself has quoted."""
        wait_until(lambda: self.rooms.orders.reconciler.settled)
        wait_until(lambda: self.symbol in self.rooms.market.states)
        wait_until(self.is_followed)
        self.quote()
        wait_until(self.is_quoted)

    @contextmanager
    def at_work(self) -> Iterator[Self]:
        """Run the engine, from when it is ready to the end."""
        self.engine.start()
        try:
            self.ready()
            yield self
        finally:
            self.engine.stop()

    def lost(self) -> int:
        """Return how many answers to requests were lost; what they were about may be proven before that is known."""
        broker = self.rooms.broker
        assert isinstance(broker, RestBroker)
        return broker.outcomes.lost

    def _note(self, event: OrderChanged) -> None:
        self.history.setdefault(event.order.client_id, []).append(event.status)

    def send(self, side: Side, quantity: int, limit: int, *, plan: ExitPlan | None = None) -> str:
        """Send an order, price and quantity in units; it must not be denied."""
        client_id = self.ask_for(side, quantity, limit, plan)
        assert self.order(client_id).status is not OrderStatus.DENIED, self.order(client_id).reason
        return client_id

    def ask_for(self, side: Side, quantity: int, limit: int, plan: ExitPlan | None = None) -> str:
        """Send an order, and go on until the engine has it, or has denied it."""
        client_id, number = self.engine.ids.next()
        request = OrderRequest(
            client_id=client_id,
            number=number,
            account=self.engine.account_name,
            symbol=self.symbol,
            side=side,
            quantity=quantity,
            type=OrderType.LIMIT,
            limit=limit,
            tif=TimeInForce.GTC,
            plan=plan,
            created_ns=self.rooms.clock.now_ns(),
        )
        self.engine.submit(SubmitOrder(request))
        wait_until(lambda: client_id in self.rooms.orders.orders)
        return client_id

    def order(self, client_id: str) -> Order:
        """Return an order as the engine has it."""
        return self.rooms.orders.orders[client_id]

    def becomes(self, client_id: str, status: OrderStatus) -> None:
        """Go on until an order has a status, and everybody heard of it."""

        def found() -> tuple[OrderStatus, str]:
            return self.order(client_id).status, self.order(client_id).reason

        wait_until(lambda: found()[0] is status, found=found)
        wait_until(lambda: self.history.get(client_id, [status])[-1] is self.order(client_id).status)

    def is_quoted(self) -> bool:
        """Whether the quote is to be trusted: the one that was kept from before the start is not."""
        return self.rooms.market.states[self.symbol].trust(self.rooms.clock.now_ns()) is Trust.GOOD

    def is_cut_off(self) -> bool:
        """Whether it was noticed that the account's venue is gone: until then both books are the same as before."""
        return self.rooms.orders.reconciler.view().phase is ReconcilePhase.CUT

    def agrees(self) -> None:
        """Go on until the two books are the same."""
        wait_until(lambda: self.rooms.orders.reconciler.view().phase is ReconcilePhase.AGREED)
