"""How far one sample has to be moved to be the other: Wasserstein's first distance."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise


def distance(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the area between the distributions of two sorted samples, in the samples' unit.

    Raises:
        ValueError: A sample is empty.
    """
    if not first or not second:
        raise ValueError("two samples with something in them are compared")
    return math.fsum(
        (after - at) * abs(bisect_right(first, at) / len(first) - bisect_right(second, at) / len(second))
        for at, after in pairwise(sorted([*first, *second]))
    )
