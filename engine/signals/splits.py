"""Tells a jump that looks like a split of shares from one that does not."""

from __future__ import annotations

from typing import Final

_FACTORS: Final = (1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 8.0, 10.0, 20.0)
WITHIN: Final = 0.005
"""How far a split's day may move the price besides."""
_LEAST: Final = 1.4
"""Smaller steps than this are no split that is looked for."""


def split_of(before: int, after: int, within: float = WITHIN) -> str:
    """Return the split that two closes one after the other look like, as `2:1` or `1:20`; empty for none."""
    ratio = before / after
    if 1 / _LEAST < ratio < _LEAST:
        return ""
    for factor in _FACTORS:
        if abs(ratio / factor - 1) <= within:
            return f"{factor:g}:1"
        if abs(ratio * factor - 1) <= within:
            return f"1:{factor:g}"
    return ""
