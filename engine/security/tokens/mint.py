"""Signs tokens."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

import msgspec

from engine.clock import NS_PER_S, Clock
from engine.security.tokens.claims import LIFE_MAX_S, Claims, Kind
from engine.security.tokens.keys import SigningKeys

ALGORITHM: Final = "EdDSA"
_ID_BYTES: Final = 16


def new_id() -> str:
    """Return a name that nothing else has."""
    return secrets.token_urlsafe(_ID_BYTES)


class Mint:
    """Signs tokens with the key that signs now."""

    def __init__(self, keys: Callable[[], SigningKeys], clock: Clock, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._clock = clock
        self._issuer = issuer
        self._audience = audience

    def claims(self, kind: Kind, sub: str, role: str, family: str, end_s: int | None = None) -> Claims:
        """Return the claims of a new token: it lives as long as its kind may, but never past `end_s`."""
        now_s = self._clock.now_ns() // NS_PER_S
        exp = now_s + LIFE_MAX_S[kind]
        return Claims(
            iss=self._issuer,
            aud=self._audience,
            typ=kind,
            sub=sub,
            role=role,
            jti=new_id(),
            fam=family,
            iat=now_s,
            exp=exp if end_s is None else min(exp, end_s),
        )

    def signed(self, claims: Claims) -> str:
        """Return the token that says this."""
        import jwt  # noqa: PLC0415  # only where there are tokens
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
            Ed25519PrivateKey,
        )

        keys = self._keys()
        private = Ed25519PrivateKey.from_private_bytes(keys.private[keys.current])
        said = msgspec.json.encode(claims)
        return jwt.PyJWS().encode(said, private, algorithm=ALGORITHM, headers={"kid": keys.current})
