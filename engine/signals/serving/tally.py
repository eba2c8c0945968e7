"""What is kept of a version across restarts: counts, the newest outcomes, what its orders brought, how it drifted."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from engine.signals.serving.money import Money
from engine.signals.statistics.matured import Matured

OUTCOMES_MAX: Final = 500
"""So many of the newest outcomes are kept, and scored."""
SYMBOLS_MAX: Final = 32
"""Of so many symbols it is kept how rows drifted."""
_BPS: Final = 10_000


class KeptOutcome(Struct, frozen=True, array_like=True, gc=False):
    """What was said and what came of it."""

    probability: float
    forward_return: float
    base_rate: float

    def matured(self, bar: int) -> Matured:
        """Return it as statistics take it."""
        return Matured(bar, self.probability, self.forward_return, self.base_rate)


class Drifted(Struct, frozen=True):
    """What the last window of a symbol's rows said."""

    level: int = 0
    reasons: tuple[str, ...] = ()
    errors: tuple[float, ...] = ()
    """The newest squared errors, oldest first."""


class Tally(Struct):
    """All of it, of one version."""

    model: str
    version: str
    bars: int = 0
    """At which it was asked, past the first ones."""
    said: int = 0
    matured: int = 0
    pnl_bps: float = 0.0
    outcomes: list[KeptOutcome] = field(default_factory=list)
    money: Money = field(default_factory=Money)
    drifted: dict[str, Drifted] = field(default_factory=dict)
    """By symbol."""
    watched_from: int = 0
    """How many outcomes there were when a person last decided that it predicts: those since are held against its card."""
    stage: str = ""
    """What it was here last; empty where that was not kept."""
    drift_alarm: bool = False
    """Whether it drifted, as of when this was kept."""

    def copied(self) -> Tally:
        """Return it as it is now, for another thread."""
        money = replace(self.money, held=dict(self.money.held))
        return replace(self, outcomes=list(self.outcomes), money=money, drifted=dict(self.drifted))

    def take(self, outcome: Matured, cost_bps: float) -> None:
        """Count an outcome of what was said."""
        self.matured += 1
        kept = KeptOutcome(outcome.probability, outcome.forward_return, outcome.base_rate)
        self.outcomes.append(kept)
        if len(self.outcomes) > OUTCOMES_MAX:
            del self.outcomes[0]
        if outcome.probability != 0.5:
            way = 1 if outcome.probability > 0.5 else -1
            self.pnl_bps += way * outcome.forward_return * _BPS - cost_bps
