"""A sum that values can be taken out of again without a trace.

Values are kept as whole multiples of 2^-60, so that a sum does not depend on the order or on what left.
"""

from __future__ import annotations

UNIT = 2**60


class ExactSum:
    """Adds and removes floats in whole units of 2^-60."""

    def __init__(self) -> None:
        self._units = 0

    def add(self, value: float) -> None:
        """Add a value."""
        self._units += round(value * UNIT)

    def remove(self, value: float) -> None:
        """Take out a value that was added."""
        self._units -= round(value * UNIT)

    @property
    def value(self) -> float:
        """The sum."""
        return self._units / UNIT
