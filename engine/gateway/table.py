"""Every route of the gateway."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from msgspec import Struct

from engine.gateway.asking import Answer, Ask
from engine.gateway.liveness import LivenessAnswer, liveness
from engine.gateway.openapi import document
from engine.gateway.parts import Parts
from engine.gateway.read_table import READS
from engine.gateway.refusals import Code
from engine.gateway.routes import EVERYBODY, Route
from engine.gateway.signing_in import RefreshBody, SignInBody, TokensAnswer, refresh, sign_in, sign_out
from engine.gateway.write_table import WRITES
from engine.security.rates.table import Kind


class DocumentAnswer(Struct, frozen=True):
    """An OpenAPI document."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]


async def _described(parts: Parts, ask: Ask) -> Answer:
    """Tell what can be asked."""
    del parts, ask
    return Answer(_document())


@cache
def _document() -> dict[str, Any]:
    return document(ROUTES)


_ABOUT_TOKENS: Final = (
    Route(
        method="POST",
        path="/v1/sign-in",
        name="signIn",
        does="sign in",
        handle=sign_in,
        kind=Kind.AUTH,
        roles=None,
        body=SignInBody,
        answer=TokensAnswer,
        refusals=(Code.SIGN_IN_REFUSED, Code.LOCKED_OUT, Code.TRY_AGAIN, Code.UNAVAILABLE),
    ),
    Route(
        method="POST",
        path="/v1/refresh",
        name="refresh",
        does="turn a refresh token into the next two",
        handle=refresh,
        kind=Kind.AUTH,
        roles=None,
        body=RefreshBody,
        answer=TokensAnswer,
        refusals=(Code.TOKEN, Code.UNAVAILABLE),
    ),
    Route(
        method="POST",
        path="/v1/sign-out",
        name="signOut",
        does="sign out",
        handle=sign_out,
        kind=Kind.AUTH,
        roles=EVERYBODY,
        status=204,
        refusals=(Code.UNAVAILABLE,),
    ),
)
_ABOUT_ITSELF: Final = (
    Route(
        method="GET",
        path="/v1/health",
        name="liveness",
        does="ask whether anybody answers",
        handle=liveness,
        kind=Kind.DATA,
        roles=None,
        answer=LivenessAnswer,
    ),
    Route(
        method="GET",
        path="/v1/openapi.json",
        name="openapi",
        does="read what can be asked here",
        handle=_described,
        kind=Kind.DATA,
        roles=None,
        answer=DocumentAnswer,
    ),
)
ROUTES: Final[tuple[Route, ...]] = (*_ABOUT_ITSELF, *_ABOUT_TOKENS, *READS, *WRITES)
