"""Recognises a parquet file by its columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.adapters.replay.columns import Batch, Columns
from engine.adapters.replay.listing import Listing
from engine.adapters.replay.parquet_bars import close_bars, interval_of, quote_bars, trade_bars
from engine.adapters.replay.parquet_depth import DepthPlan
from engine.adapters.replay.parquet_rows import Builder, RowPlan, split
from engine.adapters.replay.parquet_ticks import quotes, trades
from engine.adapters.replay.recording import Recording
from engine.adapters.replay.units import PRICE_DECIMALS_MAX, SIZE_DECIMALS_MAX, decimals_of_floats
from engine.errors import FileDataError
from engine.model.text import clean

UNDERSTOOD = (
    "understood are quotes (ts, symbol, bid, ask), trades (ts, symbol, price, size), depth (ts_recv, symbol, "
    "msg, kind, first_id, last_id, side, price, size), bars (ts, symbol, open, high, low, close, or bid_open … "
    "ask_close), closes (ts, symbol, close or adj_close), raw captures of Binance, Kraken and Coinbase, and "
    "Binance's CSV dumps (aggTrades, trades, klines, bookTicker)"
)
_EDGES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class Layout:
    """One shape of a parquet file: what it must have and what it may have."""

    kind: str
    required: tuple[str, ...]
    prices: tuple[str, ...]
    sizes: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    def missing(self, names: Sequence[str]) -> list[str]:
        """Return what a file with these columns lacks."""
        return [name for name in self.required if name not in names]

    def used(self, names: Sequence[str]) -> list[str]:
        """Return which of a file's columns are read."""
        wanted = {*self.required, *self.optional, *self.sizes, "ts", "ts_recv", "venue", "msg"}
        return [name for name in names if name in wanted]


_BID_ASK = tuple(f"{side}_{edge}" for side in ("bid", "ask") for edge in _EDGES)
_DEPTH = ("symbol", "msg", "kind", "first_id", "last_id", "side", "price", "size")
LAYOUTS = (
    Layout("depth", _DEPTH, ("price",), ("size",), ("prev_id",)),
    Layout("quotes", ("symbol", "bid", "ask"), ("bid", "ask"), ("bid_size", "ask_size"), ("update_id",)),
    Layout("quote bars", ("symbol", "ts", *_BID_ASK), _BID_ASK),
    Layout("bars", ("symbol", "ts", *_EDGES), _EDGES, ("volume",)),
    Layout(
        "trades", ("symbol", "price", "size"), ("price",), ("size",), ("trade_id", "aggressor", "conditions")
    ),
    Layout("closes", ("symbol", "ts", "close"), ("close",)),
    Layout("adjusted closes", ("symbol", "ts", "adj_close"), ("adj_close",)),
)


def open_parquet(path: Path) -> Recording:
    """Recognise a parquet file.

    Raises:
        FileDataError: it is not whole, its columns are none of the layouts, or they hold something else.
    """
    columns = Columns(path)
    layout = _layout_of(columns)
    used = layout.used(columns.names)
    columns.check_types(used)
    if not columns.rows:
        raise FileDataError(str(path), "expected rows, found none")
    keys = tuple(columns.listings())
    time = "ts_recv" if "ts_recv" in used else "ts"
    if layout.kind == "depth":
        read = DepthPlan(columns, used, keys).read
        listings, span = _listings(columns, layout, keys), columns.span(time)
        return Recording(path, "depth (parquet)", listings, span, read, read)
    plan = _row_plan(columns, layout, used, keys, time)
    span = columns.span(time)
    shifted = None if span is None else (span[0] + plan.delay_ns, span[1] + plan.delay_ns)
    build = quote_bars(plan.delay_ns, checked=True) if layout.kind == "quote bars" else plan.build
    stored = replace(plan, in_order=True, numbered=True, build=build)
    listings = _listings(columns, layout, keys)
    name, zoneless = f"{layout.kind} (parquet)", columns.is_zoneless(time)
    return Recording(path, name, listings, shifted, plan.read, stored.read, zoneless)


def _layout_of(columns: Columns) -> Layout:
    names = columns.names
    timed = "ts" in names or "ts_recv" in names
    for layout in LAYOUTS:
        if timed and not layout.missing(names):
            return layout
    nearest = min(LAYOUTS, key=lambda layout: len(layout.missing(names)) / len(layout.required))
    missing = nearest.missing(names) + ([] if timed else ["ts"])
    found = ", ".join(clean(name, 40) for name in names[:24])
    if len(nearest.missing(names)) * 2 > len(nearest.required):
        raise FileDataError(str(columns.path), f"expected market data, found columns {found}; {UNDERSTOOD}")
    lacking = ", ".join(dict.fromkeys(missing))
    raise FileDataError(
        str(columns.path),
        f"expected {nearest.kind}, column {lacking} is missing; found columns {found}; {UNDERSTOOD}",
    )


def _row_plan(
    columns: Columns, layout: Layout, used: Sequence[str], keys: tuple[tuple[str, str], ...], time: str
) -> RowPlan:
    times = columns.times(time) if len(keys) > 1 or "ts" in layout.required else None
    in_order = times is None or bool((times[1:] >= times[:-1]).all())
    is_bars = "ts" in layout.required
    interval = interval_of(times) if is_bars and times is not None else 0
    return RowPlan(columns, used, keys, time, interval, in_order, _builder(layout, interval))


def _builder(layout: Layout, interval_ns: int) -> Builder:
    if layout.kind == "quotes":
        return quotes
    if layout.kind == "trades":
        return trades
    if layout.kind == "bars":
        return trade_bars(interval_ns)
    if layout.kind == "quote bars":
        return quote_bars(interval_ns)
    return close_bars(interval_ns, layout.prices[0])


def _listings(columns: Columns, layout: Layout, keys: tuple[tuple[str, str], ...]) -> tuple[Listing, ...]:
    """Look at the values to see how fine the units must be.

    Halves of bid plus ask need one decimal more; books keep sizes from before their venue's lot grew.
    """
    sizes = [name for name in layout.sizes if name in columns.names]
    finest = dict.fromkeys(keys, (0, 0))
    for key, batch in _looks(columns, [*layout.prices, *sizes], keys):
        price = max(decimals_of_floats(batch.floats(name), PRICE_DECIMALS_MAX) for name in layout.prices)
        size = max((decimals_of_floats(batch.floats(n), SIZE_DECIMALS_MAX) for n in sizes), default=0)
        before = finest[key]
        finest[key] = (max(before[0], price), max(before[1], size))
    extra = 1 if layout.kind == "quote bars" else 0
    floor = SIZE_DECIMALS_MAX if layout.kind == "depth" else 0
    return tuple(
        Listing(*key, price + extra, max(floor, size), price) for key, (price, size) in finest.items()
    )


def _looks(
    columns: Columns, names: Sequence[str], keys: tuple[tuple[str, str], ...]
) -> Iterator[tuple[tuple[str, str], Batch]]:
    labels = [name for name in ("symbol", "venue") if name in columns.names]
    for batch in columns.looks([*labels, *names], whole=len(keys) > 1):
        for key, rows in split(batch, keys):
            yield key, (batch if rows is None else batch.take(rows))
