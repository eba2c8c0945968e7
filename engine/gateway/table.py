"""Every route of the gateway."""

from __future__ import annotations

from typing import Final

from engine.gateway.liveness import LivenessAnswer, liveness
from engine.gateway.read_table import READS
from engine.gateway.refusals import Code
from engine.gateway.routes import EVERYBODY, Route
from engine.gateway.signing_in import RefreshBody, SignInBody, TokensAnswer, refresh, sign_in, sign_out
from engine.gateway.write_table import WRITES
from engine.security.rates.table import Kind

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
)
ROUTES: Final[tuple[Route, ...]] = (*_ABOUT_ITSELF, *_ABOUT_TOKENS, *READS, *WRITES)
