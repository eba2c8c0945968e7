"""The area under the ROC curve: how often an up had a higher probability than a down, ties half."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort


class Auc:
    """Counts pairs exactly, in whole numbers, as outcomes come and go; O(log n) comparisons each."""

    def __init__(self) -> None:
        self._ups: list[float] = []
        self._downs: list[float] = []
        self._halves = 0

    def add(self, probability: float, up: bool) -> None:
        """Count an outcome in."""
        self._halves += self._pairs(probability, up)
        insort(self._ups if up else self._downs, probability)

    def remove(self, probability: float, up: bool) -> None:
        """Count an outcome out that was counted in."""
        side = self._ups if up else self._downs
        del side[bisect_left(side, probability)]
        self._halves -= self._pairs(probability, up)

    @property
    def value(self) -> float | None:
        """The area; None until there was an up and a down."""
        pairs = len(self._ups) * len(self._downs)
        return self._halves / (2 * pairs) if pairs else None

    def _pairs(self, probability: float, up: bool) -> int:
        others = self._downs if up else self._ups
        beneath = bisect_left(others, probability) + bisect_right(others, probability)
        return beneath if up else 2 * len(others) - beneath
