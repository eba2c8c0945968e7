"""Signs what only the owner of a key may ask of Binance (HMAC-SHA256 of the parameters as they are sent)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlencode

from engine.clock import NS_PER_MS, Clock
from engine.ports.secrets import Credential
from engine.transport.http import Parameters
from engine.transport.skew import ClockSkew

KEY_HEADER = "X-MBX-APIKEY"
WINDOW_MS = 5000
"""How long after its time a request is still taken."""


def signed(parameters: Parameters, credential: Credential, now_ms: int) -> Parameters:
    """Return the parameters with the time of the venue and the signature, in the order in which they have to be sent.

    Source: Binance spot API documentation, "SIGNED endpoint security".
    """
    told = _timed(parameters, now_ms)
    return {**told, "signature": signature(urlencode(told, doseq=True), credential)}


def _timed(parameters: Parameters, now_ms: int) -> dict[str, str | Sequence[str]]:
    return {**parameters, "recvWindow": f"{WINDOW_MS}", "timestamp": f"{now_ms}"}


def signature(payload: str, credential: Credential) -> str:
    """Return the signature of what is sent."""
    return hmac.new(credential.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


class Signer:
    """Signs at the venue's time, as far as it was measured."""

    def __init__(self, credential: Credential, clock: Clock, skew: ClockSkew) -> None:
        self._credential = credential
        self._clock = clock
        self._skew = skew

    @property
    def headers(self) -> dict[str, str]:
        """What names us."""
        return {KEY_HEADER: self._credential.key}

    def query(self, parameters: Parameters) -> str:
        """Return parameters as a query that is signed."""
        query = urlencode(_timed(parameters, self._now_ms()), doseq=True)
        return f"{query}&signature={signature(query, self._credential)}"

    def parameters(self) -> dict[str, str | int]:
        """Return what a request of the WebSocket API is signed with, where it has no other parameters.

        They are signed in the order of their names. Source: Binance WebSocket API documentation, "SIGNED request security".
        """
        told: dict[str, str | int] = {
            "apiKey": self._credential.key,
            "recvWindow": WINDOW_MS,
            "timestamp": self._now_ms(),
        }
        text = "&".join(f"{name}={told[name]}" for name in sorted(told))
        return {**told, "signature": signature(text, self._credential)}

    def _now_ms(self) -> int:
        return (self._clock.now_ns() + (self._skew.skew_ns or 0)) // NS_PER_MS
