"""Alpaca as a broker: orders over REST, what becomes of them over the stream of trade updates."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.admission import Admission
from engine.adapters.alpaca.assets import VENUE
from engine.adapters.alpaca.books import Books
from engine.adapters.alpaca.listings import Listings
from engine.adapters.alpaca.lives import Lives
from engine.adapters.alpaca.orders import OrderRequests
from engine.adapters.alpaca.requests import TradingRequests
from engine.adapters.alpaca.stock import Stocktaker
from engine.adapters.alpaca.telling import Telling
from engine.adapters.alpaca.writing import order_body, pair_body
from engine.adapters.rest.broker import RestBroker
from engine.adapters.rest.questions import Questions
from engine.clock import Clock
from engine.errors import DataError
from engine.model.ability_table import ABILITIES
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.order import OrderRequest
from engine.transport.skew import ClockSkew


class AlpacaBroker(RestBroker[m.TradeUpdate]):
    """An order there may get another id with its terms; here it keeps ours for life."""

    abilities = ABILITIES["alpaca"]

    def __init__(
        self,
        requests: TradingRequests,
        admission: Admission,
        account: str,
        clock: Clock,
        instruments: Mapping[Symbol, Instrument],
    ) -> None:
        """Take what leads to Alpaca; nothing is dialled yet. `account` is the desk's name of it."""
        super().__init__(VENUE, admission, clock, instruments)
        self.requests = requests
        self.lives = Lives()
        self.skew = ClockSkew()
        self.listings = Listings(requests, instruments)
        books = Books(requests, self.lives)
        self.stocktaker = Stocktaker(requests, books, self.listings, self.skew, clock, account)
        self.telling = Telling(self.lives, self.listings, clock, account, self._report)
        self.questions = Questions(self.stocktaker, self.telling.known, clock, self._report)
        self.orders = OrderRequests(
            requests, books, self.lives, self.listings, self.telling, clock, self.outcomes
        )
        admission.attend(self, self.stocktaker)

    def updated(self, update: m.TradeUpdate) -> None:
        """Take an update."""
        self.telling.updated(update)

    def unreadable(self, error: DataError) -> None:
        """Count a message that could not be read."""
        self.telling.unreadable_update(error)

    def _submission(self, request: OrderRequest, instrument: Instrument) -> Coroutine[Any, Any, None]:
        life = self.lives.begin(request.client_id)
        life.known = True
        return self.orders.submit(life, order_body(request, instrument))

    def holds_as_one(self, symbol: Symbol) -> bool:
        """Return whether it holds a stop and a target of a symbol as one: of shares, not of coins."""
        instrument = self._instruments.get(symbol)
        return instrument is not None and instrument.asset_class is AssetClass.EQUITY

    def _pair_submission(
        self, stop: OrderRequest, target: OrderRequest, instrument: Instrument
    ) -> Coroutine[Any, Any, None]:
        first, second = (self.lives.begin(each.client_id) for each in (stop, target))
        first.known = second.known = True
        return self.orders.submit_pair(first, second, pair_body(stop, target, instrument))

    def _cancellation(self, client_id: str) -> Coroutine[Any, Any, None]:
        return self.orders.cancel(client_id)

    def _amendment(
        self, client_id: str, quantity: int, limit: int | None, stop: int | None
    ) -> Coroutine[Any, Any, None]:
        return self.orders.amend(client_id, quantity, limit, stop)
