"""Says commands to the engine in the name of who asks, and waits a bounded time for what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from engine.clock import NS_PER_S
from engine.errors import TransientError
from engine.gateway.asking import ORIGIN, Ask, Who
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.messages.commands import Command
from engine.messages.senders import CommandAnswer, Sender, Verdict
from engine.messages.views import OrderView
from engine.mirror import Mirror
from engine.model.order import OrderStatus
from engine.ports.secrets import SecretsError
from engine.security.operators.lockout import LockedOut
from engine.security.operators.sign_in import SignInRefused

PATIENCE_S: Final = 5.0
"""How long the engine may take to carry a command out."""
RECORDED_S = 1.0
"""How long it may take to write down what holds already."""
WAIT_S = 2.0
"""How long to wait for what a venue makes of an order; what is not known by then is told as it stands."""
_LOOK_S: Final = 0.02
_CODES: Final = {
    Verdict.REFUSED: Code.REFUSED,
    Verdict.NOT_ALLOWED: Code.FORBIDDEN,
    Verdict.PROOF_WANTED: Code.PROOF_WANTED,
}
UNDERWAY: Final = frozenset(
    {OrderStatus.PENDING_NEW, OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE}
)


def who_asks(ask: Ask) -> Who:
    """Return the operator of a request that has one."""
    assert ask.who is not None, "a route that commands has roles"
    return ask.who


async def carried_out(parts: Parts, ask: Ask, command: Command, *, proven: bool = False) -> CommandAnswer:
    """Have a command carried out; what of it was denied is in the answer, and whether it holds and is still to be recorded.

    Raises:
        Refused: it can't be done now, or not by this operator.
        TransientError: the engine does not answer; whether it was carried out is not known.
    """
    who = who_asks(ask)
    sender = Sender(who.name, who.role.value, ORIGIN, proven, ask.correlation)
    answer = await _said(parts, command, sender)
    if answer.verdict not in {Verdict.DONE, Verdict.HELD}:
        raise Refused(_CODES[answer.verdict], answer.text)
    return answer


async def _said(parts: Parts, command: Command, sender: Sender) -> CommandAnswer:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[CommandAnswer] = loop.create_future()

    def take(answer: CommandAnswer) -> None:
        if not answered.done():
            answered.set_result(answer)

    def tell(answer: CommandAnswer) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(take, answer)

    holds = parts.engine.carry_out(command, sender, tell)
    try:
        return await asyncio.wait_for(answered, RECORDED_S if holds else PATIENCE_S)
    except TimeoutError:
        if holds:
            return CommandAnswer(Verdict.HELD)
        raise TransientError("the engine does not answer") from None


async def settled(parts: Parts, client_id: str) -> Mirror:
    """Return what is known once the venue answered about an order, or the wait is over.

    Raises:
        TransientError: the engine does not answer.
    """
    return await until(parts, lambda mirror: not _is_underway(mirror.orders.get(client_id)))


async def until(parts: Parts, is_so: Callable[[Mirror], bool]) -> Mirror:
    """Return what is known once something is so, or the wait is over.

    Raises:
        TransientError: the engine does not answer.
    """
    until_ns = parts.clock.monotonic_ns() + int(WAIT_S * NS_PER_S)
    mirror = await parts.feed.next()
    while not is_so(mirror) and parts.clock.monotonic_ns() < until_ns:
        await asyncio.sleep(_LOOK_S)
        mirror = await parts.feed.fresh()
    return mirror


async def prove(parts: Parts, ask: Ask, password: str | None, code: str) -> bool:
    """Judge the password of who asks, where one was given; tell whether one was.

    Raises:
        Refused: it is wrong, or too many were.
    """
    if password is None:
        return False
    try:
        await parts.sign_in.attempt_soon(who_asks(ask).name, password, code, ask.origin)
    except LockedOut as error:
        raise Refused(
            Code.LOCKED_OUT, str(error), headers={"Retry-After": str(error.retry_after_s)}
        ) from None
    except SignInRefused:
        raise Refused(Code.PROOF_WANTED, "the password or the code is wrong") from None
    except SecretsError:
        raise Refused(Code.UNAVAILABLE) from None
    return True


def _is_underway(order: OrderView | None) -> bool:
    return order is not None and order.status in UNDERWAY
