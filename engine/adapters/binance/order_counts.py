"""How many orders Binance lets an account send in its windows of time, by its own count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from engine.adapters.binance.messages import Limit
from engine.clock import NS_PER_S, Clock

_HEADER = re.compile(r"x-mbx-order-count-(\d{1,4})([smhd])", re.IGNORECASE)
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_INTERVALS = {"SECOND": "s", "MINUTE": "m", "HOUR": "h", "DAY": "d"}


class OrderCounts:
    """Follows the venue's counts; between its answers our own orders are counted along. Cancels do not count."""

    def __init__(self, clock: Clock) -> None:
        self.refused = 0
        """Orders that were not sent for want of room."""
        self._clock = clock
        self._limits: dict[int, int] = {}
        """How many, by the seconds of their window."""
        self._counts: dict[int, tuple[int, int]] = {}
        """Which window it is, and how many orders were sent in it."""

    def learn(self, limits: Iterable[Limit]) -> None:
        """Take in what the venue says its limits are."""
        for each in limits:
            unit = _INTERVALS.get(each.interval)
            if each.rate_limit_type == "ORDERS" and unit and each.interval_num > 0 and each.limit > 0:
                self._limits[each.interval_num * _UNITS_S[unit]] = each.limit

    def note(self, headers: Mapping[str, str]) -> None:
        """Take in the counts of an answer; one that was sent earlier may come later."""
        for name, text in headers.items():
            found = _HEADER.fullmatch(name)
            if found is not None and text.isascii() and text.isdigit() and len(text) < 10:
                window_s = int(found[1]) * _UNITS_S[found[2].lower()]
                if window_s:
                    count = max(int(text), self._count(window_s))
                    self._counts[window_s] = (self._window(window_s), count)

    def take(self, orders: int = 1) -> str:
        """Count orders that are about to leave, or say why they must not."""
        for window_s, limit in self._limits.items():
            if self._count(window_s) + orders > limit:
                self.refused += 1
                return f"Binance takes {limit:,} orders in {window_s:,} s; there is room again in {self._left_s(window_s):,} s"
        for window_s in self._limits:
            self._counts[window_s] = (self._window(window_s), self._count(window_s) + orders)
        return ""

    def _count(self, window_s: int) -> int:
        window, count = self._counts.get(window_s, (0, 0))
        return count if window == self._window(window_s) else 0

    def _window(self, window_s: int) -> int:
        return self._clock.now_ns() // (window_s * NS_PER_S)

    def _left_s(self, window_s: int) -> int:
        return window_s - self._clock.now_ns() // NS_PER_S % window_s
