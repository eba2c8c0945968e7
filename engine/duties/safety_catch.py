"""Arms the account when a person says its name, and disarms it whenever nobody may mean it any more."""

from __future__ import annotations

from engine.clock import NS_PER_S
from engine.messages.commands import ArmTrading
from engine.messages.events import (
    AlertRaised,
    BrokerLinkChanged,
    Severity,
    TradingArmed,
    TradingDisarmed,
)
from engine.rooms import Rooms

WRONG_NAMES = 3
"""After so many wrong names in a row the alert is loud."""


class SafetyCatch:
    """Decides when the account is armed; what an armed one may do is the gate's.

    Idleness counts from the last key at the desk, by steady time. A live account is also disarmed whenever the way to
    its broker closes or opens: another account may be behind it, and what was meant for one market may reach another.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._arming = rooms.arming
        self._idle_minutes = rooms.settings.desk.disarm_after_min
        self._seen_ns = 0
        self._wrong = 0
        rooms.bus.subscribe(BrokerLinkChanged, self._on_link)

    def seen(self) -> None:
        """Note that somebody is at the desk: it was opened, or a key was pressed."""
        self._seen_ns = self._rooms.clock.monotonic_ns()

    def arm(self, command: ArmTrading) -> None:
        """Arm the account, or say why not."""
        if self._arming.armed:
            return
        event = TradingArmed(self._rooms.account.name, command.origin, self._now_ns())
        if refusal := self._objection(command) or self._unwritten(event):
            self._arming.refuse(refusal)
            loud = self._wrong and self._wrong % WRONG_NAMES == 0
            text = f"{event.account} stays disarmed: {refusal}"
            self._say(Severity.CRITICAL if loud else Severity.WARNING, text)
            return
        self.seen()
        self._arming.arm()
        self._rooms.bus.publish(event)
        named = "" if self._arming.needs_name else "; a paper account needs no name"
        self._say(Severity.INFO, f"{event.account} is armed{named}")

    def disarm(self, reason: str, origin: str) -> None:
        """Disarm the account at once, and write it down; an account that is disarmed stays as it is."""
        if not self._arming.armed:
            return
        self._arming.disarm(reason)
        event = TradingDisarmed(reason, origin, self._now_ns())
        self._rooms.orders.scribe.note(event)
        self._rooms.bus.publish(event)
        text = f"{self._rooms.account.name} is disarmed: {reason}; exits and cancels still work"
        self._say(Severity.WARNING, text)

    def look(self) -> None:
        """Disarm once nobody has pressed a key for too long."""
        idle_ns = self._idle_minutes * 60 * NS_PER_S
        if idle_ns and self._seen_ns and self._rooms.clock.monotonic_ns() - self._seen_ns >= idle_ns:
            self.disarm(f"no key for {self._idle_minutes} minutes", "idle")

    def _objection(self, command: ArmTrading) -> str:
        """Return why the account may not be armed now; one without real money always may."""
        if not self._arming.needs_name:
            return ""
        if command.account_name != self._rooms.account.name:
            self._wrong += 1
            times = f", {self._wrong} times in a row" if self._wrong > 1 else ""
            return f"that is not the account's name{times}"
        self._wrong = 0
        connection = self._rooms.orders.reconciler.connection
        if not connection.is_open:
            return f"no connection to the broker ({connection.reason}); arm it when that is back"
        return self._rooms.may_arm() if self._rooms.may_arm is not None else ""

    def _unwritten(self, event: TradingArmed) -> str:
        """Write it down that the account is armed; return why that can't be."""
        denials = self._rooms.orders.scribe.record(event)
        return denials[0].text if denials else ""

    def _on_link(self, event: BrokerLinkChanged) -> None:
        if self._arming.needs_name:
            lost = f"the connection to the broker is gone ({event.reason})"
            self.disarm("the broker was connected anew" if event.connected else lost, "broker")

    def _say(self, severity: Severity, text: str) -> None:
        self._rooms.bus.publish(AlertRaised(severity, "arming", text, self._now_ns()))

    def _now_ns(self) -> int:
        return self._rooms.account_clock.now_ns()
