"""A mint and a verifier of one desk, and tokens that somebody else made."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.clock import NS_PER_S, SimulatedClock
from engine.security.tokens.keys import SigningKeys, new_signing_keys
from engine.security.tokens.mint import Mint
from engine.security.tokens.verifier import Verifier

NOW_S = 1_750_000_000
ISSUER, AUDIENCE = "touchline", "touchline gateway"


class TokenBench:
    """One desk's keys, clock, mint and verifier."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(NOW_S * NS_PER_S, steady_is_own=True)
        self.keys: SigningKeys = new_signing_keys()
        self.mint = Mint(lambda: self.keys, self.clock, issuer=ISSUER, audience=AUDIENCE)
        self.verifier = Verifier(lambda: self.keys, self.clock, issuer=ISSUER, audience=AUDIENCE)

    @property
    def public(self) -> bytes:
        return self.keys.verifying[self.keys.current].public

    def pass_s(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now_ns() + int(seconds * NS_PER_S))

    def header(self, **changed: Any) -> dict[str, Any]:
        return {"alg": "EdDSA", "typ": "JWT", "kid": self.keys.current, **changed}

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Return claims that are right, but for what is changed; None leaves one out."""
        right = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "typ": "access",
            "sub": "ada",
            "role": "trader",
            "jti": "one",
            "fam": "family",
            "iat": NOW_S,
            "exp": NOW_S + 900,
        }
        return {name: value for name, value in (right | changed).items() if value is not None}

    def signed(
        self, claims: Mapping[str, Any] | bytes, header: Mapping[str, Any] | bytes | None = None
    ) -> str:
        """Sign anything at all with the right key."""
        first = self.header() if header is None else header
        body = b".".join(part(each) for each in (first, claims))
        private = Ed25519PrivateKey.from_private_bytes(self.keys.private[self.keys.current])
        return b".".join((body, encoded(private.sign(body)))).decode()


def part(said: Mapping[str, Any] | bytes) -> bytes:
    return encoded(said if isinstance(said, bytes) else json.dumps(said).encode())


def encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
