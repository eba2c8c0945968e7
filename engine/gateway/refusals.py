"""Why a request is refused: one table of codes, each with its status and a sentence that tells nothing of the inside."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import Struct

from engine.errors import EngineError
from engine.messages.events import Denial


@unique
class Code(StrEnum):
    """What a program can tell refusals apart by; none is ever renamed."""

    BAD_REQUEST = "bad_request"
    BODY_INVALID = "body_invalid"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    CONTENT_TYPE = "content_type"
    FORBIDDEN = "forbidden"
    HOST = "host"
    INTERNAL = "internal"
    KEY_CONFLICT = "key_conflict"
    KEY_MISSING = "key_missing"
    LOCKED_OUT = "locked_out"
    METHOD = "method"
    NOT_FOUND = "not_found"
    ORDER_DENIED = "order_denied"
    ORIGIN = "origin"
    PROOF_WANTED = "proof_wanted"
    RATE = "rate"
    REFUSED = "refused"
    SIGN_IN_REFUSED = "sign_in_refused"
    TOKEN = "token"  # noqa: S105  # a code, no password
    TRY_AGAIN = "try_again"
    UNAVAILABLE = "unavailable"


class Meaning(NamedTuple):
    """The status that a code comes with, and what is said where nothing more is known."""

    status: int
    text: str


MEANINGS: Final[Mapping[Code, Meaning]] = MappingProxyType(
    {
        Code.BAD_REQUEST: Meaning(400, "this is no request that can be read"),
        Code.BODY_INVALID: Meaning(422, "the body is not what this route takes"),
        Code.BODY_TOO_LARGE: Meaning(413, "the body is too large"),
        Code.BODY_TOO_SLOW: Meaning(408, "the body did not come in time"),
        Code.CONTENT_TYPE: Meaning(415, "expected a body of application/json"),
        Code.FORBIDDEN: Meaning(403, "the role of this operator does not go so far"),
        Code.HOST: Meaning(421, "this server has another name"),
        Code.INTERNAL: Meaning(500, "something went wrong here; the log has it under this correlation"),
        Code.KEY_CONFLICT: Meaning(422, "this Idempotency-Key came with another request before"),
        Code.KEY_MISSING: Meaning(
            400, "expected an Idempotency-Key of 1 to 64 letters, digits, dots, dashes and underscores"
        ),
        Code.LOCKED_OUT: Meaning(429, "too many failed sign-ins; try again later"),
        Code.METHOD: Meaning(405, "this route does not take this method"),
        Code.NOT_FOUND: Meaning(404, "there is no such thing"),
        Code.ORDER_DENIED: Meaning(422, "the order was denied, and never left"),
        Code.ORIGIN: Meaning(403, "this page may not ask here"),
        Code.PROOF_WANTED: Meaning(403, "this takes your password, and your code where you have one"),
        Code.RATE: Meaning(429, "asked too often; try again later"),
        Code.REFUSED: Meaning(409, "this can't be done now"),
        Code.SIGN_IN_REFUSED: Meaning(401, "the name, the password or the code is wrong"),
        Code.TOKEN: Meaning(401, "expected a token that stands"),
        Code.TRY_AGAIN: Meaning(503, "not yet; try again in some seconds"),
        Code.UNAVAILABLE: Meaning(503, "what this needs does not answer now"),
    }
)


class Fault(Struct, frozen=True, omit_defaults=True):
    """What was refused, and why."""

    code: Code
    text: str
    correlation: str
    reasons: tuple[Denial, ...] = ()
    """Of an order that was denied: each rule that did, and its sentence."""


class FaultAnswer(Struct, frozen=True):
    """The body of every answer that is not a success."""

    error: Fault


class Refused(EngineError):
    """A request is not obeyed; says what is answered."""

    def __init__(
        self,
        code: Code,
        text: str = "",
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        reasons: tuple[Denial, ...] = (),
    ) -> None:
        self.code = code
        self.meaning = MEANINGS[code]
        super().__init__(text or self.meaning.text)
        self.headers = dict(headers)
        self.reasons = reasons

    def answer(self, correlation: str) -> FaultAnswer:
        """Return the body."""
        return FaultAnswer(Fault(self.code, str(self), correlation, self.reasons))
