"""The two-sample Kolmogorov-Smirnov test.

The p-value is that of one sample of round(nm / (n + m)), as scipy's `method="asymp"` has it: by Marsaglia,
Tsang and Wang (2003), or by Pelz and Good (1976) from 140 values, and twice Smirnov's one-sided tail where it
is small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.signals.statistics import pelz_good

EXACT_COUNT_MAX = 140
TAIL_FROM = 2.2
"""From n d^2 on the two one-sided tails overlap by less than 1e-7."""


def statistic(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the largest distance between the distributions of two samples that are sorted.

    Raises:
        ValueError: A sample is empty.
    """
    if not first or not second:
        raise ValueError("two samples with something in them are compared")
    at = other = 0
    largest = 0
    while at < len(first) and other < len(second):
        value = min(first[at], second[other])
        while at < len(first) and first[at] == value:
            at += 1
        while other < len(second) and second[other] == value:
            other += 1
        largest = max(largest, abs(at * len(second) - other * len(first)))
    return largest / (len(first) * len(second))


def p_value(distance: float, first_count: int, second_count: int) -> float:
    """Return how likely a distance at least as large is where both samples have one distribution."""
    count = max(1, round(first_count * second_count / (first_count + second_count)))
    if distance <= 0:
        return 1.0
    if distance >= 1:
        return 0.0
    if count * distance**2 >= TAIL_FROM:
        return min(1.0, 2 * _one_sided(distance, count))
    large = count > EXACT_COUNT_MAX
    below = pelz_good.below(distance, count) if large else _two_sided_below(distance, count)
    return min(1.0, max(0.0, 1 - below))


def _one_sided(distance: float, count: int) -> float:
    """Return Smirnov's tail, d x sum C(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j), by logarithms."""
    terms = []
    for chosen in range(math.floor(count * (1 - distance)) + 1):
        rest = 1 - distance - chosen / count
        if rest <= 0:
            continue
        ways = math.lgamma(count + 1) - math.lgamma(chosen + 1) - math.lgamma(count - chosen + 1)
        powers = (chosen - 1) * math.log(distance + chosen / count) + (count - chosen) * math.log(rest)
        terms.append(math.exp(ways + powers))
    return distance * math.fsum(terms)


def _two_sided_below(distance: float, count: int) -> float:
    """Return P(D < d): the middle of H^n n!/n^n, one row of it at a time."""
    middle = math.floor(count * distance) + 1
    matrix = _steps(2 * middle - 1, middle - count * distance)
    columns = list(zip(*matrix, strict=True))
    row = [0.0] * len(matrix)
    row[middle - 1] = 1.0
    for step in range(1, count + 1):
        scale = step / count
        row = [scale * sum(map(float.__mul__, row, column)) for column in columns]
    return row[middle - 1]


def _steps(size: int, rest: float) -> list[list[float]]:
    matrix = [[1.0 if i - j + 1 >= 0 else 0.0 for j in range(size)] for i in range(size)]
    for i in range(size):
        matrix[i][0] -= rest ** (i + 1)
        matrix[size - 1][i] -= rest ** (size - i)
    if 2 * rest > 1:
        matrix[size - 1][0] += (2 * rest - 1) ** size
    return [
        [value / math.factorial(i - j + 1) if i - j + 1 > 0 else value for j, value in enumerate(line)]
        for i, line in enumerate(matrix)
    ]
