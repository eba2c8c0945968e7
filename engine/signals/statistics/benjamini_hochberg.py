"""Which of many p-values are too small for chance: Benjamini and Hochberg (1995)."""

from __future__ import annotations

from collections.abc import Mapping


def found(p_values: Mapping[str, float], rate: float) -> frozenset[str]:
    """Return the names that are discoveries when a share `rate` of discoveries may be false."""
    ordered = sorted(p_values.items(), key=lambda pair: pair[1])
    passed = [p for rank, (_, p) in enumerate(ordered, 1) if p <= rate * rank / len(ordered)]
    return frozenset(name for name, p in ordered if passed and p <= passed[-1])
