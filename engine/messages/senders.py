"""Who says a command that does not come from the desk, and what became of it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.messages.events import Denial


class Sender(Struct, frozen=True, gc=False):
    """An operator who is not the one at the desk: what they say is held against their own role."""

    name: str
    role: str
    origin: str
    proven: bool = False
    """Whether their password, and the code where one is wanted, were judged for this very command."""
    correlation: str = ""
    """What the request is found by that it comes with."""


class Verdict(StrEnum):
    """What became of a command."""

    DONE = "done"
    """Carried out; of an order, whether it was denied is in the denials."""
    HELD = "held"
    """It holds already; the engine has not answered yet, so that nothing of it is recorded."""
    REFUSED = "refused"
    """It can't be done now."""
    NOT_ALLOWED = "not_allowed"
    """It is not for that role."""
    PROOF_WANTED = "proof_wanted"
    """It takes a proof of who says it."""


class CommandAnswer(Struct, frozen=True, gc=False):
    """What became of a command, told once it was carried out or not."""

    verdict: Verdict
    text: str = ""
    """Why not, in a sentence."""
    denials: tuple[Denial, ...] = ()
    """Why our gate denied the order or the change that it asked for."""
