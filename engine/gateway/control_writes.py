"""The way out: taking back everything, flattening, disarming; and arming again."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from engine.gateway.account_reads import account, limits
from engine.gateway.asking import ORIGIN, Answer, Ask
from engine.gateway.commanding import carried_out, prove, until
from engine.gateway.order_terms import Strategy
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.gateway.scopes import scope
from engine.gateway.symbols import Name
from engine.messages.commands import ArmTrading, CancelAll, DisarmTrading, Flatten, ReloadLimits
from engine.mirror import Mirror
from engine.model.instrument import Symbol
from engine.model.text import clean

Reason = Annotated[str, Meta(min_length=1, max_length=200)]
Password = Annotated[str, Meta(min_length=1, max_length=1_024)]
CodeText = Annotated[str, Meta(max_length=16)]


class CancelAllBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose orders: everything, one symbol's, or one strategy's."""

    symbol: Name | None = None
    strategy: Strategy | None = None


class FlattenBody(Struct, frozen=True, forbid_unknown_fields=True):
    """One symbol, or everything, which has to be said."""

    symbol: Name | None = None
    everything: bool = False


class ArmBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The account's name; a password, and a code where there is one, prove who asks."""

    account: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Password
    code: CodeText = ""

    def __repr__(self) -> str:
        return "ArmBody(hidden)"


class DisarmBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: Reason


class LimitsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A password, and a code where there is one, prove who asks, where the file is looser than what is in force."""

    password: Password | None = None
    code: CodeText = ""

    def __repr__(self) -> str:
        return "LimitsBody(hidden)"


class LeftAnswer(Struct, frozen=True):
    """What was asked for, and what is left of it; the rest goes on."""

    working: int
    """How many orders may still trade."""
    flattening: int
    """Of how many symbols the flatten is not over."""


async def cancel_all(parts: Parts, ask: Ask) -> Answer:
    """Ask to take back every open order, and tell what is left."""
    body: CancelAllBody = ask.body
    symbol = await scope(parts, body.symbol, body.strategy)
    await carried_out(parts, ask, CancelAll(symbol, ORIGIN, body.strategy or ""))

    def left(mirror: Mirror) -> LeftAnswer:
        return _left(mirror, symbol, body.strategy)

    return Answer(left(await until(parts, lambda mirror: not left(mirror).working)))


async def flatten(parts: Parts, ask: Ask) -> Answer:
    """Ask to cancel and close, and tell what is left."""
    body: FlattenBody = ask.body
    if (body.symbol is not None) == body.everything:
        raise Refused(Code.BODY_INVALID, "expected a symbol, or everything: true")
    symbol = await scope(parts, body.symbol, None)
    await carried_out(parts, ask, Flatten(symbol, ORIGIN))

    def left(mirror: Mirror) -> LeftAnswer:
        return _left(mirror, symbol, None)

    return Answer(left(await until(parts, lambda mirror: left(mirror) == LeftAnswer(0, 0))))


async def arm(parts: Parts, ask: Ask) -> Answer:
    """Let orders leave that open."""
    body: ArmBody = ask.body
    proven = await prove(parts, ask, body.password, body.code)
    await carried_out(parts, ask, ArmTrading(body.account, origin=ORIGIN), proven=proven)
    mirror = await parts.feed.next()
    if mirror.arming is not None and not mirror.arming.armed:
        raise Refused(Code.REFUSED, mirror.arming.refusal or mirror.arming.reason)
    return await account(parts, ask)


async def disarm(parts: Parts, ask: Ask) -> Answer:
    """Let only orders leave that reduce."""
    body: DisarmBody = ask.body
    await carried_out(parts, ask, DisarmTrading(clean(body.reason), origin=ORIGIN))
    await parts.feed.next()
    return await account(parts, ask)


async def take_limits(parts: Parts, ask: Ask) -> Answer:
    """Put in force what the limits file says now."""
    body: LimitsBody = ask.body
    proven = await prove(parts, ask, body.password, body.code)
    await carried_out(parts, ask, ReloadLimits(), proven=proven)
    await parts.feed.next()
    return await limits(parts, ask)


def _left(mirror: Mirror, symbol: Symbol | None, strategy: str | None) -> LeftAnswer:
    working = [
        order
        for order in mirror.working
        if symbol in {None, order.symbol} and strategy in {None, order.strategy}
    ]
    exits = mirror.exits
    flattening = (
        [each for each in exits.flattening if symbol in {None, each.symbol}] if exits is not None else []
    )
    return LeftAnswer(len(working), len(flattening))
