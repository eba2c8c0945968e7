"""What is wrong now by the alert rules, what was, and who answered it.

Times are the world's, in ns UTC, whatever the market's clock does: somebody is to be woken.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from engine.messages.events import Severity


class AlarmState(StrEnum):
    """Where an alarm is."""

    FIRING = "firing"
    """Nobody has answered it."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody has it: it is told no more until it gets worse, or is over."""
    SILENCED = "silenced"
    """Nothing is told of its cause until a time."""
    RESOLVED = "resolved"
    """It is over."""


OPEN_STATES: Final = (AlarmState.FIRING, AlarmState.ACKNOWLEDGED, AlarmState.SILENCED)
"""Those of what is not over."""


class Turn(StrEnum):
    """What can become of an alarm."""

    FIRED = "fired"
    WORSE = "worse"
    """Something more severe has the same cause."""
    AGAIN = "again"
    """Its silence is over, and it is not."""
    ESCALATED = "escalated"
    """Nobody answered."""
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    REOPENED = "reopened"
    """Somebody took an answer back."""
    RESOLVED = "resolved"


class Step(Struct, frozen=True, gc=False):
    """One thing that became of an alarm."""

    turn: Turn
    at_ns: int
    severity: Severity
    """How severe it was from then on."""
    by: str = ""
    """Who did it, where somebody did."""


STEPS_MAX: Final = 20
"""How many steps of an alarm are kept: its first, and the latest."""


class AlarmView(Struct, frozen=True, gc=False):
    """Everything that is wrong by one cause, told as one."""

    number: int
    cause: str
    severity: Severity
    state: AlarmState
    text: str
    """What is wrong, as it was when it was told."""
    more: int
    """How many conditions of the same cause are wrong besides."""
    since_ns: int
    by: str = ""
    """Who acknowledged or silenced it last."""
    answered_ns: int = 0
    until_ns: int = 0
    """Until when its cause is silenced; 0 where it is not."""
    escalations: int = 0
    """How often it was told again because nobody answered."""
    escalated_ns: int = 0
    """When that was last."""
    resolved_ns: int = 0
    """When it was over; 0 while it is not."""
    steps: tuple[Step, ...] = ()
    """What became of it, oldest first; none of before they were kept."""

    def after(self, turn: Turn, at_ns: int, by: str = "") -> AlarmView:
        """Return it with one step more, beyond the most without its second one."""
        steps = self.steps if len(self.steps) < STEPS_MAX else (self.steps[0], *self.steps[2:])
        return replace(self, steps=(*steps, Step(turn, at_ns, self.severity, by)))


class NoticeKind(StrEnum):
    """Why somebody is told."""

    FIRED = "fired"
    WORSE = "worse"
    """Something more severe has the same cause."""
    AGAIN = "again"
    """Its silence is over, and it is not."""
    ESCALATED = "escalated"
    """Nobody answered."""
    RESOLVED = "resolved"


class Notice(Struct, frozen=True, gc=False):
    """One thing that is told of an alarm."""

    kind: NoticeKind
    alarm: AlarmView
    at_ns: int

    @property
    def sentence(self) -> str:
        """What a person reads."""
        alarm = self.alarm
        more = f" (and {alarm.more} more)" if alarm.more else ""
        match self.kind:
            case NoticeKind.RESOLVED:
                return f"alert {alarm.number} is over: {alarm.text}{more}"
            case NoticeKind.ESCALATED:
                return f"alert {alarm.number}, which nobody answered: {alarm.text}{more}"
            case _:
                return f"alert {alarm.number}: {alarm.text}{more}"


class AlarmsView(Struct, frozen=True, gc=False):
    """All alarms; another one only once something in it differs."""

    open: tuple[AlarmView, ...] = ()
    """The most severe first, then the oldest."""
    past: tuple[AlarmView, ...] = ()
    """Those that are over, the latest first."""
    told: int = 0
    """How many notices there were in this session."""
    latest: Notice | None = None
    rules: str = ""
    """Which rules are in force, in words."""

    @property
    def unanswered(self) -> int:
        """How many nobody has answered."""
        return sum(alarm.state is AlarmState.FIRING for alarm in self.open)
