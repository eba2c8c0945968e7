"""What everything is worth: latent values that the exchange's informed traders know and nobody sees."""

from __future__ import annotations

from math import exp, log, sqrt
from random import Random

from engine.adapters.simulated.universe import Listing

_MEMORY_S = 1500.0
"""How long a calm or a nervous spell lasts."""
_NERVOUSNESS = 0.45
"""Standard deviation of the logarithm of volatility."""
_NEWS_PER_S = 1 / 2700
"""Small news."""
_NEWS_JUMP = 15.0
"""Its mean size, in standard deviations of one second's return: that of four minutes."""
_NEWS_FADES_S = 8.0
"""How long a piece of news takes to arrive in the value."""
_NIGHT = 0.4
"""How much a night moves, as a share of a day."""


class Volatility:
    """A volatility that wanders around 1: calm follows calm, storms follow storms.

    The logarithm is an Ornstein-Uhlenbeck process, shifted so that the variance is 1 on average.
    """

    __slots__ = ("_log", "level")

    def __init__(self, random: Random) -> None:
        self._log = random.gauss(0.0, _NERVOUSNESS)
        self.level = exp(self._log - _NERVOUSNESS**2)

    def advance(self, random: Random, seconds: float) -> float:
        """Move on and return the level."""
        keep = exp(-seconds / _MEMORY_S)
        self._log = keep * self._log + _NERVOUSNESS * sqrt(1.0 - keep * keep) * random.gauss(0.0, 1.0)
        self.level = exp(self._log - _NERVOUSNESS**2)
        return self.level


class MarketFactor:
    """What moves everything together."""

    __slots__ = ("_random", "_volatility")

    def __init__(self, random: Random) -> None:
        self._random = random
        self._volatility = Volatility(random)

    def advance(self, seconds: float) -> float:
        """Move on and return the shock, of variance 1 on average."""
        return self._random.gauss(0.0, 1.0) * self._volatility.advance(self._random, seconds)


class FairValue:
    """The value of one instrument, in price units, and how nervous its market is."""

    __slots__ = ("_daily", "_loading", "_news", "_own", "_random", "_sigma", "_volatility", "price")

    def __init__(self, listing: Listing, price: float, random: Random) -> None:
        self._random = random
        self._volatility = Volatility(random)
        self._loading = listing.market_loading
        self._own = sqrt(1.0 - listing.market_loading**2)
        day_s = 23_400.0 if listing.instrument.calendar == "XNYS" else 86_400.0
        with_news = 1.0 + 2.0 * _NEWS_JUMP**2 * _NEWS_PER_S
        self._sigma = listing.daily_volatility / sqrt(day_s * with_news)
        self._daily = listing.daily_volatility
        self._news = 0.0
        self.price = price

    @property
    def nervousness(self) -> float:
        """How volatile it is now; 1 is ordinary."""
        return self._volatility.level

    def sigma(self, pace: float, seconds: float) -> float:
        """Return the ordinary standard deviation of its return over some seconds."""
        return self._sigma * sqrt(pace * seconds)

    def advance(self, market_shock: float, pace: float, seconds: float) -> None:
        """Move on through quiet trading and what small news there is."""
        random = self._random
        own_shock = random.gauss(0.0, 1.0) * self._volatility.advance(random, seconds)
        sigma = self._sigma * sqrt(pace * seconds)
        shock = sigma * (self._loading * market_shock + self._own * own_shock)
        if random.random() < _NEWS_PER_S * seconds * pace:
            self.hear(self._sigma * _NEWS_JUMP * random.choice((-1, 1)) * -log(1.0 - random.random()))
        if self._news:
            heard = self._news * min(1.0, seconds / _NEWS_FADES_S)
            self._news = 0.0 if abs(self._news) < self._sigma else self._news - heard
            shock += heard
        self.price *= 1.0 + shock

    def gap(self) -> None:
        """Move through a night in one step."""
        self.price *= exp(self._random.gauss(0.0, _NIGHT * self._daily))

    def hear(self, jump: float) -> None:
        """Begin to move by a fraction of the price."""
        self._news += jump
