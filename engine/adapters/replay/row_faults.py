"""What is wrong with single rows of a batch: each bad row becomes one counted event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.adapters.replay.columns import Batch
from engine.adapters.replay.recording import Malformed
from engine.adapters.replay.units import units_of_floats
from engine.adapters.texts import UNITS_MAX
from engine.model.instrument import Symbol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class RowFaults:
    """Bad rows of one batch; the first reason found for a row is the one that counts."""

    __slots__ = ("_details", "batch")

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self._details: dict[int, tuple[str, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._details)

    def mark(self, rows: NDArray[np.bool_], reason: str, name: str = "") -> None:
        """Note the same reason for all rows where `rows` is true."""
        for row in rows.nonzero()[0].tolist():
            self._details.setdefault(row, (reason, name))

    def prices(self, name: str, scale: int, *, optional: bool = False) -> NDArray[np.int64]:
        """Return a column of prices in units; an `optional` one that is absent becomes 0."""
        units, missing = self._units(name, scale)
        if missing is not None and not optional:
            self.mark(missing, "missing_price", name)
        if len(units) and units.min() <= 0:
            self.mark(units < 0, "negative_price", name)
            if not optional:
                self.mark(units == 0, "zero_price", name)
        return units

    def sizes(self, name: str, scale: int, absent: int) -> NDArray[np.int64]:
        """Return a column of sizes in units; `absent` where there is none."""
        import numpy as np  # noqa: PLC0415

        if not self.batch.has(name):
            return np.full(len(self.batch), absent, np.int64)
        units, missing = self._units(name, scale)
        if len(units) and units.min() < 0:
            self.mark(units < 0, "negative_size", name)
        if missing is not None:
            units[missing] = absent
        return units

    def _units(self, name: str, scale: int) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None]:
        import numpy as np  # noqa: PLC0415

        values = self.batch.floats(name)
        missing = self.batch.missing(name)
        units, bad = units_of_floats(values, scale)
        if bad.any():
            given = bad if missing is None else bad & ~missing
            self.mark(given & np.isnan(values), "not_a_number", name)
            self.mark(given & (np.abs(values) * scale > UNITS_MAX), "absurd_value", name)
            self.mark(given, "off_grid", name)
        return units, missing

    def place(self, events: list[object], source: str, symbols: Sequence[Symbol]) -> None:
        """Put an event that tells of the fault in the place of each bad row; `symbols` are those of the rows."""
        for row in self._details:
            events[row] = self._tell(source, row, symbols[row])

    def place_by_message(
        self, events: list[object], source: str, symbol: Symbol, starts: NDArray[np.int64]
    ) -> None:
        """Put one such event in the place of each message that has a bad row."""
        for row in sorted(self._details, reverse=True):
            events[int(starts.searchsorted(row, "right")) - 1] = self._tell(source, row, symbol)

    def _tell(self, source: str, row: int, symbol: Symbol) -> Malformed:
        reason, name = self._details[row]
        detail = f"row {self.batch.number(row):,}" + (f", column {name}" if name else "")
        return Malformed(source, reason, detail, symbol)
