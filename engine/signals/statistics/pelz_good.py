"""Pelz and Good's expansion of the Kolmogorov-Smirnov distribution for large samples (1976).

In the notation of Simard and L'Ecuyer (2011), equation 9: K0 + K1 / n^(1/2) + K2 / n + K3 / n^(3/2).
"""

from __future__ import annotations

import math
from collections.abc import Callable

TERMS = 20
PI_2 = math.pi**2
ROOT = math.sqrt(math.pi / 2)


def below(distance: float, count: int) -> float:
    """Return P(D < d) for one sample of `count`."""
    z = math.sqrt(count) * distance
    if z < 0.04:
        return 0.0
    parts = (_k0(z), _k1(z), _k2(z), _k3(z))
    return math.fsum(part / count ** (power / 2) for power, part in enumerate(parts))


def _sum(z: float, shift: float, term: Callable[[float], float]) -> float:
    """Sum term(u) exp(-u / 2z^2) over u = pi^2 (k + shift)^2 and all whole k."""
    squares = (PI_2 * (k + shift) ** 2 for k in range(-TERMS, TERMS + 1))
    return ROOT * math.fsum(term(u) * math.exp(-u / (2 * z * z)) for u in squares)


def _k0(z: float) -> float:
    return _sum(z, 0.5, lambda _: 1.0) / z


def _k1(z: float) -> float:
    return _sum(z, 0.5, lambda u: u - z**2) / (6 * z**4)


def _k2(z: float) -> float:
    def half(u: float) -> float:
        return 6 * z**6 + 2 * z**4 + u * (2 * z**4 - 5 * z**2) + u**2 * (1 - 2 * z**2)

    return _sum(z, 0.5, half) / (72 * z**7) - _sum(z, 0.0, lambda u: u) / (36 * z**3)


def _k3(z: float) -> float:
    def half(u: float) -> float:
        high = u**3 * (5 - 30 * z**2) + u**2 * (212 * z**4 - 60 * z**2)
        return high + u * (135 * z**4 - 96 * z**6) - 30 * z**6 - 90 * z**8

    def whole(u: float) -> float:
        return 3 * u * z**2 - u**2

    return _sum(z, 0.5, half) / (6480 * z**10) + _sum(z, 0.0, whole) / (216 * z**6)
