"""Passwords of operators: bcrypt of a hash of the whole text, and which ones are refused.

bcrypt takes 72 bytes at most. So it is given 44: base64 of HMAC-SHA256 under a name of our own, of the text in NFKC. Thereby no part of a long
password is without effect, no zero byte ends one, and what leaked elsewhere as a plain SHA-256 is no shortcut.
"""

from __future__ import annotations

import hmac
import unicodedata
from base64 import b64encode
from typing import Final

from engine.strength import LENGTH_MAX, weakness_of

COST: Final = 12
_DOMAIN: Final = b"touchline operator password"


def objection_to(password: str, name: str) -> str:
    """Return why a password is refused, in words that do not tell it; empty where it will do."""
    if name.lower() in password.lower():
        return "it holds the operator's name"
    return weakness_of(password)


def hashed(password: str, cost: int = COST) -> bytes:
    """Return the hash of a password; takes a third of a second, so not on a loop."""
    import bcrypt  # noqa: PLC0415  # only where somebody signs in

    return bcrypt.hashpw(_short(password), bcrypt.gensalt(cost))


def matches(password: str, kept: bytes) -> bool:
    """Tell whether it is the password of a hash; takes as long either way."""
    import bcrypt  # noqa: PLC0415

    try:
        return bcrypt.checkpw(_short(password), kept)
    except ValueError:
        return False


def nobodys(cost: int) -> bytes:
    """Return what no password matches, and takes as long to find out as that of a password."""
    return b"$2b$%02d$abcdefghijklmnopqrstuu" % cost + b"." * 31


def cost_of(kept: bytes) -> int:
    """Return at which cost a hash was made; 0 where it is none."""
    parts = kept.split(b"$")
    return int(parts[2]) if len(parts) == 4 and parts[2].isdigit() else 0


def _short(password: str) -> bytes:
    text = unicodedata.normalize("NFKC", password[: 4 * LENGTH_MAX]).encode("utf-8", "surrogatepass")
    return b64encode(hmac.digest(_DOMAIN, text, "sha256"))
