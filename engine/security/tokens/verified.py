"""What is known of tokens whose signature was right: the same one comes with every request of a program.

Only the signature is not looked at again. Whether the key still verifies, whose token it is, its time and whether it was revoked are,
each time.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from msgspec import Struct

from engine.security.tokens.claims import Claims
from engine.security.tokens.keys import SigningKeys

KEPT_MAX: Final = 1_024
"""How many are kept; the one that was kept first gives way."""


class Signed(Struct, frozen=True):
    """What a token says, and which key signed that."""

    kid: str
    claims: Claims


class VerifiedTokens:
    """Knows them by a hash, so that no token is kept; other keys than before end all of it."""

    def __init__(self) -> None:
        self._keys: SigningKeys | None = None
        self._known: dict[bytes, Signed] = {}

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._known)

    def find(self, token: str, keys: SigningKeys) -> Signed | None:
        """Return what is known of a token under these keys, None where that is nothing."""
        if keys is not self._keys:
            self._keys = keys
            self._known.clear()
        return self._known.get(_name_of(token))

    def keep(self, token: str, signed: Signed) -> None:
        """Keep what was verified under the keys of the last `find`."""
        if len(self._known) >= KEPT_MAX:
            del self._known[next(iter(self._known))]
        self._known[_name_of(token)] = signed

    def forget(self, token: str) -> None:
        """Keep nothing of a token whose time is over."""
        self._known.pop(_name_of(token), None)


def _name_of(token: str) -> bytes:
    return sha256(token.encode()).digest()
