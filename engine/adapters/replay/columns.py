"""Parquet files as batches of columns with known types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from engine.adapters.replay.listing_rules import venue_from_name
from engine.errors import FileDataError
from engine.model.text import clean

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

BATCH_ROWS = 1024
"""Rows turned into events at once: in parts of that work no other thread has the interpreter."""
_READ_ROWS = 8192
"""Rows decoded at once."""
_SCAN_ROWS = 65_536
"""Rows decoded at once while a file is only looked at."""
_ROW = "\0row"
"""The place in the file of rows that were sorted."""
_TEXTS = frozenset(("symbol", "venue", "kind", "side", "aggressor", "conditions"))
_WHOLES = frozenset(
    ("ts", "ts_recv", "msg", "row", "update_id", "trade_id", "first_id", "last_id", "prev_id")
)


class Batch:
    """Some rows; `row` is the number of the first in its file."""

    __slots__ = ("data", "row")

    def __init__(self, data: pa.RecordBatch, row: int) -> None:
        self.data = data
        self.row = row

    def __len__(self) -> int:
        return cast("int", self.data.num_rows)

    def has(self, name: str) -> bool:
        """Whether the file has this column."""
        return name in self.data.schema.names

    def wholes(self, name: str) -> NDArray[np.int64]:
        """Return a column of whole numbers; 0 where there is none."""
        import numpy as np  # noqa: PLC0415

        if not self.has(name):
            return np.zeros(len(self), np.int64)
        column = self.data.column(name)
        filled = column.fill_null(0) if column.null_count else column
        return cast("NDArray[np.int64]", filled.to_numpy(zero_copy_only=False))

    def floats(self, name: str) -> NDArray[np.float64]:
        """Return a column of numbers; NaN where there is none."""
        return cast("NDArray[np.float64]", self.data.column(name).to_numpy(zero_copy_only=False))

    def missing(self, name: str) -> NDArray[np.bool_] | None:
        """Return which rows have no value in a column; None when all have one."""
        column = self.data.column(name)
        if not column.null_count:
            return None
        return cast("NDArray[np.bool_]", column.is_null().to_numpy(zero_copy_only=False))

    def texts(self, name: str) -> list[str]:
        """Return a column of texts; empty where there is none."""
        return list(map(self.values(name).__getitem__, self.codes(name).tolist()))

    def values(self, name: str) -> list[str]:
        """Return what the numbers of a column of texts stand for; the last is for rows without a text."""
        return [*(value or "" for value in self.data.column(name).dictionary.to_pylist()), ""]

    def codes(self, name: str) -> NDArray[np.int64]:
        """Return a column of texts as numbers that are equal where the texts are; -1 where there is none."""
        indices = self.data.column(name).indices
        filled = indices.fill_null(-1) if indices.null_count else indices
        return cast("NDArray[np.int64]", filled.to_numpy(zero_copy_only=False))

    def equals(self, name: str, text: str) -> NDArray[np.bool_]:
        """Return which rows of a column of texts are this text."""
        values = self.data.column(name).dictionary.to_pylist()
        found: NDArray[np.bool_] = self.codes(name) == (values.index(text) if text in values else -2)
        return found

    def first(self) -> Batch:
        """Return only the first row."""
        return Batch(self.data.slice(0, 1), self.row)

    def number(self, row: int) -> int:
        """Return which row of its file a row is, from 1."""
        if self.has(_ROW):
            return int(self.data.column(_ROW)[row].as_py()) + 1
        return self.row + row + 1

    def numbered(self) -> Batch:
        """Return the rows with their numbers kept as a column, for taking some of them."""
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        if self.has(_ROW):
            return self
        numbers = pa.array(np.arange(self.row, self.row + len(self)))
        return Batch(self.data.append_column(_ROW, numbers), self.row)

    def take(self, rows: NDArray[np.int64]) -> Batch:
        """Return only these rows."""
        import pyarrow as pa  # noqa: PLC0415

        return Batch(self.data.take(pa.array(rows)), self.row)


class Columns:
    """An open parquet file."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq  # noqa: PLC0415

        self.path = path
        with _reading(path):
            schema = pq.read_schema(path)
            texts = [name for name in schema.names if name in _TEXTS and _fits(name, schema.field(name).type)]
            self._file = pq.ParquetFile(path, read_dictionary=texts)
        self.names = tuple(cast("list[str]", self._file.schema_arrow.names))
        self.rows = cast("int", self._file.metadata.num_rows)

    def check_types(self, names: Sequence[str]) -> None:
        """Check that these columns hold what their names promise.

        Raises:
            FileDataError: names the column, what it holds and what was expected.
        """
        for name in names:
            found = self._file.schema_arrow.field(name).type
            if not _fits(name, found):
                expected = "text" if name in _TEXTS else "numbers"
                raise FileDataError(str(self.path), f"column {name}: expected {expected}, found {found}")

    def is_zoneless(self, name: str) -> bool:
        """Tell whether a column is of times for which no zone is named; plain numbers are UTC."""
        from pyarrow import types  # noqa: PLC0415

        found = self._file.schema_arrow.field(name).type
        return bool(types.is_timestamp(found) and found.tz is None)

    def listings(self) -> list[tuple[str, str]]:
        """Return each (symbol, venue) of the file, in order of appearance."""
        import pyarrow as pa  # noqa: PLC0415

        named = venue_from_name(self.path.stem)
        keys = [name for name in ("symbol", "venue") if name in self.names]
        found: dict[tuple[str, str], None] = {}
        for batch in self._stored(keys, _SCAN_ROWS):
            unique = pa.Table.from_batches([batch]).group_by(keys, use_threads=False).aggregate([])
            for row in unique.to_pylist():
                found[row["symbol"] or "", row.get("venue", named) or named] = None
        return list(found)

    def times(self, name: str) -> NDArray[np.int64]:
        """Return a whole column of times."""
        import numpy as np  # noqa: PLC0415

        found = [Batch(batch, 0).wholes(name) for batch in self._stored([name], _SCAN_ROWS)]
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def span(self, name: str) -> tuple[int, int] | None:
        """Return the least and greatest of a time column by the file's statistics."""
        index = self.names.index(name)
        metadata = self._file.metadata
        groups = [metadata.row_group(g).column(index).statistics for g in range(metadata.num_row_groups)]
        if not groups or not all(s and s.has_min_max and isinstance(s.min, int) for s in groups):
            return None
        return min(s.min for s in groups), max(s.max for s in groups)

    def looks(self, names: Sequence[str], *, whole: bool) -> Iterator[Batch]:
        """Iterate over the first rows, or over all of them in large steps, for a look at the values."""
        for batch in self._stored(names, _SCAN_ROWS):
            yield Batch(batch, 0)
            if not whole:
                return

    def batches(self, names: Sequence[str], *, sort_by: str = "") -> Iterator[Batch]:
        """Iterate over the rows; sorted by a time where the file is not, which reads it as a whole."""
        row = 0
        stored = self._sorted(names, sort_by) if sort_by else self._stored(names, _READ_ROWS)
        for large in stored:
            for start in range(0, large.num_rows, BATCH_ROWS):
                yield Batch(large.slice(start, BATCH_ROWS), row + start)
            row += large.num_rows

    def _stored(self, names: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        done = 0
        batches = self._file.iter_batches(batch_size=rows, columns=list(names), use_threads=False)
        while True:
            with _reading(self.path, done + 1):
                batch = next(batches, None)
                batch = None if batch is None else _cast(batch)
            if batch is None:
                return
            yield batch
            done += batch.num_rows

    def _sorted(self, names: Sequence[str], by: str) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.compute as pc  # noqa: PLC0415

        table = pa.Table.from_batches(list(self._stored(names, _SCAN_ROWS))).unify_dictionaries()
        rows = pc.sort_indices(table, sort_keys=[(by, "ascending")])
        ordered = table.take(rows).append_column(_ROW, rows.cast(pa.int64()))
        return iter(ordered.combine_chunks().to_batches(max_chunksize=_SCAN_ROWS))


def _fits(name: str, found: pa.DataType) -> bool:
    from pyarrow import types  # noqa: PLC0415

    if types.is_dictionary(found):
        found = found.value_type
    if name in _TEXTS:
        return bool(types.is_string(found) or types.is_large_string(found) or types.is_string_view(found))
    if name in _WHOLES:
        return bool(types.is_integer(found) or types.is_timestamp(found))
    return bool(types.is_integer(found) or types.is_floating(found) or types.is_decimal(found))


def _cast(batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa  # noqa: PLC0415

    columns = [_cast_column(name, batch.column(name)) for name in batch.schema.names]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _cast_column(name: str, column: pa.Array) -> pa.Array:
    import pyarrow as pa  # noqa: PLC0415

    if name in _TEXTS:
        return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("ns", tz=column.type.tz)).cast(pa.int64())
    wanted = pa.int64() if name in _WHOLES else pa.float64()
    return column if column.type == wanted else column.cast(wanted)


@contextmanager
def _reading(path: Path, row: int | None = None) -> Iterator[None]:
    import pyarrow as pa  # noqa: PLC0415

    try:
        yield
    except (pa.ArrowException, OSError, EOFError) as error:
        reason = clean(str(error).splitlines()[0] if str(error) else type(error).__name__)
        raise FileDataError(str(path), f"expected a whole parquet file: {reason}", row) from error
