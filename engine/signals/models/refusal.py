"""What is said of a model that is not taken, and of a row that nothing is predicted for."""

from __future__ import annotations

from engine.errors import DataError


class ModelRefused(DataError):
    """A model, or a file of it, is not what it has to be; the message says what was found and what was expected."""


class NoPrediction(DataError):
    """Nothing can be predicted for a row: a value is missing, which is never taken for 0, or the score is no number."""
