"""What the screen sees of who signed in: the lock of the desk, and what asks for a proof."""

from __future__ import annotations

from msgspec import Struct

from engine.messages.commands import Command


class LockView(Struct, frozen=True, gc=False):
    """Whether the desk is locked, what asks for a proof, and what came of the last try to open it or to give one."""

    operator: str
    """Who signed in; empty where a proof has to name its operator."""
    locked: bool = False
    reason: str = ""
    wants_code: bool = False
    """Whether a code is wanted besides the password."""
    tries: int = 0
    """How many tries were judged since the start."""
    failures: int = 0
    """How many of them failed."""
    refusal: str = ""
    """Why the last one failed; empty where it did not."""
    retry_after_s: int = 0
    """How long to wait before the next one, counted from then."""
    asked: int = 0
    """How often a proof was asked for since the start."""
    what: str = ""
    """What asked for it last, in words."""
    command: Command | None = None
    """What is carried out once it is given; None where nothing asks, or the desk was locked since."""
