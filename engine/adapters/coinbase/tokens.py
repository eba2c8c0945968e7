"""What proves to Coinbase who asks: a JSON Web Token for each request, signed by the kept key and soon over."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.clock import NS_PER_S, Clock
from engine.errors import ConfigError
from engine.ports.secrets import Credential
from engine.transport.skew import ClockSkew

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

LIFE_S = 120
EARLY_S = 1
"""So much before the venue's time, as far as we know it, a token begins: the last second is not known for sure."""
ISSUER = "cdp"
_CURVE = "secp256r1"


class Tokens:
    """Makes tokens by the venue's clock; without a key there are none, and everything is asked for publicly."""

    def __init__(self, credential: Credential | None, clock: Clock, skew: ClockSkew) -> None:
        """Read the key.

        Raises:
            ConfigError: it is none that this venue's tokens can be signed with.
        """
        self._clock = clock
        self._skew = skew
        self._name = credential.key if credential is not None else ""
        self._key = _private_key(credential.secret) if credential is not None else None

    @property
    def has_key(self) -> bool:
        """Whether requests are signed."""
        return self._key is not None

    def drop_key(self) -> None:
        """Sign nothing from now on."""
        self._key = None

    def headers(self, request: str) -> Mapping[str, str]:
        """Return what proves in a request who sends it, nothing without a key."""
        return {"Authorization": f"Bearer {self.token(request)}"} if self.has_key else {}

    def token(self, request: str = "") -> str:
        """Return a token for one subscription, or for a request such as `GET host/path`; nothing without a key."""
        import jwt  # noqa: PLC0415  # only where a key is kept

        if self._key is None:
            return ""
        now_s = (self._clock.now_ns() + (self._skew.skew_ns or 0)) // NS_PER_S - EARLY_S
        claims: dict[str, object] = {"sub": self._name, "iss": ISSUER, "nbf": now_s, "exp": now_s + LIFE_S}
        if request:
            claims["uri"] = request
        headers = {"kid": self._name, "nonce": secrets.token_hex()}
        return jwt.encode(claims, self._key, algorithm="ES256", headers=headers)


def _private_key(secret: str) -> EllipticCurvePrivateKey:
    """Return the key of a PEM text, whose line ends may be written out as the venue's key file has them."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  # only where a key is kept
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    text = secret.strip().replace("\\n", "\n")
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, EllipticCurvePrivateKey) or key.curve.name != _CURVE:
        raise ConfigError(
            "the secret of Coinbase's key is no private key of the kind ECDSA (P-256, a text that begins with BEGIN EC "
            "PRIVATE KEY): add such a key with touchline credentials add coinbase, or remove it, since market data "
            "needs none"
        ) from None
    return key
