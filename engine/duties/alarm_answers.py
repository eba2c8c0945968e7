"""What people do about alerts: acknowledge, silence, take back; each with an entry in the audit log."""

from __future__ import annotations

from engine.clock import NS_PER_S, Clock, SystemClock
from engine.messages.alarm_views import AlarmState, AlarmView
from engine.messages.commands import AcknowledgeAlert, ReopenAlert, SilenceAlert
from engine.messages.events import AlertRaised, Severity
from engine.rooms import Rooms
from engine.security.audit.entry import Act
from engine.security.audit.who import login_name


class AlarmAnswers:
    """Carries the answers out, on the engine's thread."""

    def __init__(self, rooms: Rooms, clock: Clock | None = None) -> None:
        """Take the world's time where it is another."""
        self._rooms = rooms
        self._now_ns = (clock or SystemClock()).now_ns

    def acknowledge(self, command: AcknowledgeAlert) -> None:
        """Let who says it have an alert; raises EngineError where there is none of the number."""
        before = self._before(command.number)
        after = self._rooms.alarms.acknowledge(command.number, self._who, self._now_ns())
        self._note(before, after, command.origin, f"acknowledged by {after.by}")

    def silence(self, command: SilenceAlert) -> None:
        """Tell nothing of an alert's cause for a while; raises EngineError where there is none, or for too long."""
        before = self._before(command.number)
        after = self._rooms.alarms.silence(command.number, command.for_s, self._who, self._now_ns())
        minutes = (after.until_ns - after.answered_ns) / NS_PER_S / 60
        self._note(before, after, command.origin, f"silenced for {minutes:.3g} min by {after.by}")

    def reopen(self, command: ReopenAlert) -> None:
        """Take an answer back; raises EngineError where nobody gave one."""
        before = self._before(command.number)
        after = self._rooms.alarms.take_back(command.number, self._who, self._now_ns())
        self._note(before, after, command.origin, "open again")

    @property
    def _who(self) -> str:
        sender, audit = self._rooms.sender, self._rooms.audit
        if sender is not None:
            return sender.name
        return audit.who if audit is not None else login_name()

    def _before(self, number: int) -> str:
        found = [alarm for alarm in self._rooms.alarms.view.open if alarm.number == number]
        return _stated(found[0]) if found else ""

    def _note(self, before: str, alarm: AlarmView, origin: str, what: str) -> None:
        audit, account = self._rooms.audit, self._rooms.account.name
        if audit is not None:
            subject = f"{account} {alarm.number} {alarm.cause}"
            act = Act(
                who=self._who,
                what="alert",
                origin=origin,
                subject=subject,
                before=before,
                after=_stated(alarm),
            )
            audit.note(act)
        now_ns = self._rooms.account_clock.now_ns()
        text = f"alert {alarm.number} ({alarm.cause}) is {what}"
        self._rooms.bus.publish(AlertRaised(Severity.INFO, "alerts", text, now_ns))


def _stated(alarm: AlarmView) -> str:
    return f"{alarm.state.value} by {alarm.by}" if alarm.state is not AlarmState.FIRING else alarm.state.value
