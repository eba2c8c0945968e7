"""Every route that changes something: a row each, which wants a key."""

from __future__ import annotations

from typing import Any, Final

from engine.gateway.account_reads import (
    AccountAnswer,
    OrderAnswer,
    RiskAnswer,
)
from engine.gateway.control_writes import (
    ArmBody,
    CancelAllBody,
    DisarmBody,
    FlattenBody,
    HaltBody,
    LeftAnswer,
    ResumeBody,
    arm,
    cancel_all,
    disarm,
    flatten,
    halt,
    reduce_only,
    resume,
)
from engine.gateway.order_terms import OrderBody
from engine.gateway.order_writes import ChangeBody, SentAnswer, change, send, take_back
from engine.gateway.refusals import Code
from engine.gateway.routes import ADMINS, RESUMERS, Handle, Route, who_may
from engine.gateway.token_writes import RevokeBody, revoke
from engine.messages.commands import (
    AmendOrder,
    ArmTrading,
    CancelAll,
    CancelOrder,
    DisarmTrading,
    Flatten,
    SetTradingState,
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
        status=200 if answer is not None else 204,
        keyed=True,
        refusals=(Code.UNAVAILABLE, *refusals),
    )


_ABOUT_ONE: Final = (Code.NOT_FOUND, Code.REFUSED)
_LOOSENS: Final = (Code.NOT_FOUND, Code.REFUSED, Code.PROOF_WANTED, Code.LOCKED_OUT)
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
        kind=Kind.ORDERS,
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
        "/v1/halt",
        "halt",
        "halt",
        halt,
        roles=who_may(SetTradingState),
        body=HaltBody,
        answer=RiskAnswer,
        refusals=_ABOUT_ONE,
    ),
    _write(
        "POST",
        "/v1/reduce-only",
        "reduceOnly",
        "reduce",
        reduce_only,
        roles=who_may(SetTradingState),
        body=ResumeBody,
        answer=RiskAnswer,
        refusals=_LOOSENS,
    ),
    _write(
        "POST",
        "/v1/resume",
        "resume",
        "let trading go on",
        resume,
        roles=RESUMERS,
        body=ResumeBody,
        answer=RiskAnswer,
        refusals=_LOOSENS,
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
        body=DisarmBody,
        answer=AccountAnswer,
        refusals=(Code.REFUSED,),
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
WRITES: Final = (*_ORDERS, *_CONTROLS)
