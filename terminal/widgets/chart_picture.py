"""Composes a chart's rows: grid, VWAP, own orders, candles, volume and the axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from msgspec import Struct

from engine.messages.views import OrderView, QuoteView
from engine.model.bar import Bar
from terminal.format import Figures, zone_name
from terminal.strips import Run
from terminal.widgets.candles import Cells, candle, tone, volume_column
from terminal.widgets.chart_scale import PriceScale, time_labels, volume_bars
from terminal.widgets.vwap import dotted, session_vwap

_EMPTY: Run = (" ", "panel")
_GRID: Run = ("┈", "line")
_OWN: Run = ("╌", "own")
_LABEL_ROOM = 10

Grid = list[list[Run]]


class ChartInput(Struct, frozen=True, gc=False):
    """All that a chart is drawn from."""

    bars: tuple[Bar, ...]
    """All that are known, oldest first."""
    back: int
    """How many of the newest are out of sight."""
    pitch: int
    """Cells from one bar to the next."""
    vwap: bool
    quote: QuoteView | None
    orders: tuple[OrderView, ...]
    """Our open orders of the symbol."""
    zone: tzinfo
    calendar: str
    """Whose trading days part the VWAP."""
    hollow: bool
    """Whether rising candles are hollow, since colours do not part them well enough from falling ones."""


class ChartShape:
    """How a pane's cells are shared: plot and axis across, prices and volume down."""

    __slots__ = ("axis", "plot", "prices", "volume")

    def __init__(self, width: int, height: int, axis_text: int) -> None:
        self.axis = axis_text + 3
        self.plot = max(1, width - self.axis)
        below = max(1, height - 1)
        self.volume = 0 if below < 8 else 2 if below < 14 else max(4, below // 6)
        self.prices = max(1, below - self.volume)

    def visible(self, chart: ChartInput) -> tuple[Bar, ...]:
        """Return the bars that fit, oldest first."""
        end = max(0, len(chart.bars) - chart.back)
        return chart.bars[max(0, end - self.capacity(chart.pitch)) : end]

    def capacity(self, pitch: int) -> int:
        """Return how many bars fit."""
        return max(1, (self.plot - 1) // pitch)


def picture(chart: ChartInput, shape: ChartShape, writer: Figures) -> Iterator[tuple[Run, ...]]:
    """Yield the rows of a chart, the header apart."""
    bars = shape.visible(chart)
    scale = _scale(bars, chart.orders, shape.prices)
    columns = _columns(len(bars), shape.plot, chart.pitch)
    grid_prices = scale.grid(writer.instrument.price_scale)
    grid = _background(scale, grid_prices, shape.plot)
    _draw_orders(grid, chart.orders, scale)
    if chart.vwap:
        _draw_vwap(grid, chart, bars, columns, scale)
    for bar, column in zip(bars, columns, strict=True):
        _draw_candle(grid, candle(bar, scale, hollow=chart.hollow), column, chart.pitch)
    axis = _price_axis(chart, scale, grid_prices, writer, shape.axis)
    for cells, tags in zip(grid, axis, strict=True):
        yield (*_merged(cells), *tags)
    yield from _volume_rows(bars, columns, shape, chart.pitch, writer)
    yield _time_axis(bars, columns, chart, shape)


def _scale(bars: Sequence[Bar], orders: Sequence[OrderView], rows: int) -> PriceScale:
    """Hold every bar, and own orders no further away than the bars' own range."""
    low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
    reach = max(high - low, 1)
    for order in orders:
        price = order.limit or order.stop or 0
        if price and low - reach <= price <= high + reach:
            low, high = min(low, price), max(high, price)
    return PriceScale(low, high, rows)


def _columns(count: int, plot: int, pitch: int) -> list[int]:
    """Return the columns of the bars' middles; the newest is one cell from the right edge."""
    last = plot - 1 - max(1, pitch // 2)
    return [last - pitch * (count - 1 - index) for index in range(count)]


def _background(scale: PriceScale, grid_prices: Sequence[int], plot: int) -> Grid:
    grid = [[_EMPTY] * plot for _ in range(scale.rows)]
    for price in grid_prices:
        grid[scale.row(price)] = [_GRID] * plot
    return grid


def _draw_vwap(
    grid: Grid, chart: ChartInput, bars: Sequence[Bar], columns: Sequence[int], scale: PriceScale
) -> None:
    quote = chart.quote
    day = (quote.volume, quote.vwap) if quote else (0, 0)
    line = session_vwap(chart.bars, *day, chart.calendar)
    end = len(line) - chart.back
    shown = line[end - len(bars) : end]
    for (row, column), glyph in dotted(shown, columns, scale).items():
        grid[row][column] = (glyph, "accent")


def _draw_orders(grid: Grid, orders: Sequence[OrderView], scale: PriceScale) -> None:
    for order in orders:
        price = order.limit or order.stop or 0
        if price and scale.holds(price):
            row = scale.row(price)
            grid[row] = [_OWN] * len(grid[row])


def _draw_candle(grid: Grid, cells: tuple[Cells, Cells], column: int, pitch: int) -> None:
    middle, beside = cells
    for row, run in middle.items():
        grid[row][column] = run
    if pitch < 4:
        return
    for row, run in beside.items():
        if column:
            grid[row][column - 1] = run
        if column + 1 < len(grid[row]):
            grid[row][column + 1] = run


def _merged(cells: Sequence[Run]) -> list[Run]:
    """Join neighbouring cells of one role."""
    runs: list[Run] = []
    text, role = cells[0]
    for glyph, own_role in cells[1:]:
        if own_role == role or (glyph == " " and "/" not in role):
            text += glyph
        else:
            runs.append((text, role))
            text, role = glyph, own_role
    runs.append((text, role))
    return runs


def _price_axis(
    chart: ChartInput, scale: PriceScale, grid_prices: Sequence[int], writer: Figures, width: int
) -> list[tuple[Run, ...]]:
    """Return the axis row by row; our orders hide round prices, the newest price hides both."""
    blank: tuple[Run, ...] = (("│".ljust(width), "line"),)
    axis = [blank] * scale.rows
    for price in grid_prices:
        axis[scale.row(price)] = (("│ ", "line"), (writer.price(price).ljust(width - 2), "muted"))
    for order in chart.orders:
        price = order.limit or order.stop or 0
        if price:
            axis[scale.row(price)] = (
                (_where(price, scale, "┤"), "own"),
                _tag(writer.price(price), width, "own+b/own_bar"),
            )
    last = chart.bars[-1]
    axis[scale.row(last.close)] = (
        (_where(last.close, scale, "▌"), tone(last)),
        _tag(writer.price(last.close), width, f"panel+b/{tone(last)}"),
    )
    return axis


def _where(price: int, scale: PriceScale, mark: str) -> str:
    """Return the mark of a price, or the way to it where it lies beyond the scale."""
    return mark if scale.holds(price) else "↑" if price > scale.high else "↓"


def _tag(text: str, width: int, role: str) -> Run:
    return (f" {text} ".ljust(width - 1)[: width - 1], role)


def _volume_rows(
    bars: Sequence[Bar], columns: Sequence[int], shape: ChartShape, pitch: int, writer: Figures
) -> list[tuple[Run, ...]]:
    rows = shape.volume
    heights, greatest = volume_bars(bars, rows)
    grid = [[_EMPTY] * shape.plot for _ in range(rows)]
    for bar, column, eighths in zip(bars, columns, heights, strict=True):
        cells = volume_column(eighths, rows, f"{tone(bar)}+d")
        _draw_candle(grid, (cells, cells), column, pitch)
    texts = {0: greatest, rows // 2: greatest // 2} if rows >= 4 else {0: greatest}
    return [
        (*_merged(cells), ("│ ", "line"), (_volume_text(texts.get(row, 0), shape.axis - 3, writer), "faint"))
        for row, cells in enumerate(grid)
    ]


def _volume_text(volume: int, width: int, writer: Figures) -> str:
    return writer.compact_size(volume).rjust(width) if volume else ""


def _time_axis(
    bars: Sequence[Bar], columns: Sequence[int], chart: ChartInput, shape: ChartShape
) -> tuple[Run, ...]:
    line = [" "] * shape.plot
    for index, text in time_labels(bars, chart.pitch, _LABEL_ROOM, chart.zone):
        column = columns[index]
        label = f"╵{text}"
        if column + len(label) <= shape.plot:
            line[column : column + len(label)] = label
    name = zone_name(bars[-1].start_ns, chart.zone)
    return (("".join(line), "muted"), ("└", "line"), (name.rjust(shape.axis - 2)[: shape.axis - 2], "faint"))
