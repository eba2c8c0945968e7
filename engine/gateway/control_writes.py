"""The way out and back: taking back everything, flattening, halting, letting trading go on, arming."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from engine.gateway.account_reads import RiskAnswer, account, risk_in
from engine.gateway.account_values import risk_of
from engine.gateway.asking import ORIGIN, Answer, Ask
from engine.gateway.commanding import carried_out, prove, until
from engine.gateway.order_terms import Strategy
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.gateway.symbols import Name
from engine.messages.commands import (
    ArmTrading,
    CancelAll,
    DisarmTrading,
    Flatten,
    SetTradingState,
    TradingState,
)
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


class HaltBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Why, and what: everything, one symbol, or one strategy."""

    reason: Reason
    symbol: Name | None = None
    strategy: Strategy | None = None


class ResumeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Why and what; a password, and a code where there is one, prove who asks."""

    reason: Reason
    symbol: Name | None = None
    strategy: Strategy | None = None
    password: Password | None = None
    code: CodeText = ""

    def __repr__(self) -> str:
        return "ResumeBody(hidden)"


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


class LeftAnswer(Struct, frozen=True):
    """What was asked for, and what is left of it; the rest goes on."""

    working: int
    """How many orders may still trade."""
    flattening: int
    """Of how many symbols the flatten is not over."""


async def cancel_all(parts: Parts, ask: Ask) -> Answer:
    """Ask to take back every open order, and tell what is left."""
    body: CancelAllBody = ask.body
    symbol = _scope(await parts.feed.fresh(), body.symbol, body.strategy)
    await carried_out(parts, ask, CancelAll(symbol, ORIGIN, body.strategy or ""))

    def left(mirror: Mirror) -> LeftAnswer:
        return _left(mirror, symbol, body.strategy)

    return Answer(left(await until(parts, lambda mirror: not left(mirror).working)))


async def flatten(parts: Parts, ask: Ask) -> Answer:
    """Ask to cancel and close, and tell what is left."""
    body: FlattenBody = ask.body
    if (body.symbol is not None) == body.everything:
        raise Refused(Code.BODY_INVALID, "expected a symbol, or everything: true")
    symbol = _scope(await parts.feed.fresh(), body.symbol, None)
    await carried_out(parts, ask, Flatten(symbol, ORIGIN))

    def left(mirror: Mirror) -> LeftAnswer:
        return _left(mirror, symbol, None)

    return Answer(left(await until(parts, lambda mirror: left(mirror) == LeftAnswer(0, 0))))


async def halt(parts: Parts, ask: Ask) -> Answer:
    """Let no new order leave."""
    body: HaltBody = ask.body
    return await _set(parts, ask, TradingState.HALTED, body.reason, body.symbol, body.strategy)


async def reduce_only(parts: Parts, ask: Ask) -> Answer:
    """Let only orders leave that make a position smaller."""
    body: ResumeBody = ask.body
    proven = await prove(parts, ask, body.password, body.code)
    return await _set(
        parts, ask, TradingState.REDUCING, body.reason, body.symbol, body.strategy, proven=proven
    )


async def resume(parts: Parts, ask: Ask) -> Answer:
    """Let trading go on."""
    body: ResumeBody = ask.body
    proven = await prove(parts, ask, body.password, body.code)
    return await _set(parts, ask, TradingState.ACTIVE, body.reason, body.symbol, body.strategy, proven=proven)


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


async def _set(
    parts: Parts,
    ask: Ask,
    state: TradingState,
    reason: str,
    name: str | None,
    strategy: str | None,
    *,
    proven: bool = False,
) -> Answer:
    symbol = _scope(await parts.feed.fresh(), name, strategy)
    command = SetTradingState(state, clean(reason), symbol, strategy or "", origin=ORIGIN)
    await carried_out(parts, ask, command, proven=proven)
    return Answer(RiskAnswer(risk_of(risk_in(await parts.feed.next()))))


def _scope(mirror: Mirror, name: str | None, strategy: str | None) -> Symbol | None:
    """Return the symbol that is meant; a slip of the finger must not look like a halt.

    Raises:
        Refused: there is none of that name, or a strategy is meant besides.
    """
    if name is None:
        return None
    if strategy is not None:
        raise Refused(Code.BODY_INVALID, "expected a symbol or a strategy, not both")
    symbol, risk = Symbol(name), mirror.risk
    held_back = (*risk.halted_symbols, *risk.reducing_symbols) if risk is not None else ()
    if symbol not in mirror.instruments and symbol not in held_back:
        raise Refused(Code.NOT_FOUND, "there is no such symbol")
    return symbol


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
