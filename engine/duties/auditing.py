"""Writes to the audit log what somebody did to the account's controls: who, from where, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from engine.clock import SystemClock
from engine.folders import Folders
from engine.messages.commands import TradingState
from engine.messages.events import (
    AlertRaised,
    BreakResolved,
    Severity,
    TradingArmed,
    TradingDisarmed,
    TradingStateChanged,
)
from engine.messages.remedies import RemedyApplied
from engine.rooms import Rooms
from engine.security.audit.entry import Act
from engine.security.audit.log import NAME, AuditLog
from engine.security.audit.who import login_name
from engine.security.audit.writer import AuditWriter

ARMED, DISARMED = "armed", "disarmed"


def audit_writer(folders: Folders) -> AuditWriter:
    """Return what writes to the audit log of the data folder, in the name of the person whose program this is."""
    return AuditWriter(AuditLog(folders.data / NAME, SystemClock()), login_name())


class Auditing:
    """Hears of every halt, resume, arming and decision, and sees when other limits are in force."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._told = ""
        self._states = dict(_states(rooms))
        self._version, self._limits = rooms.limits.version, _flat(rooms)
        if rooms.audit is not None:
            rooms.bus.subscribe(TradingStateChanged, self._on_state)
            rooms.bus.subscribe(TradingArmed, self._on_armed)
            rooms.bus.subscribe(TradingDisarmed, self._on_disarmed)
            rooms.bus.subscribe(BreakResolved, self._on_resolved)
            rooms.bus.subscribe(RemedyApplied, self._on_remedy)

    def look(self) -> None:
        """Write down limits that changed, and let a person hear of a log that can't be written."""
        audit = self._rooms.audit
        if audit is None:
            return
        if self._version != self._rooms.limits.version:
            self._note_limits(audit)
        if audit.failure != self._told:
            self._told = audit.failure
            if self._told:
                text = f"not in the audit log: {self._told}"
                now_ns = self._rooms.account_clock.now_ns()
                self._rooms.bus.publish(AlertRaised(Severity.CRITICAL, "audit", text, now_ns))

    def close(self) -> None:
        """Wait for what is not written yet."""
        self.look()
        if self._rooms.audit is not None:
            self._rooms.audit.close()

    def _on_state(self, event: TradingStateChanged) -> None:
        scope = event.symbol or event.strategy or ("every desk" if event.firm_version else "everything")
        after = f"{event.state.value}: {event.reason}"
        before = self._states.get(scope, TradingState.ACTIVE.value)
        self._states[scope] = after
        self._note("trading-state", event.origin, before, after, scope, event.who)

    def _on_armed(self, event: TradingArmed) -> None:
        self._note("arming", event.origin, DISARMED, ARMED)

    def _on_disarmed(self, event: TradingDisarmed) -> None:
        self._note("arming", event.origin, ARMED, f"{DISARMED}: {event.reason}")

    def _on_resolved(self, event: BreakResolved) -> None:
        self._note("break", event.origin, event.text, event.action.value, event.break_id)

    def _on_remedy(self, event: RemedyApplied) -> None:
        self._note("remedy", event.origin, "", f"{event.remedy.value}: {event.said}", event.component)

    def _note_limits(self, audit: AuditWriter) -> None:
        before, after = self._limits, _flat(self._rooms)
        self._version, self._limits = self._rooms.limits.version, after
        changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
        for name in changed:
            audit.note(
                Act(
                    who=audit.who,
                    what="limit",
                    origin=self._rooms.limits.source,
                    subject=name,
                    before=before.get(name, "none"),
                    after=after.get(name, "none"),
                )
            )

    def _note(
        self, what: str, origin: str, before: str, after: str, subject: str = "", who: str = ""
    ) -> None:
        audit, account = self._rooms.audit, self._rooms.account.name
        assert audit is not None
        subject = f"{account} {subject}" if subject else account
        sender = self._rooms.sender
        who = who or (sender.name if sender is not None else audit.who)
        audit.note(Act(who=who, what=what, origin=origin, subject=subject, before=before, after=after))


def _states(rooms: Rooms) -> Iterator[tuple[str, str]]:
    halts = rooms.halts
    scopes = [("everything", halts.said), ("every desk", halts.firm), *halts.said_symbols.items()]
    for name, halt in (*scopes, *rooms.halts.strategies.items()):
        yield str(name), f"{halt.state.value}: {halt.reason}" if halt.reason else halt.state.value


def _flat(rooms: Rooms) -> dict[str, str]:
    """Return every limit in force by its dotted name."""
    return dict(_named(msgspec.to_builtins(rooms.limits.limits)))


def _named(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _named(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", "none" if value is None else str(value)
