"""A model is tried before it is used: on the rows whose answer is known, and against the clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.clock import Clock
from engine.signals.models.model import Model
from engine.signals.models.refusal import ModelRefused, NoPrediction
from engine.signals.models.schema import Golden

TOLERANCE: Final = 1e-9
"""By so much a golden row may differ: another machine's exp may round otherwise."""
PREDICTS: Final = 200
_ROUNDS: Final = 3
_P99: Final = PREDICTS * 99 // 100 - 1


def check_golden(model: Model, golden: Sequence[Golden]) -> None:
    """Predict the golden rows.

    Raises:
        ModelRefused: one comes out otherwise than the trainer had it.
    """
    for number, each in enumerate(golden):
        try:
            found = model.predict(each.row)
        except NoPrediction as error:
            raise ModelRefused(f"model.json: golden row {number}: {error}") from None
        if not abs(found - each.probability) <= TOLERANCE:
            raise ModelRefused(
                f"model.json: golden row {number} was {each.probability:.12g} for its trainer, and is {found:.12g} here"
            )


def p99_us(model: Model, golden: Sequence[Golden], clock: Clock) -> float:
    """Return how long 99 of 100 predictions take at most, in microseconds, of 200 in the quietest of three rounds."""
    return min(_round_us(model, golden, clock) for _ in range(_ROUNDS))


def _round_us(model: Model, golden: Sequence[Golden], clock: Clock) -> float:
    now_ns, predict = clock.monotonic_ns, model.predict
    took = []
    for number in range(PREDICTS):
        row = golden[number % len(golden)].row
        began_ns = now_ns()
        predict(row)
        took.append(now_ns() - began_ns)
    return sorted(took)[_P99] / 1_000
