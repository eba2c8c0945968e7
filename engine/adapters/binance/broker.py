"""Binance as a broker: orders over REST, what becomes of them over the user data of the WebSocket API."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

from engine.adapters.binance import account_messages as m
from engine.adapters.binance.account_admission import AccountAdmission
from engine.adapters.binance.account_requests import AccountRequests
from engine.adapters.binance.known import KnownOrders
from engine.adapters.binance.orders import OrderRequests
from engine.adapters.binance.pairs import Pairs
from engine.adapters.binance.parse import SOURCE
from engine.adapters.binance.stock import Stocktaker
from engine.adapters.binance.telling import Telling
from engine.adapters.binance.writing import objection, order_terms, pair_terms
from engine.adapters.rest.broker import RestBroker
from engine.adapters.rest.questions import Questions
from engine.clock import Clock
from engine.errors import DataError
from engine.model.ability_table import ABILITIES
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderRequest


class BinanceBroker(RestBroker[m.Execution]):
    """An order there has one id for life; of its terms only the size can be changed, to a smaller one."""

    abilities = ABILITIES["binance"]

    def __init__(
        self,
        requests: AccountRequests,
        admission: AccountAdmission,
        account: str,
        clock: Clock,
        instruments: Mapping[Symbol, Instrument],
    ) -> None:
        """Take what leads to Binance; nothing is dialled yet. `account` is the desk's name of it."""
        super().__init__(SOURCE, admission, clock, instruments)
        self.requests = requests
        self.known = KnownOrders()
        self.pairs = Pairs(requests, instruments)
        self.stocktaker = Stocktaker(requests, self.known, self.pairs, clock, account)
        self.telling = Telling(self.known, self.pairs, clock, account, self._report)
        self.questions = Questions(self.stocktaker, self.telling.known, clock, self._report)
        self.orders = OrderRequests(
            requests, self.known, self.pairs, self.stocktaker, self.telling, clock, self.outcomes
        )
        admission.attend(self, self.stocktaker)

    def updated(self, update: m.Execution) -> None:
        """Take an event."""
        self.telling.updated(update)

    def unreadable(self, error: DataError) -> None:
        """Count a message that could not be read."""
        self.telling.unreadable_event(error)

    def _objection(self, request: OrderRequest) -> str:
        return objection(request)

    def _submission(self, request: OrderRequest, instrument: Instrument) -> Coroutine[Any, Any, None]:
        if self.known.sent(request.client_id):
            return self.orders.refuse_again(request.client_id)
        order = self.known.begin(request.client_id, str(request.symbol))
        order.known = True
        return self.orders.submit(order, order_terms(request, instrument))

    def holds_as_one(self, symbol: Symbol) -> bool:
        """Return whether it holds a stop and a target of a symbol as one: of every one, until it refuses."""
        return symbol in self._instruments

    def _pair_submission(
        self, stop: OrderRequest, target: OrderRequest, instrument: Instrument
    ) -> Coroutine[Any, Any, None]:
        names = (stop.client_id, target.client_id)
        if any(map(self.known.sent, names)):
            return self.orders.refuse_again(*names)
        first, second = (self.known.begin(name, str(stop.symbol)) for name in names)
        first.known = second.known = True
        return self.orders.submit_pair(first, second, pair_terms(stop, target, instrument))

    def _cancellation(self, client_id: str) -> Coroutine[Any, Any, None]:
        return self.orders.cancel(client_id)

    def _amendment(
        self, client_id: str, quantity: int, limit: int | None, stop: int | None
    ) -> Coroutine[Any, Any, None]:
        return self.orders.amend(client_id, quantity, limit, stop)
