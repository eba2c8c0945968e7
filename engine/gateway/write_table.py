"""Every route that changes something: a row each, which wants a key."""

from __future__ import annotations

from typing import Any, Final

from engine.gateway.account_reads import (
    AccountAnswer,
    LimitsAnswer,
    OrderAnswer,
    RiskAnswer,
)
from engine.gateway.alarms import AlarmAnswer, SilenceBody, acknowledge, reopen, silence
from engine.gateway.control_writes import (
    ArmBody,
    CancelAllBody,
    DisarmBody,
    FlattenBody,
    LeftAnswer,
    LimitsBody,
    arm,
    cancel_all,
    disarm,
    flatten,
    take_limits,
)
from engine.gateway.order_terms import OrderBody
from engine.gateway.order_writes import ChangeBody, SentAnswer, change, send, take_back
from engine.gateway.refusals import Code
from engine.gateway.routes import ADMINS, RESUMERS, Handle, Route, who_may
from engine.gateway.state_writes import (
    FirmHaltBody,
    FirmResumeBody,
    HaltBody,
    HeldAnswer,
    ResumeBody,
    halt,
    halt_firm,
    reduce_only,
    reduce_only_firm,
    resume,
    resume_firm,
)
from engine.gateway.token_writes import RevokeBody, revoke
from engine.messages.commands import (
    AcknowledgeAlert,
    AmendOrder,
    ArmTrading,
    CancelAll,
    CancelOrder,
    DisarmTrading,
    Flatten,
    ReloadLimits,
    ReopenAlert,
    SetTradingState,
    SilenceAlert,
    SubmitOrder,
)
from engine.security.operators.roles import Role
from engine.security.rates.table import Kind


def _write(
    method: str,
    path: str,
    name: str,
    does: str,
    handle: Handle,
    *,
    roles: frozenset[Role],
    kind: Kind = Kind.ADMIN,
    body: type[Any] | None = None,
    answer: Any = None,
    held: type[Any] | None = None,
    refusals: tuple[Code, ...] = (),
) -> Route:
    """Return the row of what changes something; it wants a key."""
    return Route(
        method=method,
        path=path,
        name=name,
        does=does,
        handle=handle,
        kind=kind,
        roles=roles,
        body=body,
        answer=answer,
        held=held,
        status=200 if answer is not None else 204,
        keyed=True,
        refusals=(Code.UNAVAILABLE, *refusals),
    )


_ABOUT_ONE: Final = (Code.NOT_FOUND, Code.REFUSED)
_BRAKES: Final = who_may(SetTradingState)
_ORDERS: Final = (
    _write(
        "POST",
        "/v1/orders",
        "sendOrder",
        "send orders",
        send,
        roles=who_may(SubmitOrder),
        kind=Kind.ORDERS,
        body=OrderBody,
        answer=SentAnswer,
        refusals=(Code.NOT_FOUND, Code.REFUSED, Code.ORDER_DENIED),
    ),
    _write(
        "PATCH",
        "/v1/orders/{client_id}",
        "changeOrder",
        "change orders",
        change,
        roles=who_may(AmendOrder),
        kind=Kind.ORDERS,
        body=ChangeBody,
        answer=OrderAnswer,
        refusals=(*_ABOUT_ONE, Code.ORDER_DENIED),
    ),
    _write(
        "DELETE",
        "/v1/orders/{client_id}",
        "cancelOrder",
        "take orders back",
        take_back,
        roles=who_may(CancelOrder),
        kind=Kind.WAY_OUT,
        answer=OrderAnswer,
        refusals=_ABOUT_ONE,
    ),
)
_CONTROLS: Final = (
    _write(
        "POST",
        "/v1/cancel-all",
        "cancelAll",
        "take back every order",
        cancel_all,
        roles=who_may(CancelAll),
        kind=Kind.WAY_OUT,
        body=CancelAllBody,
        answer=LeftAnswer,
        refusals=_ABOUT_ONE,
    ),
    _write(
        "POST",
        "/v1/flatten",
        "flatten",
        "flatten",
        flatten,
        roles=who_may(Flatten),
        body=FlattenBody,
        answer=LeftAnswer,
        refusals=_ABOUT_ONE,
    ),
    _write(
        "POST",
        "/v1/arm",
        "arm",
        "arm the account",
        arm,
        roles=who_may(ArmTrading),
        body=ArmBody,
        answer=AccountAnswer,
        refusals=(Code.REFUSED, Code.PROOF_WANTED, Code.LOCKED_OUT),
    ),
    _write(
        "POST",
        "/v1/disarm",
        "disarm",
        "disarm the account",
        disarm,
        roles=who_may(DisarmTrading),
        kind=Kind.WAY_OUT,
        body=DisarmBody,
        answer=AccountAnswer,
        refusals=(Code.REFUSED,),
    ),
    _write(
        "POST",
        "/v1/limits",
        "takeLimits",
        "change the limits",
        take_limits,
        roles=who_may(ReloadLimits),
        body=LimitsBody,
        answer=LimitsAnswer,
        refusals=(Code.REFUSED, Code.PROOF_WANTED, Code.LOCKED_OUT),
    ),
    _write(
        "POST",
        "/v1/revocations",
        "revoke",
        "end the tokens of others",
        revoke,
        roles=ADMINS,
        body=RevokeBody,
    ),
)


def _state(
    path: str, name: str, does: str, handle: Handle, body: type[Any], *, roles: frozenset[Role] = _BRAKES
) -> Route:
    """Return the row of what sets a trading state; what tightens holds at once, whether it is recorded or not."""
    is_about_one = body in {HaltBody, ResumeBody}
    halts = body in {HaltBody, FirmHaltBody}
    return _write(
        "POST",
        path,
        name,
        does,
        handle,
        roles=roles,
        kind=Kind.WAY_OUT if halts else Kind.ADMIN,
        body=body,
        answer=RiskAnswer,
        held=None if roles is RESUMERS else HeldAnswer,
        refusals=(
            *((Code.NOT_FOUND,) if is_about_one else ()),
            Code.REFUSED,
            *((Code.PROOF_WANTED, Code.LOCKED_OUT) if body in {ResumeBody, FirmResumeBody} else ()),
        ),
    )


_FIRM: Final = "at every desk"
_STATES: Final = (
    _state("/v1/halt", "halt", "halt", halt, HaltBody),
    _state("/v1/reduce-only", "reduceOnly", "reduce", reduce_only, ResumeBody),
    _state("/v1/resume", "resume", "let trading go on", resume, ResumeBody, roles=RESUMERS),
    _state("/v1/firm/halt", "haltFirm", f"halt {_FIRM}", halt_firm, FirmHaltBody),
    _state("/v1/firm/reduce-only", "reduceOnlyFirm", f"reduce {_FIRM}", reduce_only_firm, FirmResumeBody),
    _state(
        "/v1/firm/resume",
        "resumeFirm",
        f"let trading go on {_FIRM}",
        resume_firm,
        FirmResumeBody,
        roles=RESUMERS,
    ),
)


def _alarm(
    act: str, does: str, handle: Handle, roles: frozenset[Role], body: type[Any] | None = None
) -> Route:
    """Return the row of an answer to an alert."""
    path = f"/v1/alarms/{{number}}/{act}"
    return _write(
        "POST",
        path,
        f"{act}Alarm",
        does,
        handle,
        roles=roles,
        body=body,
        answer=AlarmAnswer,
        refusals=_ABOUT_ONE,
    )


_ALARMS: Final = (
    _alarm("acknowledge", "acknowledge alerts", acknowledge, who_may(AcknowledgeAlert)),
    _alarm("silence", "silence alerts", silence, who_may(SilenceAlert), SilenceBody),
    _alarm("reopen", "open alerts again", reopen, who_may(ReopenAlert)),
)
WRITES: Final = (*_ORDERS, *_CONTROLS[:2], *_STATES, *_CONTROLS[2:], *_ALARMS)
