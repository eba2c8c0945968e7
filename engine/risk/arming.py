"""Whether orders that open may leave at all: a live account's do only while a person has armed it."""

from __future__ import annotations

from typing import Final

from engine.messages.risk_views import ArmingView

_STARTED: Final = "the desk started"


class Arming:
    """The state of one account's arming; it is kept nowhere, so that a start always begins anew.

    Others decide when it changes: see `engine/duties/safety_catch.py`.
    """

    __slots__ = ("armed", "needs_name", "reason", "refusal", "refused", "version")

    def __init__(self, *, needs_name: bool = False) -> None:
        self.needs_name = needs_name
        """Whether the account's name has to be typed: real money is at stake. Such a one starts disarmed."""
        self.armed = not needs_name
        self.reason = _STARTED if needs_name else ""
        """Why it is disarmed; empty while it is armed."""
        self.refused = 0
        """How often arming was refused since the start."""
        self.refusal = ""
        """Why, when that was last so."""
        self.version = 0
        """Counts every change of what may leave."""

    def arm(self) -> None:
        """Let orders that open leave."""
        self.armed, self.reason, self.refusal = True, "", ""
        self.version += 1

    def disarm(self, reason: str) -> None:
        """Let only what reduces leave from now on."""
        self.armed, self.reason = False, reason
        self.version += 1

    def refuse(self, refusal: str) -> None:
        """Note that arming was asked for and did not come about."""
        self.refused += 1
        self.refusal = refusal

    @property
    def sentence(self) -> str:
        """Say that orders that open may not leave, why, and what to do."""
        how = "press F12 and type the account's name" if self.needs_name else "press F12"
        return f"the account is disarmed ({self.reason}): {how}"

    def view(self) -> ArmingView:
        """Return what the screen shows."""
        return ArmingView(self.armed, self.needs_name, self.reason, self.refused, self.refusal)
