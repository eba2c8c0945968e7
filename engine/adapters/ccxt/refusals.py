"""What an error of ccxt means to who asked; they are told apart by their names, so that nothing is imported for it."""

from __future__ import annotations

from engine.errors import AdapterError, RejectedError, ThrottledError, TransientError
from engine.model.text import clean

ALONE_S = 10.0
"""How long an exchange that was asked too often is left alone: ccxt does not pass on what it says."""
_TOO_OFTEN = {"RateLimitExceeded", "DDoSProtection"}


def meaning_of(error: BaseException) -> AdapterError:
    """Return the error as the engine has it."""
    if isinstance(error, AdapterError):
        return error
    names = {each.__name__ for each in type(error).__mro__}
    told = clean(f"{type(error).__name__}: {error}", 200)
    if names & _TOO_OFTEN:
        return ThrottledError(told, ALONE_S)
    if "ExchangeError" in names:
        return RejectedError(told)
    return TransientError(told)
