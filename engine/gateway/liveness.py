"""Whether anybody answers here; nothing else is told without a token."""

from __future__ import annotations

from msgspec import Struct

from engine.gateway.asking import Answer, Ask
from engine.gateway.parts import Parts


class LivenessAnswer(Struct, frozen=True):
    """The gateway answers."""

    status: str = "ok"


async def liveness(parts: Parts, ask: Ask) -> Answer:
    """Say that the gateway answers."""
    del parts, ask
    return Answer(LivenessAnswer())
