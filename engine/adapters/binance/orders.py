"""Each request about an order at Binance, from the moment it may leave to what is known of its outcome."""

from __future__ import annotations

from collections.abc import Mapping

from engine.adapters.binance import account_messages as m
from engine.adapters.binance.account_reading import ENDS, order_of
from engine.adapters.binance.account_requests import AccountRequests
from engine.adapters.binance.known import KnownOrder, KnownOrders
from engine.adapters.binance.pairs import Pairs
from engine.adapters.binance.refusals import WRONG_TIME, code_of, kind_of, reason_of
from engine.adapters.binance.stock import Stocktaker
from engine.adapters.binance.telling import Telling
from engine.adapters.binance.writing import smaller_terms
from engine.adapters.rest.outcomes import Outcomes
from engine.adapters.units import size_units
from engine.clock import Clock
from engine.errors import AdapterError, DataError, NotSentError
from engine.messages.reports import Refusal
from engine.messages.stock import BrokerOrder
from engine.model.ability_table import ABILITIES
from engine.model.instrument import Instrument
from engine.model.order import OrderStatus
from engine.transport.once import Answer

NO_SUCH_ORDER = "Binance knows no such order"
_TOO_OFTEN = frozenset({418, 429})


class OrderRequests:
    """Sends each request once and reports its outcome: refused, not sent, or unknown; what was done, the stream tells."""

    def __init__(
        self,
        requests: AccountRequests,
        orders: KnownOrders,
        pairs: Pairs,
        stocktaker: Stocktaker,
        telling: Telling,
        clock: Clock,
        outcomes: Outcomes,
    ) -> None:
        self._requests = requests
        self._orders = orders
        self._pairs = pairs
        self._stocktaker = stocktaker
        self._telling = telling
        self._clock = clock
        self._outcomes = outcomes

    async def submit(self, order: KnownOrder, terms: Mapping[str, str]) -> None:
        """Send an order."""
        try:
            await self._outcomes.of_order(order.client_id, self._submit(order, terms))
        finally:
            order.named.set()

    async def submit_pair(self, stop: KnownOrder, target: KnownOrder, terms: Mapping[str, str]) -> None:
        """Send a stop and a target as one list."""
        try:
            request = self._submit_pair(stop, target, terms)
            await self._outcomes.of_order(stop.client_id, request, target.client_id)
        finally:
            stop.named.set()
            target.named.set()

    async def refuse_again(self, *client_ids: str) -> None:
        """Refuse orders whose id was used before: Binance would take it once the first one has ended."""
        for each in client_ids:
            self._outcomes.reject(each, "not sent: an order of that id was sent before", Refusal.DUPLICATE_ID)

    async def cancel(self, client_id: str) -> None:
        """Send a cancel, once the order has a name there."""
        await self._outcomes.of_cancel(client_id, self._cancel(client_id))

    async def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        """Make an order smaller, where that is all that is asked; `quantity` counts what was filled before."""
        await self._outcomes.of_amendment(client_id, self._amend(client_id, quantity, limit, stop))

    async def _submit(self, order: KnownOrder, terms: Mapping[str, str]) -> None:
        answer = await self._requests.submit(terms, order.client_id)
        if answer.status == 200:
            accepted = m.read_accepted(answer.body)
            named = self._orders.of(accepted.symbol, accepted.order_id, order.client_id)
            self._telling.accepted(named, accepted.transact_time)
            return
        await self._refused(answer, order)

    async def _submit_pair(self, stop: KnownOrder, target: KnownOrder, terms: Mapping[str, str]) -> None:
        answer = await self._requests.submit_pair(terms, stop.client_id)
        if answer.status != 200:
            await self._refused(answer, stop, target)
            return
        accepted = m.read_accepted_list(answer.body)
        for each in accepted.orders:
            named = self._orders.of(each.symbol, each.order_id, each.client_order_id)
            self._telling.accepted(named, accepted.transaction_time)
        if not (stop.order_id and target.order_id):
            raise DataError(f"expected {stop.client_id} and {target.client_id} in the list")

    async def _refused(self, answer: Answer, *orders: KnownOrder) -> None:
        for each in orders:
            self._outcomes.reject(each.client_id, reason_of(answer.status, answer.body), kind_of(answer.body))
        if code_of(answer.body) == WRONG_TIME:
            await self._measure()

    async def _measure(self) -> None:
        """Learn the time anew; what this is for was answered already."""
        try:
            await self._requests.measure()
        except (AdapterError, DataError):
            return  # the next comparison measures it again

    # Cancels

    async def _cancel(self, client_id: str) -> None:
        order = await self._named(client_id)
        if order is None:
            self._outcomes.refuse(client_id, NO_SUCH_ORDER, Refusal.UNKNOWN_ORDER)
            return
        answer = await self._requests.cancel(order.identity, client_id)
        if answer.status == 200:
            return  # that it is done, the stream tells
        _check_sent(answer)
        if not await self._is_gone(order):
            self._refuse_for(client_id, answer)

    async def _is_gone(self, order: KnownOrder) -> bool:
        """Look why a cancel was refused; tell whether the order ended without being filled, which the stream tells."""
        answer = await self._requests.look(order.identity, order.client_id)
        if answer.status != 200:
            _check_sent(answer)
            self._refuse_for(order.client_id, answer)
            return True
        status = ENDS.get(m.read_order(answer.body).status, OrderStatus.FILLED)
        return status is not OrderStatus.FILLED

    async def _named(self, client_id: str) -> KnownOrder | None:
        """Return an order once its name at Binance is known; one of a desk before this is searched in every pair."""
        order = self._orders.named(client_id)
        if order is not None:
            await order.named.wait()
        else:
            order = await self._stocktaker.find(client_id)
        if order is not None:
            self._telling.meet(order)
        return order

    # Amendments

    async def _amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        order = await self._named(client_id)
        if order is None:
            self._outcomes.refuse(client_id, NO_SUCH_ORDER, Refusal.UNKNOWN_ORDER)
            return
        answer = await self._requests.look(order.identity, order.client_id)
        if answer.status != 200:
            _check_sent(answer)
            self._refuse_for(client_id, answer)
            return
        told = m.read_order(answer.body)
        instrument = await self._pairs.get(told.symbol)
        now = order_of(told, client_id, instrument)
        if reason := _unchangeable(now, instrument, quantity, limit, stop):
            self._outcomes.refuse(client_id, reason)
            return
        await self._make_smaller(order, told, instrument, quantity)

    async def _make_smaller(
        self, order: KnownOrder, told: m.OrderText, instrument: Instrument, quantity: int
    ) -> None:
        terms = smaller_terms(told.symbol, told.order_id, told.client_order_id, instrument.size(quantity))
        answer = await self._requests.make_smaller(terms, order.client_id)
        if answer.status != 200:
            _check_sent(answer)
            self._refuse_for(order.client_id, answer)
            return
        amended = m.read_amended(answer.body).amended_order
        now = order_of(told, order.client_id, instrument)
        size = quantity if amended is None else size_units(instrument, amended.qty)
        self._telling.has_terms(order, (size, now.limit, now.stop), self._clock.now_ns())

    def _refuse_for(self, client_id: str, answer: Answer) -> None:
        self._outcomes.refuse(client_id, reason_of(answer.status, answer.body), kind_of(answer.body))


def _unchangeable(
    now: BrokerOrder, instrument: Instrument, quantity: int, limit: int | None, stop: int | None
) -> str:
    """Say what of new terms Binance can't do to an order that works; empty for a smaller size alone."""
    prices_change = limit not in {None, now.limit} or stop not in {None, now.stop}
    taken = ABILITIES["binance"].of(instrument.asset_class)
    if reason := taken.amend_objection(prices_change=prices_change, grows=quantity >= now.quantity):
        return reason
    if quantity <= now.filled:
        return f"{instrument.size(now.filled):f} of it are filled already"
    return ""


def _check_sent(answer: Answer) -> None:
    """Raise NotSentError for what was not looked at, and may be asked again."""
    if answer.status in _TOO_OFTEN or code_of(answer.body) == WRONG_TIME:
        raise NotSentError(reason_of(answer.status, answer.body))
