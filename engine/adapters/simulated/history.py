"""What happened before the start: bars from a coarse version of the same model, without a book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, log, sqrt
from random import Random

from engine.adapters.simulated.flow import expected_prints
from engine.adapters.simulated.phases import pace, phase_at, prior_day_start_ns
from engine.adapters.simulated.tape import SOURCE
from engine.adapters.simulated.universe import Listing
from engine.adapters.simulated.value import FairValue
from engine.clock import NS_PER_S
from engine.model.bar import Bar, RecordedBar

MINUTE_NS = 60 * NS_PER_S
_DAY_NS = 86_400 * NS_PER_S
_ACTIVE_S = {"XNYS": 23_400.0}


class History:
    """The past of one instrument; moves its value from the prior close to the start."""

    def __init__(
        self, listing: Listing, value: FairValue, rate: float, size_mean: float, random: Random
    ) -> None:
        self._listing = listing
        self._symbol = listing.instrument.symbol
        self._tick = listing.instrument.tick_units
        self._value = value
        self._random = random
        self._trades_per_s, self._size_mean = expected_prints(rate, size_mean)

    def prior_day(self, start_ns: int) -> RecordedBar:
        """Return the bar of the trading day before, whose close everything is compared with."""
        calendar, random = self._listing.instrument.calendar, self._random
        close = self._listing.instrument.price_units(self._listing.prior_close)
        sigma = self._listing.daily_volatility
        change = random.gauss(0.0, sigma)
        opening = self._on_tick(close * (1.0 - change))
        high, low = self._extremes(opening, close, sigma)
        trades = max(
            1, int(self._trades_per_s * _ACTIVE_S.get(calendar, 86_400.0) * random.uniform(0.8, 1.2))
        )
        day_ns = prior_day_start_ns(calendar, start_ns)
        return self._bar(_DAY_NS, day_ns, (opening, high, low, close), trades)

    def minutes(self, start_ns: int, shocks: Sequence[float]) -> Iterator[RecordedBar]:
        """Make one bar for each of the market's shocks up to the start; closed minutes have none."""
        calendar, value, random = self._listing.instrument.calendar, self._value, self._random
        value.gap()
        close = self._on_tick(value.price)
        first_ns = start_ns - start_ns % MINUTE_NS - len(shocks) * MINUTE_NS
        for minute, shock in enumerate(shocks):
            at_ns = first_ns + minute * MINUTE_NS
            busy = pace(calendar, phase_at(calendar, at_ns), at_ns + MINUTE_NS // 2)
            if not busy:
                continue
            value.advance(shock, busy, 60.0)
            opening, close = close, self._on_tick(value.price)
            sigma = value.sigma(busy, 60.0) * value.nervousness
            high, low = self._extremes(opening, close, sigma)
            expected = self._trades_per_s * 60.0 * busy * (0.5 + 0.5 * value.nervousness)
            trades = int(expected * exp(random.gauss(-0.03, 0.25)) + random.random())
            if trades:
                yield self._bar(MINUTE_NS, at_ns, (opening, high, low, close), trades)

    def _bar(
        self, interval_ns: int, at_ns: int, prices: tuple[int, int, int, int], trades: int
    ) -> RecordedBar:
        opening, high, low, close = prices
        noise = 1.0 + self._random.gauss(0.0, 0.5) / sqrt(trades)
        volume = max(1, int(trades * self._size_mean * max(0.3, noise)))
        turnover = volume * (opening + high + low + close) // 4
        bar = Bar(
            self._symbol, interval_ns, at_ns, opening, high, low, close, volume, turnover, trades, closed=True
        )
        return RecordedBar(SOURCE, bar, at_ns + interval_ns)

    def _extremes(self, opening: int, close: int, sigma: float) -> tuple[int, int]:
        """Draw the highest and the lowest of a Brownian bridge between two prices.

        Glasserman, "Monte Carlo methods in financial engineering" (2003), section 6.4.
        """
        change = close - opening
        variance = 2.0 * (sigma * opening) ** 2
        up = change * change - variance * log(1.0 - self._random.random())
        down = change * change - variance * log(1.0 - self._random.random())
        high = max(opening, close, self._on_tick(opening + (change + sqrt(up)) / 2))
        low = min(opening, close, self._on_tick(opening + (change - sqrt(down)) / 2))
        return high, low

    def _on_tick(self, price: float) -> int:
        return max(1, round(price / self._tick)) * self._tick
