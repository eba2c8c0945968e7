"""Ending the tokens of an operator, or of everyone: what an admin does when one was stolen."""

from __future__ import annotations

import asyncio
from typing import Annotated

from msgspec import Meta, Struct

from engine.errors import EngineError, TransientError
from engine.gateway.asking import Answer, Ask
from engine.gateway.commanding import who_asks
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.security.audit.entry import Act

REVOKED = "tokens-revoked"
"""What the audit log calls it."""
EVERYONE = "everyone"


class RevokeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """An operator, or everyone, which has to be said."""

    operator: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9._-]{1,31}$")] | None = None
    everyone: bool = False


async def revoke(parts: Parts, ask: Ask) -> Answer:
    """End all tokens that were given until now."""
    body: RevokeBody = ask.body
    if (body.operator is not None) == body.everyone:
        raise Refused(Code.BODY_INVALID, "expected an operator, or everyone: true")
    try:
        if body.operator is not None:
            await parts.revocations.revoke_user(body.operator)
        else:
            await parts.revocations.revoke_everyone()
    except TransientError:
        raise Refused(Code.UNAVAILABLE, "it holds on this desk alone: others could not be told") from None
    finally:
        await _write_down(parts, ask, body.operator or EVERYONE)
    return Answer(status=204)


async def _write_down(parts: Parts, ask: Ask, subject: str) -> None:
    """Write to the audit log what was done; a log that can't be written undoes nothing."""
    act = Act(who=who_asks(ask).name, what=REVOKED, origin=ask.origin, subject=subject)
    try:
        await asyncio.to_thread(parts.audit, act)
    except EngineError as error:
        parts.log.note("critical", "not in the audit log", reason=str(error), correlation=ask.correlation)
