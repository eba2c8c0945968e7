"""Prices and sizes as whole units: exact from text, checked from floating point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.replay.recording import Unreadable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PRICE_DECIMALS_MAX = 9
SIZE_DECIMALS_MAX = 8
UNITS_MAX = 10**18
"""Prices and sizes beyond this many units are not believed."""

_TOLERANCE = 1e-6
_FEW_ULPS = 2.0**-51
_POWERS: tuple[int, ...] = tuple(10**n for n in range(64))
_DIGITS_MAX = 40


def units_of_text(text: str, decimals: int) -> int:
    """Return a plain decimal number as a whole number of 10^-decimals.

    Raises:
        Unreadable: it is not a number, negative, too large, or has more decimals than fit.
    """
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _DIGITS_MAX:
        raise Unreadable(_why(text), text[:_DIGITS_MAX])
    excess = len(fraction) - decimals
    if excess <= 0:
        units = int(digits) * _POWERS[-excess]
    else:
        units, rest = divmod(int(digits), _POWERS[excess])
        if rest:
            raise Unreadable("off_grid", text)
    if units > UNITS_MAX:
        raise Unreadable("absurd_value", text)
    return units


def decimals_of_text(text: str) -> int:
    """Return how many decimals a number is written with."""
    return len(text.partition(".")[2])


def _why(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return "not_a_number"
    if value < 0:
        return "negative_value"
    return "absurd_value" if abs(value) > UNITS_MAX else "not_a_number"


def decimals_of_floats(values: NDArray[np.float64], decimals_max: int) -> int:
    """Return how few decimals write all these numbers, to within their own precision."""
    import numpy as np  # noqa: PLC0415

    kept = np.unique(values[np.isfinite(values)])
    for decimals in range(decimals_max):
        scaled = kept * float(_POWERS[decimals])
        off = np.abs(scaled - np.rint(scaled)) > 2 * _FEW_ULPS * np.abs(scaled)
        if not off.any():
            return decimals
        kept = kept[off]
    return decimals_max


def units_of_floats(values: NDArray[np.float64], scale: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return numbers as whole units, and which of them are none.

    A number fits when it is within a millionth of a whole unit, or within its own last digits.
    """
    import numpy as np  # noqa: PLC0415

    scaled = values * float(scale)
    whole = np.rint(scaled)
    magnitude = np.abs(scaled)
    with np.errstate(invalid="ignore"):
        off = np.abs(scaled - whole)
    fits = (off <= _TOLERANCE + _FEW_ULPS * magnitude) & (magnitude <= UNITS_MAX)
    if fits.all():
        return whole.astype(np.int64), ~fits
    return np.where(fits, whole, 0.0).astype(np.int64), ~fits
