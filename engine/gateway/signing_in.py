"""Signing in, going on, and signing out."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from engine.errors import TransientError
from engine.gateway.asking import Answer, Ask
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.ports.secrets import SecretsError
from engine.security.operators.lockout import LockedOut
from engine.security.operators.sign_in import SignInRefused
from engine.security.tokens.refusal import RevocationsUnknown, TokenRefused
from engine.security.tokens.revocations import AHEAD_S
from engine.security.tokens.sessions import Tokens
from engine.security.tokens.verifier import LENGTH_MAX

_PASSWORD_MAX: Final = 1_024


class SignInBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Who says to be an operator; no printing of it tells the password."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=_PASSWORD_MAX)]
    code: Annotated[str, Meta(max_length=16)] = ""
    """From the operator's device, where one is wanted."""

    def __repr__(self) -> str:
        return "SignInBody(hidden)"


class RefreshBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A refresh token, which is spent with this."""

    refresh: Annotated[str, Meta(min_length=1, max_length=LENGTH_MAX)]

    def __repr__(self) -> str:
        return "RefreshBody(hidden)"


class TokensAnswer(Struct, frozen=True):
    """Two tokens, and when each ends, seconds since the epoch."""

    access: str
    access_end_s: int
    refresh: str
    refresh_end_s: int

    def __repr__(self) -> str:
        return "TokensAnswer(hidden)"


async def sign_in(parts: Parts, ask: Ask) -> Answer:
    """Judge a name, a password and a code; give tokens."""
    body: SignInBody = ask.body
    try:
        who = await parts.sign_in.attempt_soon(body.name, body.password, body.code, ask.origin)
    except LockedOut as error:
        raise Refused(
            Code.LOCKED_OUT, str(error), headers={"Retry-After": str(error.retry_after_s)}
        ) from None
    except SignInRefused:
        raise Refused(Code.SIGN_IN_REFUSED) from None
    except SecretsError:
        raise Refused(Code.UNAVAILABLE) from None
    try:
        return _given(await parts.sessions.begin(who.operator.name))
    except TokenRefused:  # all of theirs were revoked a moment ago
        raise Refused(Code.TRY_AGAIN, headers={"Retry-After": str(AHEAD_S)}) from None
    except (RevocationsUnknown, TransientError, SecretsError):
        raise Refused(Code.UNAVAILABLE) from None


async def refresh(parts: Parts, ask: Ask) -> Answer:
    """Turn a refresh token into the next two."""
    body: RefreshBody = ask.body
    try:
        return _given(await parts.sessions.turn(body.refresh))
    except TokenRefused:
        raise Refused(Code.TOKEN) from None
    except (RevocationsUnknown, TransientError, SecretsError):
        raise Refused(Code.UNAVAILABLE) from None


async def sign_out(parts: Parts, ask: Ask) -> Answer:
    """End all that came of the sign-in of this token."""
    assert ask.who is not None
    try:
        await parts.sessions.end(ask.who.claims)
    except TransientError:
        raise Refused(Code.UNAVAILABLE, "it holds on this desk alone: others could not be told") from None
    return Answer(status=204)


def _given(tokens: Tokens) -> Answer:
    return Answer(TokensAnswer(tokens.access, tokens.access_end_s, tokens.refresh, tokens.refresh_end_s))
