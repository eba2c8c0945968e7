"""Halting, letting only what reduces leave, letting trading go on: here, or at every desk."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from engine.gateway.account_reads import RiskAnswer, risk_in
from engine.gateway.account_values import risk_of
from engine.gateway.asking import ORIGIN, Answer, Ask
from engine.gateway.commanding import carried_out, prove, until
from engine.gateway.control_writes import CodeText, Password, Reason
from engine.gateway.order_terms import Strategy
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.gateway.scopes import scope
from engine.gateway.symbols import Name
from engine.messages.commands import SetTradingState, TradingState
from engine.messages.senders import Verdict
from engine.model.instrument import Symbol
from engine.model.text import clean

_HELD: Final = "in force from now on; the engine does not answer, so it is not in the journal yet"


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


class FirmHaltBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Why; it is about everything at every desk."""

    reason: Reason


class FirmResumeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Why; a password, and a code where there is one, prove who asks."""

    reason: Reason
    password: Password | None = None
    code: CodeText = ""

    def __repr__(self) -> str:
        return "FirmResumeBody(hidden)"


class HeldAnswer(Struct, frozen=True):
    """It holds from now on, and the engine, which does not answer, has not recorded it yet."""

    state: TradingState
    text: str


async def halt(parts: Parts, ask: Ask) -> Answer:
    """Let no new order leave."""
    body: HaltBody = ask.body
    symbol = await scope(parts, body.symbol, body.strategy)
    return await _set(parts, ask, _said(TradingState.HALTED, body, symbol, body.strategy or ""))


async def reduce_only(parts: Parts, ask: Ask) -> Answer:
    """Let only orders leave that make a position smaller."""
    return await _go_on(parts, ask, TradingState.REDUCING)


async def resume(parts: Parts, ask: Ask) -> Answer:
    """Let trading go on."""
    return await _go_on(parts, ask, TradingState.ACTIVE)


async def halt_firm(parts: Parts, ask: Ask) -> Answer:
    """Let no new order leave any desk."""
    return await _set(parts, ask, _said(TradingState.HALTED, ask.body, firm=True))


async def reduce_only_firm(parts: Parts, ask: Ask) -> Answer:
    """Let only orders leave any desk that make a position smaller."""
    return await _go_on_firm(parts, ask, TradingState.REDUCING)


async def resume_firm(parts: Parts, ask: Ask) -> Answer:
    """Let trading go on at every desk."""
    return await _go_on_firm(parts, ask, TradingState.ACTIVE)


async def _go_on(parts: Parts, ask: Ask, state: TradingState) -> Answer:
    body: ResumeBody = ask.body
    proven = await prove(parts, ask, body.password, body.code)
    symbol = await scope(parts, body.symbol, body.strategy)
    return await _set(parts, ask, _said(state, body, symbol, body.strategy or ""), proven=proven)


async def _go_on_firm(parts: Parts, ask: Ask, state: TradingState) -> Answer:
    body: FirmResumeBody = ask.body
    proven = await prove(parts, ask, body.password, body.code)
    return await _set(parts, ask, _said(state, body, firm=True), proven=proven)


def _said(
    state: TradingState,
    body: HaltBody | ResumeBody | FirmHaltBody | FirmResumeBody,
    symbol: Symbol | None = None,
    strategy: str = "",
    *,
    firm: bool = False,
) -> SetTradingState:
    return SetTradingState(state, clean(body.reason), symbol, strategy, ORIGIN, firm)


async def _set(parts: Parts, ask: Ask, command: SetTradingState, *, proven: bool = False) -> Answer:
    """Have a state set, and tell how the risk stands then; of every desk's, once the others have it.

    Raises:
        Refused: as a command is, or the other desks can't be told.
        TransientError: the engine does not answer.
    """
    answer = await carried_out(parts, ask, command, proven=proven)
    if answer.verdict is Verdict.HELD:
        return Answer(HeldAnswer(command.state, _HELD), status=202)
    if not command.firm:
        return Answer(RiskAnswer(risk_of(risk_in(await parts.feed.next()))))
    risk = risk_in(await until(parts, lambda mirror: risk_in(mirror).firm.state is command.state))
    if risk.firm.state is not command.state:
        found = f"every desk is still {risk.firm.state}: {risk.firm.reason}".rstrip(": ")
        raise Refused(Code.REFUSED, f"{found}; the alerts of this desk say why")
    return Answer(RiskAnswer(risk_of(risk)))
