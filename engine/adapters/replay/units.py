"""Prices and sizes as whole units, from floating point: each is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.texts import UNITS_MAX

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PRICE_DECIMALS_MAX = 9
SIZE_DECIMALS_MAX = 8

_TOLERANCE = 1e-6
_FEW_ULPS = 2.0**-51


def decimals_of_floats(values: NDArray[np.float64], decimals_max: int) -> int:
    """Return how few decimals write all these numbers, to within their own precision."""
    import numpy as np  # noqa: PLC0415

    kept = np.unique(values[np.isfinite(values)])
    for decimals in range(decimals_max):
        scaled = kept * 10.0**decimals
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
