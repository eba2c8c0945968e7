"""What Alpaca says when it refuses: the reason for a person, and what that tells of the order."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from engine.messages.reports import Refusal
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE

_DECODE = msgspec.json.Decoder(dict[str, Any]).decode
_NAMES: Final = {
    401: "Alpaca does not accept the key",
    404: "Alpaca does not know it",
    429: "Alpaca was asked too often",
}
TOO_OFTEN: Final = 429
UNAUTHORIZED: Final = 401


def reason_of(status: int, body: bytes) -> str:
    """Return why it refused, in its own words where it has any, cleaned."""
    message = _message(body)
    if status in {UNAUTHORIZED, TOO_OFTEN} or not message:
        known = _NAMES.get(status, f"Alpaca answered {status}")
        return f"{known}: {message}" if message else known
    return message


def kind_of(status: int, body: bytes) -> Refusal:
    """Return what a refusal says of the order itself."""
    if status == 404:
        return Refusal.UNKNOWN_ORDER
    if status == 422 and "client_order_id must be unique" in _message(body):
        return Refusal.DUPLICATE_ID
    return Refusal.OTHER


def _message(body: bytes) -> str:
    try:
        told = _DECODE(body)
    except UNDECODABLE:
        return ""
    parts = [told.get(name) for name in ("message", "reject_reason")]
    return clean(": ".join(dict.fromkeys(part for part in parts if isinstance(part, str) and part)))
