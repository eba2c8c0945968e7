"""Decides whether a print is let in."""

from __future__ import annotations

from engine.config import FilterSettings
from engine.market import reasons
from engine.market.lateness import SourceClock
from engine.market.outlier import OutlierBand
from engine.model.market_state import MarketState
from engine.model.trade import Trade


class TradeQuality:
    """The filters of one symbol's prints from one source, and what they remember.

    Equal prints are legitimate: only the venue's id tells a duplicate. Prints that do not set the last
    price (late, average price) are neither late nor outliers: they say so themselves.
    """

    __slots__ = ("_band", "_clock", "_receive_ns", "_settings", "_size_max", "_state", "_trade_id", "source")

    def __init__(self, source: str, state: MarketState, settings: FilterSettings, clock: SourceClock) -> None:
        self.source = source
        self._settings = settings
        self._clock = clock
        self._band = OutlierBand(settings)
        self._state = state
        self._size_max = int(settings.size_max * state.instrument.size_scale)
        self.forget()

    def forget(self) -> None:
        """Judge the next print as the first: its source begins again."""
        self._band.forget()
        self._receive_ns = 0
        self._trade_id = 0

    def refusal(self, trade: Trade) -> str:
        """Return why a print is refused; empty when it is good, and then remember it."""
        trade_id = trade.trade_id
        if trade_id and trade_id <= self._trade_id and (reason := self._repeated(trade_id)):
            return reason
        if not 0 < trade.size <= self._size_max and self._settings.size:
            return reasons.SIZE
        if trade.sets_last and (reason := self._doubtful(trade)):
            return reason
        if trade_id:
            self._trade_id = trade_id
        return ""

    def _repeated(self, trade_id: int) -> str:
        if trade_id == self._trade_id:
            return reasons.DUPLICATE if self._settings.duplicate else ""
        return reasons.OUT_OF_ORDER if self._settings.out_of_order else ""

    def _doubtful(self, trade: Trade) -> str:
        price, receive_ns, event_ns = trade.price, trade.receive_ns, trade.event_ns
        if event_ns:
            lag, clock = receive_ns - event_ns, self._clock
            if not clock.floor_ns <= lag <= clock.late_ns and self._late(lag, receive_ns):
                return reasons.STALE
        band = self._band
        if not band.low <= price <= band.high and self._stray(price, receive_ns):
            return reasons.OUTLIER
        self._receive_ns = receive_ns
        band.countdown -= 1
        if not band.countdown:
            band.learn(price, price)
        return ""

    def _late(self, lag_ns: int, receive_ns: int) -> bool:
        return self._clock.is_late(lag_ns, receive_ns) and self._settings.stale

    def _stray(self, price: int, receive_ns: int) -> bool:
        if not self._settings.outlier:
            return False
        last = self._state.last
        return self._band.is_outlier(price, price, (last, last), receive_ns - self._receive_ns)
