"""Whose tokens the venue takes: checked by hand, with the curve's arithmetic as all that is borrowed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

LIFE_S_MAX = 120
HALF = 32
"""Bytes of each of the two numbers that a signature is."""


class Keys:
    """Public keys by name, and the tokens that were shown: one is taken once."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.known: dict[str, EllipticCurvePublicKey] = {}
        self.taken = 0
        """Tokens that were good."""
        self._now_s = now_s
        self._shown: set[str] = set()

    def objection(self, token: str, request: str = "") -> str:
        """Return why a token is not taken for a request, nothing for a good one."""
        try:
            head, body, signature = token.split(".")
            header, claims = _part(head), _part(body)
            key = self.known[header["kid"]]
            numbers = _bytes(signature)
            halves = (int.from_bytes(each, "big") for each in (numbers[:HALF], numbers[HALF:]))
            key.verify(encode_dss_signature(*halves), f"{head}.{body}".encode(), ECDSA(SHA256()))
        except (ValueError, KeyError, InvalidSignature):
            return "no signature of a known key"
        fault = self._fault(header, claims, request)
        if not fault:
            self.taken += 1
            self._shown.add(header["nonce"])
        return fault

    def _fault(self, header: dict[str, Any], claims: dict[str, Any], request: str) -> str:
        begin, end = claims.get("nbf", 0), claims.get("exp", 0)
        checks = {
            "another algorithm": header.get("alg") != "ES256",
            "another name": claims.get("sub") != header["kid"] or claims.get("iss") != "cdp",
            "another request": claims.get("uri", "") != request,
            "a token for too long": not 0 < end - begin <= LIFE_S_MAX,
            "a token that is over, or not good yet": not begin <= self._now_s() < end,
            "a token without a nonce, or one that was shown before": header.get("nonce")
            in {None, *self._shown},
        }
        return next((fault for fault, is_so in checks.items() if is_so), "")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _part(text: str) -> dict[str, Any]:
    found = json.loads(_bytes(text))
    if not isinstance(found, dict):
        raise ValueError(text)  # noqa: TRY004  # it is a text that is wrong
    return found
