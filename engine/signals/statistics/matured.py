"""A prediction whose outcome is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Matured:
    """What was said at the end of `bar`, and the simple return from there over the horizon."""

    bar: int
    probability: float
    forward_return: float
    base_rate: float = 0.5
    """The share of ups that was known when it was said."""

    @property
    def up(self) -> bool:
        """Whether it rose: a return above 0."""
        return self.forward_return > 0

    @property
    def hit(self) -> bool:
        """Whether the direction was right; a probability of exactly a half says down."""
        return (self.probability > 0.5) == self.up
