"""What another process may ask a running desk, one JSON line each, and what it is answered."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from engine.control.status import Summary
from engine.errors import DataError
from engine.messages.alarm_views import AlarmsView
from engine.messages.commands import TradingState
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE

LINE_BYTES_MAX = 65_536
"""How long a request, and an answer, may be with its newline."""
WAIT_S_MAX = 600.0

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Reason = Annotated[str, Meta(min_length=1, max_length=200)]
Password = Annotated[str, Meta(min_length=1, max_length=1024)]
Wait = Annotated[float, Meta(ge=0, le=WAIT_S_MAX)]


class _Request(Struct, frozen=True, kw_only=True, tag_field="ask", forbid_unknown_fields=True):
    """One line."""


class Proof(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That who signed in at the desk is at the shell too, or any operator where nobody did; no printing of it tells the password."""

    name: Annotated[str, Meta(max_length=64)] = ""
    """Which operator, where nobody signed in."""
    password: Password
    code: Annotated[str, Meta(max_length=16)] = ""

    def __repr__(self) -> str:
        return "Proof(hidden)"


class SetState(_Request, frozen=True, kw_only=True, tag="set-state"):
    """Halt, reduce or resume: a symbol, a strategy, everything, or every desk."""

    state: TradingState
    reason: Reason
    symbol: Name | None = None
    strategy: Name | None = None
    firm: bool = False
    """Everything at every desk that shares the Redis."""
    proof: Proof | None = None
    """What lets trading go on where somebody signed in; what is stricter takes none."""


class Disarm(_Request, frozen=True, kw_only=True, tag="disarm"):
    """Let only orders leave that reduce, until a person at the desk arms the account; nothing arms from here."""

    reason: Reason


class CancelOrders(_Request, frozen=True, kw_only=True, tag="cancel-all"):
    """Take back every open order, or those of one symbol or one strategy, and wait for proof."""

    symbol: Name | None = None
    wait_s: Wait = 5.0
    strategy: Name | None = None


class FlattenPositions(_Request, frozen=True, kw_only=True, tag="flatten"):
    """Cancel, close at the market, and wait for proof."""

    symbol: Name | None = None
    wait_s: Wait = 5.0


class TellStatus(_Request, frozen=True, kw_only=True, tag="status"):
    """Say how the desk is."""

    hashed: bool = False
    """With the hash of the account's state, which takes the engine the longer the more orders there were."""


class AlertAnswer(StrEnum):
    """What somebody does about an alert."""

    ACKNOWLEDGE = "acknowledge"
    SILENCE = "silence"
    REOPEN = "reopen"


class TellAlerts(_Request, frozen=True, kw_only=True, tag="alerts"):
    """Say what is wrong by the alert rules."""


class AnswerAlert(_Request, frozen=True, kw_only=True, tag="answer-alert"):
    """Acknowledge or silence an alert, or take that back."""

    number: Annotated[int, Meta(ge=1)]
    does: AlertAnswer
    for_s: Annotated[float, Meta(ge=1, le=86_400)] = 600.0
    """How long it is silenced."""


Request = SetState | Disarm | CancelOrders | FlattenPositions | TellStatus | TellAlerts | AnswerAlert


class Code(IntEnum):
    """How a request ended; also the exit code of the command that made it."""

    PROVEN = 0
    UNPROVEN = 1
    """It was asked for, but something is left, or nothing could be proven."""
    BAD_INPUT = 2
    NO_DESK = 3


class Wants(Struct, frozen=True, kw_only=True):
    """Whose proof something takes."""

    operator: str
    """Empty where it may be any."""
    code: bool
    """Whether a code is wanted besides the password."""


class Answer(Struct, frozen=True, kw_only=True):
    """One line back."""

    code: Code
    text: str
    """What was done and what is proven, in a sentence."""
    status: Summary | None = None
    wants: Wants | None = None
    """What was missing, where it takes a proof."""
    alerts: AlarmsView | None = None
    """What is wrong by the alert rules, where that was asked."""


_REQUESTS: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_ANSWERS = msgspec.json.Decoder(Answer)
_encode = msgspec.json.Encoder().encode


def read_request(line: bytes) -> Request:
    """Read a request.

    Raises:
        DataError: it is none; says why.
    """
    try:
        return _REQUESTS.decode(line)
    except UNDECODABLE as error:
        raise DataError(f"expected one request as a line of JSON: {clean(str(error), 200)}") from error


def read_answer(line: bytes) -> Answer:
    """Read an answer.

    Raises:
        DataError: it is none; says why.
    """
    try:
        return _ANSWERS.decode(line)
    except UNDECODABLE as error:
        raise DataError(f"expected an answer as a line of JSON: {clean(str(error), 200)}") from error


def written(line: Request | Answer) -> bytes:
    """Write a request or an answer as a line."""
    return _encode(line) + b"\n"
