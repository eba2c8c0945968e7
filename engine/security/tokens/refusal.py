"""Why a token is not taken. For our own log and counts: who showed it is told no more than that it was refused."""

from __future__ import annotations

from enum import StrEnum, unique

from engine.errors import EngineError


@unique
class Reason(StrEnum):
    """What was wrong, the first thing that was found."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown key"
    SIGNATURE = "signature"
    CLAIMS = "claims"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    KIND = "kind"
    EXPIRED = "expired"
    NOT_YET = "not yet"
    TOO_LONG = "lives too long"
    REVOKED = "revoked"
    REPLAYED = "replayed"
    OPERATOR = "no such operator"


class TokenRefused(EngineError):
    """A token opens nothing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the token was refused: {reason}")
        self.reason = reason


class RevocationsUnknown(EngineError):
    """Whether a token was revoked can't be known: nothing is let in, and nobody's token is at fault."""
