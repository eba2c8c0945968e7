"""Whether a model errs more than it did: Page-Hinkley and ADWIN on squared errors."""

from __future__ import annotations

from engine.signals.statistics.adwin import Adwin
from engine.signals.statistics.levels import Finding, Level
from engine.signals.statistics.page_hinkley import PageHinkley

REMEMBERED = 500
"""How many outcomes a detection is remembered for."""


class ErrorsWatch:
    """One detector is a watch, both within 500 outcomes are an alarm."""

    def __init__(self) -> None:
        self._page_hinkley, self._adwin = PageHinkley(), Adwin()
        self._seen = 0
        self._found: dict[str, tuple[int, str]] = {}

    def update(self, squared_error: float) -> None:
        """Take the squared error (p - y)^2 of a matured prediction.

        Raises:
            ValueError: It is not within 0..1.
        """
        if not 0 <= squared_error <= 1:
            raise ValueError(f"a squared error within 0..1 was expected, not {squared_error}")
        self._seen += 1
        if self._page_hinkley.update(squared_error):
            self._found["page_hinkley"] = self._seen, "The mean error rose (Page-Hinkley)."
        change = self._adwin.update(squared_error)
        if change is not None and change.newer > change.older:
            sentence = f"The mean error was {change.older:.3f} and is {change.newer:.3f} (ADWIN)."
            self._found["adwin"] = self._seen, sentence

    def finding(self) -> Finding:
        """Return what is remembered."""
        recent = [sentence for at, sentence in self._found.values() if self._seen - at < REMEMBERED]
        return Finding(Level(min(len(recent), Level.ALARM)), tuple(recent))
