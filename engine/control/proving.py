"""From another shell too, trading goes on only where who signed in at the desk proves to be there."""

from __future__ import annotations

from msgspec.structs import replace

from engine.control.requests import Answer, Code, Proof, Wants
from engine.control.status import DeskStatus
from engine.control.watch import Look

PROOF_S = 5.0
"""How long a password may take to be looked at."""


class Judged:
    """Tells when the password that was just sent was looked at."""

    def __init__(self, before: Look) -> None:
        """Take a look that was asked for before the password was sent."""
        self._before = before

    def is_over(self, status: DeskStatus) -> bool:
        """Tell whether it was; where nobody signed in nothing is looked at."""
        known = self._before.status
        if status.lock is None or known is None or known.lock is None:
            return True
        return status.lock.tries > known.lock.tries


def with_proof(answer: Answer, status: DeskStatus, proof: Proof | None) -> Answer:
    """Say besides why trading was not let go on: whose proof it takes, or why the one that was given did not do."""
    lock = status.lock
    if answer.code is not Code.UNPROVEN or lock is None:
        return answer
    if lock.locked:
        return replace(answer, text=f"{answer.text}; the desk is locked")
    if proof is not None:
        return replace(answer, text=f"{answer.text}; {lock.refusal}") if lock.refusal else answer
    wants = Wants(operator=lock.operator, code=lock.wants_code)
    return replace(
        answer,
        text=f"{answer.text}; to loosen that takes the password of {lock.operator or 'an operator'}",
        wants=wants,
    )
