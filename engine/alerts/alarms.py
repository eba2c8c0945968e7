"""The alarms: conditions that fire, told together by their cause, answered by people, told again where nobody answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from engine.alerts.condition import MISSING_NS
from engine.alerts.conditions import RANK, Conditions, Said
from engine.alerts.rule import Rule
from engine.alerts.series import Numbers
from engine.clock import NS_PER_S
from engine.errors import EngineError
from engine.messages.alarm_views import AlarmState, AlarmsView, AlarmView, Notice, NoticeKind, Turn
from engine.messages.events import Severity

OPEN_MAX: Final = 100
PAST_MAX: Final = 200
ESCALATIONS_MAX: Final = 3
SILENCE_S_MAX: Final = 86_400.0


class Silence(Struct, frozen=True):
    """That nothing is told of a cause until a time, by somebody."""

    until_ns: int
    by: str
    said_ns: int


class AlarmsKept(Struct, frozen=True):
    """What outlives the program."""

    number: int = 0
    """The last that was given."""
    open: tuple[AlarmView, ...] = ()
    past: tuple[AlarmView, ...] = ()
    silences: dict[str, Silence] = {}


class Alarms:
    """Looks at numbers, and knows what is wrong; everything happens on the engine's thread.

    Steady time says how long a number is wrong, the world's how long a silence or an escalation takes: both are
    handed in.
    """

    def __init__(self) -> None:
        self.view = AlarmsView()
        self._dropped = 0
        self.escalate_after_s = 0.0
        """How long a critical alarm may go unanswered; 0 for ever."""
        self._conditions = Conditions()
        self._open: dict[str, AlarmView] = {}
        """By cause."""
        self._past: tuple[AlarmView, ...] = ()
        self._silences: dict[str, Silence] = {}
        self._number = self._told = 0
        self._latest: Notice | None = None
        self._rules = ""
        self._recalled: frozenset[str] = frozenset()
        """Causes of an earlier session whose numbers may not be there yet."""
        self._grace_ns: int | None = None

    # rules, and what outlives the program

    def use(self, rules: Mapping[str, Rule], said: str) -> None:
        """Put rules in force; a rule that stayed the same keeps what it saw."""
        self._conditions.use(rules)
        self._rules = said
        self._show()

    @property
    def kept(self) -> AlarmsKept:
        """What is to outlive the program."""
        return AlarmsKept(self._number, tuple(self._open.values()), self._past, dict(self._silences))

    def recall(self, kept: AlarmsKept) -> None:
        """Go on with what an earlier session left; what is over since then is found out."""
        self._number, self._past, self._silences = kept.number, kept.past[:PAST_MAX], dict(kept.silences)
        self._open = {alarm.cause: alarm for alarm in kept.open[:OPEN_MAX]}
        self._recalled = frozenset(self._open)
        self._show()

    @property
    def dropped(self) -> int:
        """How many conditions and alarms found no room, counted at each look."""
        return self._dropped + self._conditions.dropped

    # what happens

    def look(self, numbers: Numbers, now_ns: int) -> list[Notice]:
        """Hold every rule against the numbers of a look; return what is to be told of it."""
        firing = self._conditions.look(numbers)
        self._silences = {cause: each for cause, each in self._silences.items() if each.until_ns > now_ns}
        notices = [notice for cause in firing if (notice := self._fire(cause, firing[cause], now_ns))]
        over = [
            cause for cause in self._open if cause not in firing and self._is_known(cause, numbers.now_ns)
        ]
        notices += [notice for cause in over if (notice := self._resolve(cause, now_ns))]
        notices += [notice for cause in firing if (notice := self._press(cause, now_ns))]
        self._told += len(notices)
        self._latest = notices[-1] if notices else self._latest
        self._show()
        return notices

    def acknowledge(self, number: int, by: str, now_ns: int) -> AlarmView:
        """Let somebody have an alarm: it is told no more until it gets worse.

        Raises:
            EngineError: there is none of that number that is not over.
        """
        alarm = self._find(number)
        self._silences.pop(alarm.cause, None)
        had = replace(alarm, state=AlarmState.ACKNOWLEDGED, by=by, answered_ns=now_ns, until_ns=0)
        return self._put(had.after(Turn.ACKNOWLEDGED, now_ns, by))

    def silence(self, number: int, for_s: float, by: str, now_ns: int) -> AlarmView:
        """Tell nothing of an alarm's cause for so long, whether it goes on or comes again.

        Raises:
            EngineError: there is none of that number that is not over, or it would be for too long.
        """
        if not 1 <= for_s <= SILENCE_S_MAX:
            raise EngineError(f"a silence lasts a second to a day, found {for_s:g} s")
        alarm, until_ns = self._find(number), now_ns + int(for_s * NS_PER_S)
        self._silences[alarm.cause] = Silence(until_ns, by, now_ns)
        quiet = replace(alarm, state=AlarmState.SILENCED, by=by, answered_ns=now_ns, until_ns=until_ns)
        return self._put(quiet.after(Turn.SILENCED, now_ns, by))

    def take_back(self, number: int, by: str, now_ns: int) -> AlarmView:
        """Take back that an alarm was acknowledged or silenced.

        Raises:
            EngineError: there is none of that number that is not over, or nobody answered it.
        """
        alarm = self._find(number)
        if alarm.state is AlarmState.FIRING:
            raise EngineError(f"nobody has answered alert {number}")
        self._silences.pop(alarm.cause, None)
        free = replace(alarm, state=AlarmState.FIRING, by="", answered_ns=0, until_ns=0)
        return self._put(free.after(Turn.REOPENED, now_ns, by))

    def _fire(self, cause: str, said: Said, now_ns: int) -> Notice | None:
        alarm = self._open.get(cause)
        if alarm is None:
            return self._begin(cause, said, now_ns)
        self._recalled -= {cause}
        if RANK[said.severity] > RANK[alarm.severity]:
            return self._worsen(alarm, said, now_ns)
        if alarm.more != said.more:
            alarm = self._put(replace(alarm, more=said.more))
        if alarm.state is AlarmState.SILENCED and cause not in self._silences:
            alarm = replace(alarm, state=AlarmState.FIRING, until_ns=0, answered_ns=now_ns)
            return Notice(NoticeKind.AGAIN, self._put(alarm.after(Turn.AGAIN, now_ns)), now_ns)
        return None

    def _begin(self, cause: str, said: Said, now_ns: int) -> Notice | None:
        if len(self._open) >= OPEN_MAX:
            self._dropped += 1
            return None
        self._number += 1
        alarm = AlarmView(self._number, cause, said.severity, AlarmState.FIRING, said.text, said.more, now_ns)
        alarm = alarm.after(Turn.FIRED, now_ns)
        silence = self._silences.get(cause)
        if silence is None:
            return Notice(NoticeKind.FIRED, self._put(alarm), now_ns)
        answer = {"by": silence.by, "answered_ns": silence.said_ns, "until_ns": silence.until_ns}
        quiet = replace(alarm, state=AlarmState.SILENCED, **answer)
        self._put(quiet.after(Turn.SILENCED, now_ns, silence.by))
        return None

    def _worsen(self, alarm: AlarmView, said: Said, now_ns: int) -> Notice | None:
        """Tell what is more severe than what somebody answered; a silence of the cause holds."""
        worse = replace(alarm, severity=said.severity, text=said.text, more=said.more)
        worse = worse.after(Turn.WORSE, now_ns)
        if alarm.state is AlarmState.SILENCED:
            self._put(worse)
            return None
        worse = replace(worse, state=AlarmState.FIRING, by="", answered_ns=now_ns)
        return Notice(NoticeKind.WORSE, self._put(worse), now_ns)

    def _resolve(self, cause: str, now_ns: int) -> Notice | None:
        alarm = self._open.pop(cause)
        over = replace(alarm, state=AlarmState.RESOLVED, resolved_ns=now_ns).after(Turn.RESOLVED, now_ns)
        self._past = (over, *self._past)[:PAST_MAX]
        return Notice(NoticeKind.RESOLVED, over, now_ns) if alarm.state is not AlarmState.SILENCED else None

    def _press(self, cause: str, now_ns: int) -> Notice | None:
        """Tell a critical alarm again that nobody answers."""
        alarm = self._open.get(cause)
        if alarm is None or not self.escalate_after_s or alarm.severity is not Severity.CRITICAL:
            return None
        if alarm.state is not AlarmState.FIRING or alarm.escalations >= ESCALATIONS_MAX:
            return None
        since_ns = max(alarm.since_ns, alarm.answered_ns, alarm.escalated_ns)
        if now_ns - since_ns < self.escalate_after_s * NS_PER_S:
            return None
        pressed = replace(alarm, escalations=alarm.escalations + 1, escalated_ns=now_ns)
        return Notice(NoticeKind.ESCALATED, self._put(pressed.after(Turn.ESCALATED, now_ns)), now_ns)

    def _is_known(self, cause: str, steady_ns: int) -> bool:
        """Tell whether the numbers of a cause were there: those of an earlier session may still come."""
        if cause not in self._recalled:
            return True
        if self._grace_ns is None:
            self._grace_ns = steady_ns + MISSING_NS + int(self._conditions.longest_s * NS_PER_S)
        return steady_ns >= self._grace_ns

    def _find(self, number: int) -> AlarmView:
        for alarm in self._open.values():
            if alarm.number == number:
                return alarm
        if any(alarm.number == number for alarm in self._past):
            raise EngineError(f"alert {number} is over")
        raise EngineError(f"there is no alert {number}")

    def _put(self, alarm: AlarmView) -> AlarmView:
        self._open[alarm.cause] = alarm
        self._show()
        return alarm

    def _show(self) -> None:
        opened = sorted(self._open.values(), key=lambda each: (-RANK[each.severity], each.since_ns))
        shown = AlarmsView(tuple(opened), self._past, self._told, self._latest, self._rules)
        if shown != self.view:
            self.view = shown
