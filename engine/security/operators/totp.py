"""Codes that change every half minute, as a second factor: RFC 6238 with HMAC-SHA-1, six digits, over RFC 4226."""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode
from typing import Final
from urllib.parse import quote

from engine.clock import NS_PER_S

STEP_NS: Final = 30 * NS_PER_S
DIGITS: Final = 6
SECRET_BYTES: Final = 20
_DRIFT: Final = 1
"""Steps that a code may be from before or after: clocks differ, and people type slowly."""


def new_secret() -> bytes:
    """Make a secret that the operator's device and we share."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """Return the code of a step (RFC 4226, section 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def step_of(secret: bytes, code: str, now_ns: int, used: int) -> int | None:
    """Return the step that a code is of, None where it is of none; a step counts once (RFC 6238, section 5.2).

    All steps are compared, so that the time it takes tells nothing.
    """
    now = now_ns // STEP_NS
    given = code.replace(" ", "").encode()
    steps = range(max(0, now - _DRIFT), now + _DRIFT + 1)
    fitting = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), given)]
    return next((step for step in fitting if step > used), None)


def address_of(secret: bytes, name: str) -> str:
    """Return what a device reads to learn the secret."""
    text = b32encode(secret).decode()
    return f"otpauth://totp/Touchline:{quote(name)}?secret={text}&issuer=Touchline"
