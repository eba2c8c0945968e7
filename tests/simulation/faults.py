"""How much goes wrong in one run: drawn once from its seed, and turned off before the reckoning."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from engine.clock import NS_PER_MS

FATES = ("not_sent", "refused", "lost", "unanswered", "arrives")


@dataclass(slots=True)
class Faults:
    """Chances, each between 0 and 1, and how slow the slowest message is."""

    lose: float = 0.0
    double: float = 0.0
    reject: float = 0.0
    late_fill: float = 0.0
    unasked: float = 0.0
    missing_page: float = 0.0
    submit: float = 0.0
    """Something goes wrong with a submit before it is answered."""
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

    def fate_of_submit(self, random: Random, *, linked: bool) -> str:
        """Draw what becomes of a submit on its way."""
        if not linked:
            return "not_sent"
        if not self.happens(random, self.submit):
            return "arrives"
        return random.choice(FATES[1:4])

    def end(self) -> None:
        """Nothing goes wrong any more."""
        self.lose = self.double = self.reject = self.late_fill = self.unasked = self.missing_page = (
            self.submit
        ) = 0.0
        self.slow_ms = 1


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
        submit=storm * 0.3 * random.random(),
        slow_ms=random.choice((1, 5, 50, 500, 4_000)),
    )
