"""One feature as it is declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.signals.features.window import Window

Measure = Callable[..., float | None]
"""Takes a full `Window` and the feature's parameters; None where there is no such number."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A number worked out from the last bars, and all that decides it."""

    name: str
    parameters: tuple[int, ...]
    """Windows in bars, as the measure takes them."""
    warm_up: int
    """How many bars in a row it needs."""
    unit: str
    reads: tuple[str, ...]
    """Which numbers of a bar."""
    undefined: str
    """Why there is no value where the measure has none."""
    measure: Measure
    meaning: str

    def of(self, window: Window) -> float | None:
        """Work it out; None where there is no such number."""
        return self.measure(window, *self.parameters)

    @property
    def identity(self) -> list[object]:
        """What two features of the same name differ by, in plain values."""
        return [self.name, list(self.parameters), self.warm_up, self.unit, list(self.reads)]
