"""Each request about an order, from the moment it may leave to what is known of its outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from engine.adapters.ib.contracts import Contracts
from engine.adapters.ib.link import IbLink
from engine.adapters.ib.lives import CANCEL, ORDER, TERMS, Life, Lives
from engine.adapters.ib.reading import Terms
from engine.adapters.ib.stock import Stocktaker
from engine.adapters.ib.telling import Telling
from engine.adapters.ib.writing import order_for, order_with
from engine.adapters.rest.outcomes import Outcomes
from engine.errors import AdapterError, DataError, NotSentError, TransientError
from engine.messages.circuits import Operation
from engine.messages.reports import Refusal
from engine.model.instrument import Instrument
from engine.model.order import OrderRequest
from engine.transport.breaker import Breaker

_UNKNOWN = "Interactive Brokers knows no such order of today"


class OrderRequests:
    """Sends each request once and sees that it is answered; what the answer is, the telling reports."""

    def __init__(
        self,
        link: IbLink,
        lives: Lives,
        contracts: Contracts,
        stocktaker: Stocktaker,
        telling: Telling,
        outcomes: Outcomes,
        circuits: Mapping[Operation, Breaker],
    ) -> None:
        self._link = link
        self._lives = lives
        self._contracts = contracts
        self._stocktaker = stocktaker
        self._telling = telling
        self._outcomes = outcomes
        self._circuits = circuits

    async def submit(self, life: Life, request: OrderRequest, instrument: Instrument) -> None:
        """Send an order."""
        try:
            await self._outcomes.of_order(life.client_id, self._submit(life, request, instrument))
        finally:
            life.named.set()

    async def refuse_again(self, client_id: str) -> None:
        """Refuse an order of an id that was used: Interactive Brokers itself would take it."""
        reason = f"not sent: an order of the id {client_id} was sent before"
        self._outcomes.reject(client_id, reason, Refusal.DUPLICATE_ID)

    async def cancel(self, client_id: str) -> None:
        """Send a cancel, once the order has a number."""
        await self._outcomes.of_cancel(client_id, self._cancel(client_id))

    async def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        """Send new terms."""
        await self._outcomes.of_amendment(client_id, self._amend(client_id, quantity, limit, stop))

    # Orders

    async def _submit(self, life: Life, request: OrderRequest, instrument: Instrument) -> None:
        contract = await self._contract(request)
        order = order_for(request, instrument, self._stocktaker.number)

        def send() -> None:
            client = self._link.client
            self._lives.number(life, client.getReqId())
            client.placeOrder(life.order_id, contract, order)

        await self._circuits[Operation.SUBMIT].call(lambda: self._asked(life, ORDER, send), life.client_id)

    async def _contract(self, request: OrderRequest) -> object:
        """Return the contract of an order; where that can't be had, nothing was sent."""
        try:
            return await self._contracts.contract(self._link, request.symbol)
        except (AdapterError, DataError) as error:
            raise NotSentError(str(error)) from error

    async def _asked(self, life: Life, what: str, send: Callable[[], None]) -> None:
        """Send, and wait for the answer.

        Raises:
            AdapterError: it did not leave, or the answer did not come.
        """
        answer = life.asked[what] = asyncio.get_running_loop().create_future()
        try:
            send()
            await self._link.patience(answer)
        finally:
            life.asked.pop(what, None)

    def lost(self, reason: str) -> None:
        """Let everybody know who waits that no answer comes any more."""
        for life in self._lives.waiting():
            for answer in life.asked.values():
                if not answer.done():
                    answer.set_exception(TransientError(reason))

    # Cancels

    async def _cancel(self, client_id: str) -> None:
        life = await self._numbered(client_id)
        if life is None:
            await self._refuse(client_id)
            return
        await self._circuits[Operation.CANCEL].call(
            lambda: self._asked(life, CANCEL, lambda: self._link.client.cancelOrder(life.order_id)),
            life.client_id,
        )

    async def _numbered(self, client_id: str) -> Life | None:
        """Return an order that can be spoken of on our connection, None where there is none."""
        life = self._lives.named(client_id)
        if life is not None and life.known:
            await life.named.wait()
        if life is None or not life.order_id:
            await self._stocktaker.find(client_id)
            life = self._lives.named(client_id)
        if life is None or not life.order_id:
            return None
        self._telling.meet(life)
        return life

    async def _refuse(self, client_id: str) -> None:
        told = await self._stocktaker.find(client_id)
        if told is None:
            self._outcomes.refuse(client_id, _UNKNOWN, Refusal.UNKNOWN_ORDER)
        elif told.ended_ns:
            self._outcomes.refuse(client_id, f"it is {told.state} already")
        else:
            where = f"connection {told.order.clientId}" if told.order.clientId else "TWS"
            self._outcomes.refuse(client_id, f"it was placed over {where}: only there it can be changed")

    # Amendments

    async def _amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        life = await self._numbered(client_id)
        if life is None:
            await self._refuse(client_id)
            return
        async with life.turn:
            if life.order is None or life.instrument is None:
                await self._stocktaker.find(client_id)
            await self._change(life, quantity, limit, stop)

    async def _change(self, life: Life, quantity: int, limit: int | None, stop: int | None) -> None:
        order, instrument, terms = life.order, life.instrument, life.terms
        if order is None or instrument is None or terms is None:
            self._outcomes.refuse(life.client_id, "its terms are not known")
            return
        contract = await self._contracts.contract(self._link, instrument.symbol)
        changed = order_with(order, instrument, quantity, limit, stop)
        life.wanted = Terms(
            quantity,
            terms.limit if limit is None else limit,
            terms.stop if stop is None else stop,
        )
        await self._circuits[Operation.SUBMIT].call(
            lambda: self._asked(
                life, TERMS, lambda: self._link.client.placeOrder(life.order_id, contract, changed)
            ),
            life.client_id,
        )
