"""Writes bars as the Parquet file that a training reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.files import whole_file
from engine.model.bar import Bar
from engine.model.instrument import Instrument, Symbol


def write_bars(path: Path, instruments: Mapping[Symbol, Instrument], bars: Sequence[Bar]) -> None:
    """Write bars, all of a symbol together, the file whole or not at all.

    Raises:
        OSError: it can't be written.
    """
    import pyarrow as pa  # noqa: PLC0415  # heavy
    from pyarrow import parquet  # noqa: PLC0415

    rows = sorted(bars, key=lambda bar: (bar.symbol, bar.start_ns))
    with whole_file(path) as file:
        parquet.write_table(pa.Table.from_pylist(list(_rows(instruments, rows))), file)


def _rows(instruments: Mapping[Symbol, Instrument], bars: Sequence[Bar]) -> Iterator[dict[str, Any]]:
    for bar in bars:
        instrument = instruments[bar.symbol]
        prices = {name: getattr(bar, name) for name in ("open", "high", "low", "close")}
        told = {name: float(instrument.price_unit * units) for name, units in prices.items()}
        volume = float(instrument.size_unit * bar.volume)
        yield {"ts": bar.start_ns, "symbol": bar.symbol, **told, "volume": volume}
