"""Reads tokens that anybody may have written (RFC 8725).

The algorithm is pinned, and the header says nothing but which of our keys to use: `kid` is looked up in a dictionary, and that
is all that is ever done with it. The signature is checked before a claim is read, once for each token and set of keys. Time comes from our clock, and how long
a token may live is our own rule: a valid signature under an `exp` in ten years opens nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec import Struct

from engine.clock import NS_PER_S, Clock
from engine.model.undecodable import UNDECODABLE
from engine.security.tokens.claims import LIFE_MAX_S, Claims, Kind
from engine.security.tokens.keys import SigningKeys
from engine.security.tokens.lives import LEEWAY_S
from engine.security.tokens.mint import ALGORITHM
from engine.security.tokens.refusal import Reason, TokenRefused
from engine.security.tokens.verified import Signed, VerifiedTokens

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LENGTH_MAX: Final = 2_048
"""Characters; ours have some 500."""


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """The only header that is taken."""

    alg: Literal["EdDSA"]
    typ: Literal["JWT"]
    kid: str


class Verifier:
    """Tells what a token says, if it is one of ours and its time is now."""

    def __init__(self, keys: Callable[[], SigningKeys], clock: Clock, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._verified = VerifiedTokens()
        self._read: dict[bytes, Ed25519PublicKey] = {}

    def claims_of(self, token: str, kind: Kind) -> Claims:
        """Return what a token says; whether it was revoked is not looked at.

        Raises:
            TokenRefused: it opens nothing.
        """
        now_ns, keys = self._clock.now_ns(), self._keys()
        if len(token) > LENGTH_MAX or not token.isascii():
            raise TokenRefused(Reason.MALFORMED)
        known = self._verified.find(token, keys)
        kid = known.kid if known is not None else _header_of(token).kid
        public = keys.public_of(kid, now_ns)
        if public is None:
            raise TokenRefused(Reason.UNKNOWN_KEY)
        claims = known.claims if known is not None else _typed(_signed_by(token, self._key(public, keys)))
        if reason := self._fault(claims, kind, now_ns / NS_PER_S):
            self._verified.forget(token)
            raise TokenRefused(reason)
        if known is None:
            self._verified.keep(token, Signed(kid, claims))
        return claims

    def _fault(self, claims: Claims, kind: Kind, now_s: float) -> Reason | None:
        if claims.iss != self._issuer:
            return Reason.ISSUER
        if claims.aud != self._audience:
            return Reason.AUDIENCE
        if claims.typ is not kind:
            return Reason.KIND
        if not 0 < claims.exp - claims.iat <= LIFE_MAX_S[kind]:
            return Reason.TOO_LONG
        if claims.iat > now_s + LEEWAY_S:
            return Reason.NOT_YET
        return Reason.EXPIRED if now_s >= claims.exp + LEEWAY_S else None

    def _key(self, public: bytes, keys: SigningKeys) -> Ed25519PublicKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  # only where there are tokens
            Ed25519PublicKey,
        )

        if public not in self._read:
            known = [key.public for key in keys.verifying.values()]
            self._read = {raw: Ed25519PublicKey.from_public_bytes(raw) for raw in known}
        return self._read[public]


def _header_of(token: str) -> Header:
    first, *rest = token.split(".")
    if len(rest) != 2 or not all(rest):
        raise TokenRefused(Reason.MALFORMED)
    try:
        raw = base64.b64decode(first + "=" * (-len(first) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=Header)
    except (binascii.Error, *UNDECODABLE):
        raise TokenRefused(Reason.MALFORMED) from None


def _signed_by(token: str, key: Ed25519PublicKey) -> bytes:
    """Return the claims of a token whose signature is right; they are judged by us alone."""
    import jwt  # noqa: PLC0415  # only where there are tokens

    try:
        signed: bytes = jwt.PyJWS().decode(token, key, algorithms=[ALGORITHM])
    except jwt.InvalidSignatureError:
        raise TokenRefused(Reason.SIGNATURE) from None
    except jwt.PyJWTError:
        raise TokenRefused(Reason.MALFORMED) from None
    return signed


def _typed(signed: bytes) -> Claims:
    try:
        return msgspec.json.decode(signed, type=Claims)
    except UNDECODABLE:
        raise TokenRefused(Reason.CLAIMS) from None
