"""Each request about an order, from the moment it may leave to what is known of its outcome."""

from __future__ import annotations

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.books import Books
from engine.adapters.alpaca.listings import Listings
from engine.adapters.alpaca.lives import Life, Lives
from engine.adapters.alpaca.names import next_name
from engine.adapters.alpaca.reading import ENDS, filled_units
from engine.adapters.alpaca.refusals import TOO_OFTEN, kind_of, reason_of
from engine.adapters.alpaca.requests import TradingRequests
from engine.adapters.alpaca.telling import Telling
from engine.adapters.alpaca.writing import terms_body
from engine.adapters.rest.outcomes import Outcomes
from engine.clock import Clock
from engine.errors import DataError, NotSentError
from engine.ids import partner_id
from engine.messages.reports import Refusal
from engine.model.order import OrderStatus
from engine.transport.once import Answer

_GOING = "pending_cancel"
_TRIES = 3
"""How often a cancel follows an order that takes another's place meanwhile."""


class OrderRequests:
    """Sends each request once and reports its outcome: refused, not sent, or unknown; what was done, the stream tells."""

    def __init__(
        self,
        requests: TradingRequests,
        books: Books,
        lives: Lives,
        listings: Listings,
        telling: Telling,
        clock: Clock,
        outcomes: Outcomes,
    ) -> None:
        self._requests = requests
        self._books = books
        self._lives = lives
        self._listings = listings
        self._telling = telling
        self._clock = clock
        self._outcomes = outcomes

    async def submit(self, life: Life, body: bytes) -> None:
        """Send an order."""
        try:
            await self._outcomes.of_order(life.client_id, self._submit(life, body))
        finally:
            life.named.set()

    async def submit_pair(self, stop: Life, target: Life, body: bytes) -> None:
        """Send a stop and a target as one order."""
        try:
            request = self._submit_pair(stop, target, body)
            await self._outcomes.of_order(stop.client_id, request, target.client_id)
        finally:
            stop.named.set()
            target.named.set()

    async def cancel(self, client_id: str) -> None:
        """Send a cancel, once the order has a name there."""
        await self._outcomes.of_cancel(client_id, self._named_cancel(client_id))

    async def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        """Send new terms, of which `quantity` counts what was filled before."""
        await self._outcomes.of_amendment(client_id, self._amend(client_id, quantity, limit, stop))

    # Orders

    async def _submit(self, life: Life, body: bytes) -> None:
        answer = await self._requests.submit(body, life.client_id)
        if answer.status != 200:
            kind, reason = kind_of(answer.status, answer.body), reason_of(answer.status, answer.body)
            self._outcomes.reject(life.client_id, reason, kind)
            return
        order = m.read_order(answer.body)
        self._telling.answered(self._lives.of(order), order)

    async def _submit_pair(self, stop: Life, target: Life, body: bytes) -> None:
        answer = await self._requests.submit(body, stop.client_id)
        if answer.status != 200:
            kind, reason = kind_of(answer.status, answer.body), reason_of(answer.status, answer.body)
            for life in (stop, target):
                self._outcomes.reject(life.client_id, reason, kind)
            return
        order = m.read_order(answer.body)
        self._telling.answered(self._lives.of(order), order)
        if not stop.current:
            raise DataError(f"expected the stop of {target.client_id}")
        self._telling.meet(stop)

    # Cancels

    async def _named_cancel(self, client_id: str) -> None:
        life = self._lives.named(client_id)
        if life is not None:
            await life.named.wait()
        if life is None or not life.current:
            life = await self._look(client_id)
        if life is None:
            self._outcomes.refuse(client_id, "Alpaca knows no such order", Refusal.UNKNOWN_ORDER)
            return
        self._telling.meet(life)
        async with life.turn:
            await self._cancel(life)

    async def _look(self, client_id: str) -> Life | None:
        """Return the life of an order that is not known here, None where Alpaca knows none."""
        for name in (client_id, partner_id(client_id)):
            order = _order(await self._requests.find_for_cancel(name)) if name else None
            if order is not None:
                self._lives.take_whole(order)
                life = self._lives.named(client_id)
                return life if life is not None and life.current else self._lives.of(order)
        return None

    async def _cancel(self, life: Life) -> None:
        for _ in range(_TRIES):
            current = life.current
            answer = await self._requests.cancel(current, life.client_id)
            if answer.status in {200, 204}:
                return  # asked for; that it is done, the stream tells
            if answer.status == TOO_OFTEN:
                raise NotSentError(reason_of(answer.status, answer.body))
            if answer.status == 404:
                self._refuse_for(life, answer)
                return
            if not await self._follow(life, current):
                self._not_cancelled(life, answer)
                return

    async def _follow(self, life: Life, venue_id: str) -> bool:
        """Look why a cancel was refused; tell whether the order has another id by now."""
        order = _order(await self._requests.look(venue_id, life.client_id))
        if order is not None:
            self._telling.answered(life, order)
            if order.status == m.REPLACED and order.replaced_by and life.current == venue_id:
                following = _order(await self._requests.look(order.replaced_by, life.client_id))
                if following is not None:
                    self._telling.answered(self._lives.of(following), following)
        return life.current != venue_id

    def _not_cancelled(self, life: Life, answer: Answer) -> None:
        """Say that a cancel was refused, unless the order has ended without fills, which was told."""
        status = _status(life)
        if status == _GOING or self._goes_along(life):
            return
        if ENDS.get(status, OrderStatus.FILLED) is OrderStatus.FILLED:
            self._refuse_for(life, answer)

    def _goes_along(self, life: Life) -> bool:
        """Whether an order that may still trade is taken back with what it was sent together with."""
        partner = self._lives.named(partner_id(life.client_id)) if life.group else None
        return _status(life) not in ENDS and partner is not None and _status(partner) in {_GOING, "canceled"}

    # Amendments

    async def _amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        life = await self._known(client_id)
        if life is None:
            self._outcomes.refuse(client_id, "Alpaca knows no such order", Refusal.UNKNOWN_ORDER)
            return
        self._telling.meet(life)
        async with life.turn:
            await self._change(life, quantity, limit, stop)

    async def _known(self, client_id: str) -> Life | None:
        life = self._lives.named(client_id)
        if life is not None:
            await life.named.wait()
            if life.current:
                return life
        order = await self._requests.order_named(client_id)
        if order is None:
            return None
        return await self._books.life_of(order)

    async def _change(self, life: Life, quantity: int, limit: int | None, stop: int | None) -> None:
        order = life.order
        assert order is not None
        instrument = await self._listings.get(order.symbol, order.asset_id)
        filled = filled_units(instrument, (order, *life.before()))
        if quantity <= filled:
            self._outcomes.refuse(life.client_id, f"{instrument.size(filled):f} of it are filled already")
            return
        name = next_name(life.client_id, self._clock.now_ns())
        body = terms_body(name, instrument, quantity - filled, limit, stop)
        answer = await self._requests.change(life.current, body, life.client_id)
        if answer.status != 200:
            self._refuse_for(life, answer)
            return
        following = m.read_order(answer.body)
        self._telling.answered(self._lives.of(following), following)

    def _refuse_for(self, life: Life, answer: Answer) -> None:
        reason, kind = reason_of(answer.status, answer.body), kind_of(answer.status, answer.body)
        self._outcomes.refuse(life.client_id, reason, kind)


def _status(life: Life) -> str:
    return life.order.status if life.order is not None else ""


def _order(answer: Answer) -> m.OrderText | None:
    """Return the order of an answer, None where there is none.

    Raises:
        DataError: it can't be read.
    """
    return m.read_order(answer.body) if answer.status == 200 else None
