"""What one probability costs, and skill: 1 - loss / loss of who knows the base rate only."""

from __future__ import annotations

import math

CLIP = 1e-15
"""A probability is at least this far from 0 and 1 in the logarithm."""


def squared(probability: float, up: bool) -> float:
    """Return the squared error (p - y)^2, Brier's."""
    return (probability - up) ** 2


def logarithmic(probability: float, up: bool) -> float:
    """Return -ln of the probability given to what came, in nats."""
    chance = min(1 - CLIP, max(CLIP, probability))
    return -math.log(chance if up else 1 - chance)


def skill(loss: float | None, reference: float | None) -> float | None:
    """Return 1 - loss / reference; None where the reference makes no error."""
    return None if loss is None or not reference else 1 - loss / reference
