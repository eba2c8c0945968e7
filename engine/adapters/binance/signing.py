"""Signs what only the owner of a key may ask of Binance (HMAC-SHA256 of the parameters as they are sent)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from engine.ports.secrets import Credential

KEY_HEADER = "X-MBX-APIKEY"
WINDOW_MS = 5000
"""How long after its time a request is still taken."""


def signed(parameters: Mapping[str, str], credential: Credential, now_ms: int) -> dict[str, str]:
    """Return the parameters with the time of the venue and the signature, in the order in which they have to be sent.

    Source: Binance spot API documentation, "SIGNED endpoint security".
    """
    told = {**parameters, "recvWindow": f"{WINDOW_MS}", "timestamp": f"{now_ms}"}
    return {**told, "signature": signature(urlencode(told), credential)}


def signature(payload: str, credential: Credential) -> str:
    """Return the signature of what is sent."""
    return hmac.new(credential.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
