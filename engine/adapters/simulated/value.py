"""What everything is worth: latent values that the exchange's informed traders know and nobody sees."""

from __future__ import annotations

from math import exp, sqrt
from random import Random

from engine.adapters.simulated.universe import Listing

_MEMORY_S = 1500.0
"""How long a calm or a nervous spell lasts."""
_NERVOUSNESS = 0.55
"""Standard deviation of the logarithm of volatility."""
_NEWS_PER_S = 1 / 2700
"""Small news, of the market or of one instrument."""
_NEWS_JUMP = 15.0
"""Its mean size, in standard deviations of one second's return: that of four minutes."""
_NEWS_FADES_S = 8.0
"""How long a piece of news takes to arrive in the value."""
_NEWS_FORGOTTEN = 0.5
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


class SmallNews:
    """Surprises that come now and then and take some seconds to be understood."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = 0.0

    def advance(self, random: Random, pace: float, seconds: float) -> float:
        """Move on and return what was understood, in standard deviations of one second's return."""
        if random.random() < _NEWS_PER_S * pace * seconds:
            self._left += _NEWS_JUMP * random.choice((-1, 1)) * random.expovariate(1.0)
        heard = self._left * min(1.0, seconds / _NEWS_FADES_S)
        self._left = self._left - heard if abs(self._left) > _NEWS_FORGOTTEN else 0.0
        return heard

    def add(self, jump: float) -> None:
        """Add a surprise of so many standard deviations."""
        self._left += jump


class MarketFactor:
    """What moves all instruments of one class together."""

    __slots__ = ("_news", "_random", "_volatility")

    def __init__(self, random: Random) -> None:
        self._random = random
        self._volatility = Volatility(random)
        self._news = SmallNews()

    def advance(self, seconds: float) -> float:
        """Move on and return the shock, a standard deviation being about 1."""
        random = self._random
        heard = self._news.advance(random, 1.0, seconds)
        return random.gauss(0.0, 1.0) * self._volatility.advance(random, seconds) + heard / sqrt(seconds)


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
        self._daily = listing.daily_volatility
        self._sigma = listing.daily_volatility / sqrt(day_s * with_news)
        self._news = SmallNews()
        self.price = price

    @property
    def nervousness(self) -> float:
        """How volatile it is now; 1 is ordinary."""
        return self._volatility.level

    def sigma(self, pace: float, seconds: float) -> float:
        """Return the ordinary standard deviation of its return over some seconds."""
        return self._sigma * sqrt(pace * seconds)

    def advance(self, market_shock: float, pace: float, seconds: float) -> None:
        """Move on through quiet trading and what news there is."""
        random = self._random
        own_shock = random.gauss(0.0, 1.0) * self._volatility.advance(random, seconds)
        shock = sqrt(pace * seconds) * (self._loading * market_shock + self._own * own_shock)
        shock += self._own * self._news.advance(random, pace, seconds)
        self.price *= 1.0 + self._sigma * shock

    def gap(self) -> None:
        """Move through a night in one step."""
        self.price *= exp(self._random.gauss(0.0, _NIGHT * self._daily))

    def hear(self, jump: float) -> None:
        """Begin to move by a fraction of the price."""
        self._news.add(jump / (self._sigma * self._own))
