"""Sending, changing and taking back orders: the same gate, the same journal as at the desk."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from engine.errors import InvalidValue
from engine.gateway.account_reads import OrderAnswer, order_in
from engine.gateway.asking import ORIGIN, Answer, Ask
from engine.gateway.commanding import carried_out, settled, who_asks
from engine.gateway.idempotency import order_id_of
from engine.gateway.order_terms import Number, price_in, requests_of, size_in
from engine.gateway.order_values import Order
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.messages.commands import AmendOrder, CancelOrder, SubmitOrder
from engine.messages.events import Denial
from engine.messages.views import OrderView
from engine.mirror import Mirror
from engine.model.order import OrderRequest

_USED: Final = "duplicate_id"
"""The rule that denies an order whose id was used before."""


class SentAnswer(Struct, frozen=True):
    """What became of the orders so far: one, or two of which one cancels the other."""

    orders: list[Order]


class ChangeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """New terms of a working order; what is left out stays."""

    quantity: Number | None = None
    """The new total, fills included."""
    limit: Number | None = None
    stop: Number | None = None


async def send(parts: Parts, ask: Ask) -> Answer:
    """Send an order, and tell what became of it."""
    mirror = await parts.feed.fresh()
    drafts = requests_of(ask.body, mirror, parts.engine.account_name, parts.read_line)
    requests = _stamped(parts, ask, drafts)
    for request in requests:
        answer = await carried_out(parts, ask, SubmitOrder(request))
        if any(denial.rule == _USED for denial in answer.denials):
            _check_same(request, (await parts.feed.next()).orders.get(request.client_id))
        elif answer.denials and request is requests[0]:
            return _denied(ask, answer.denials)
    for request in requests:
        mirror = await settled(parts, request.client_id)
    return Answer(SentAnswer([order_in(mirror, request.client_id) for request in requests]))


async def change(parts: Parts, ask: Ask) -> Answer:
    """Change a working order, and tell what became of it."""
    body: ChangeBody = ask.body
    order = _open(await parts.feed.fresh(), ask.path["client_id"])
    instrument = parts.feed.mirror.instruments[order.symbol]
    if body == ChangeBody():
        raise Refused(Code.BODY_INVALID, "expected a quantity, a limit or a stop")
    try:
        quantity = None if body.quantity is None else size_in(instrument, body.quantity)
        limit, stop = price_in(instrument, body.limit), price_in(instrument, body.stop)
    except InvalidValue as error:
        raise Refused(Code.BODY_INVALID, str(error)) from None
    command = AmendOrder(order.client_id, quantity, limit, stop, origin=ORIGIN)
    answer = await carried_out(parts, ask, command)
    if answer.denials:
        return _denied(ask, answer.denials)
    return Answer(OrderAnswer(order_in(await settled(parts, order.client_id), order.client_id)))


async def take_back(parts: Parts, ask: Ask) -> Answer:
    """Take an order back, and tell what became of it."""
    order = _open(await parts.feed.fresh(), ask.path["client_id"])
    await carried_out(parts, ask, CancelOrder(order.client_id, origin=ORIGIN))
    return Answer(OrderAnswer(order_in(await settled(parts, order.client_id), order.client_id)))


def _stamped(parts: Parts, ask: Ask, drafts: tuple[OrderRequest, ...]) -> list[OrderRequest]:
    """Give orders their ids, which follow from the key, and their numbers; a pair is one group."""
    first_id = order_id_of(who_asks(ask).name, ask.key)
    stamped = []
    for place, draft in enumerate(drafts):
        _, number = parts.engine.ids.next()
        stamped.append(
            replace(
                draft,
                client_id=first_id if not place else f"{first_id}b",
                number=number,
                origin=ORIGIN,
                group=first_id if len(drafts) > 1 else "",
                correlation=ask.correlation,
            )
        )
    return stamped


def _check_same(request: OrderRequest, sent: OrderView | None) -> None:
    """See that what was sent under this key before the last start is what is asked for now.

    Raises:
        Refused: it is something else.
    """
    if sent is None or (sent.symbol, sent.side, sent.type) != (request.symbol, request.side, request.type):
        raise Refused(Code.KEY_CONFLICT)


def _open(mirror: Mirror, client_id: str) -> OrderView:
    order = mirror.orders.get(client_id)
    if order is None or order.symbol not in mirror.instruments:
        raise Refused(Code.NOT_FOUND, "there is no such order")
    if not order.status.is_open:
        raise Refused(Code.REFUSED, f"order #{order.number} is {order.status.replace('_', ' ')}")
    return order


def _denied(ask: Ask, denials: tuple[Denial, ...]) -> Answer:
    """Answer that it was denied: that is an answer too, which the key is kept with."""
    text = "; ".join(denial.text for denial in denials)
    refused = Refused(Code.ORDER_DENIED, text, reasons=denials)
    return Answer(refused.answer(ask.correlation), refused.meaning.status)
