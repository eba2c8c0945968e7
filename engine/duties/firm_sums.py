"""Sums up what the other desks hold, for the limits over all of them."""

from __future__ import annotations

from engine.environment import is_production
from engine.messages.events import AlertRaised, Severity
from engine.messages.firm import DeskPresence
from engine.model.account import RATE_SCALE
from engine.model.instrument import Symbol
from engine.risk.firm_exposure import Extremes
from engine.risk.limits import FirmLimits
from engine.rooms import Rooms


class FirmSums:
    """Keeps the gate's sums as the desks are known; only desks of the same kind of account count."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._told = ""
        rooms.gate.firm.denies = is_production()

    def look(self) -> None:
        """Sum up anew, and say so where the sums may not be all."""
        desks, firm = self._rooms.desks, self._rooms.gate.firm
        assert desks is not None
        gross = high = low = 0
        symbols: dict[Symbol, Extremes] = {}
        trouble = desks.trouble
        for presence, may_differ in desks.others:
            if presence.mode != self._rooms.account.mode.value or not presence.holds:
                continue
            rate = self._rate(presence.currency)
            trouble = trouble or _doubt(presence, has_rate=rate > 0, may_differ=may_differ)
            gross += presence.gross * rate // RATE_SCALE
            high += presence.high * rate // RATE_SCALE
            low += presence.low * rate // RATE_SCALE
            for held in presence.held:
                before_high, before_low = symbols.get(Symbol(held.symbol), (0, 0))
                symbols[Symbol(held.symbol)] = (
                    before_high + held.high * rate // RATE_SCALE,
                    before_low + held.low * rate // RATE_SCALE,
                )
        firm.set(gross, high, low, symbols, trouble)
        self._tell(trouble)

    def _rate(self, currency: str) -> int:
        rates = self._rooms.rates
        return RATE_SCALE if currency == rates.base_currency else max(0, rates.get(currency) or 0)

    def _tell(self, trouble: str) -> None:
        if self._rooms.limits.limits.firm == FirmLimits() or trouble == self._told:
            return
        self._told, denies = trouble, self._rooms.gate.firm.denies
        text = "limits over all desks: what they hold is known again"
        if trouble:
            then = "nothing may open" if denies else "they count as they were last heard"
            text = f"limits over all desks: {trouble}; {then}"
        severity = Severity.INFO if not trouble else Severity.CRITICAL if denies else Severity.WARNING
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, "risk", text, now_ns))


def _doubt(presence: DeskPresence, *, has_rate: bool, may_differ: bool) -> str:
    if may_differ:
        return f"{presence.name} holds something and says nothing any more"
    if not presence.is_priced:
        return f"{presence.name} holds something without a price"
    return "" if has_rate else f"{presence.name} counts in {presence.currency}, and there is no rate"
