"""How much goes wrong in one run: drawn once from its seed, and turned off before the reckoning."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from engine.clock import NS_PER_MS

REFUSED = ("400: malformed", "403: not permitted", "422: can't be processed")
"""Answers that prove that an order was not taken."""
NO_PROOF = ("time-out", "429: too many requests", "500: internal error", "502: bad gateway",
            "503: service unavailable", "504: gateway time-out", "the answer could not be read")  # fmt: skip
"""Answers after which nobody knows whether a request was carried out."""


@dataclass(slots=True)
class Faults:
    """Chances, each between 0 and 1, and how slow the slowest message is."""

    lose: float = 0.0
    double: float = 0.0
    reject: float = 0.0
    late_fill: float = 0.0
    unasked: float = 0.0
    missing_page: float = 0.0
    request: float = 0.0
    """Something goes wrong with a request before it is answered."""
    slow_ms: int = 1

    def happens(self, random: Random, chance: float) -> bool:
        """Draw one chance."""
        return chance > 0 and random.random() < chance

    def loses(self, random: Random) -> bool:
        """Draw whether one message is lost."""
        return self.happens(random, self.lose)

    def delay_ns(self, random: Random) -> int:
        """Draw how long one message takes; many are quick, a few are as slow as can be."""
        share = random.random() ** 4
        return NS_PER_MS + round(share * self.slow_ms * NS_PER_MS)

    def fate(self, random: Random, *, storm: bool) -> str:
        """Draw what becomes of a request on its way: it is refused, lost, or only its answer is."""
        if storm:
            return random.choice(("lost", "unanswered"))
        if not self.happens(random, self.request):
            return "arrives"
        return random.choice(("refused", "lost", "unanswered"))

    def end(self) -> None:
        """Nothing goes wrong any more."""
        self.lose = self.double = self.reject = self.late_fill = self.unasked = self.missing_page = 0.0
        self.request, self.slow_ms = 0.0, 1


def drawn(random: Random) -> Faults:
    """Return the faults of a run: some runs are calm, some are storms."""
    storm = random.random()
    return Faults(
        lose=storm * 0.15 * random.random(),
        double=storm * 0.3 * random.random(),
        reject=0.05 * random.random(),
        late_fill=storm * 0.3 * random.random(),
        unasked=storm * 0.05 * random.random(),
        missing_page=storm * 0.3 * random.random(),
        request=storm * 0.3 * random.random(),
        slow_ms=random.choice((1, 5, 50, 500, 1_900)),
    )
