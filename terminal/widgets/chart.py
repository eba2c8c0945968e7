"""The candle chart of the desk's symbol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import BindingType
from textual.events import MouseScrollDown, MouseScrollUp

from engine.clock import NS_PER_S
from engine.messages.views import ChartView
from engine.model.bar import Bar
from engine.model.instrument import Instrument, Symbol
from terminal.actions.table import bindings_of
from terminal.desk import Desk
from terminal.format import Figures, figures, interval, minute_of_day
from terminal.strips import Ink, Run
from terminal.widgets.candles import tone
from terminal.widgets.chart_picture import ChartInput, ChartShape, picture
from terminal.widgets.messages import TimeframeChanged
from terminal.widgets.pane import LivePane

PITCHES = (1, 2, 4)
"""Cells from one bar to the next, dense to wide."""
TIMEFRAMES_NS = tuple(seconds * NS_PER_S for seconds in (60, 300, 900, 3600))
"""What `t` goes through."""

_PAN_BARS = 5
_PART_ROWS = 8
"""How many rows are drawn before a key may come between."""
_ROWS_MIN = 4


class CandleChart(LivePane):
    """Draws bars with volume, the session's VWAP and our own orders."""

    reads: ClassVar[frozenset[str]] = frozenset({"chart", "orders", "instruments"})

    every: ClassVar[int] = 3
    """A forming bar is followed ten times a second: the picture is the dearest of all panes."""

    in_one_piece: ClassVar[bool] = True

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("chart")

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self.pitch = 2
        self.shows_vwap = True
        self.back = 0
        """How many of the newest bars are out of sight."""
        self._symbol: Symbol | None = None
        self._back_from_ns = 0
        self._capacity = 1

    def pack(self, *, dense: bool) -> None:
        """Draw every bar in one cell, or with room between them."""
        self.pitch = 1 if dense else 2
        self.redraw()

    # drawing

    def draw(self) -> None:
        """Put the header and the picture."""
        for _ in self.draw_in_parts():
            pass

    def draw_in_parts(self) -> Iterator[None]:
        """Put the header and the picture, with a halt after every few rows."""
        symbol = self.desk.focus
        if symbol != self._symbol:
            self._symbol, self.back = symbol, 0
        chart = self.desk.chart
        instrument = self.desk.instruments.get(symbol) if symbol else None
        if symbol is None or instrument is None or chart is None or chart.symbol != symbol or not chart.bars:
            self._draw_empty(symbol)
            return
        if self.size.height < _ROWS_MIN:
            self._put_header(instrument, chart, chart.bars[-1])
            self.clear_from(1)
            return
        yield from self._draw_chart(instrument, chart)

    def _draw_chart(self, instrument: Instrument, chart: ChartView) -> Iterator[None]:
        writer = figures(instrument)
        self._keep_place(chart)
        content = self._input(chart)
        shape = ChartShape(self.size.width, self.size.height - 1, self._axis_text(chart, content, writer))
        self._capacity = shape.capacity(self.pitch)
        self.back = max(0, min(self.back, len(chart.bars) - self._capacity))
        content = self._input(chart)
        named = self._put_header(instrument, chart, shape.visible(content)[-1])
        self.caption(self._caption_text(chart, writer, names_vwap=not named))
        y = 0
        for y, runs in enumerate(picture(content, shape, writer), 1):
            self.put(y, *runs)
            if y % _PART_ROWS == 0:
                yield
        self.clear_from(y + 1)

    def _caption_text(self, chart: ChartView, writer: Figures, *, names_vwap: bool) -> str:
        """Say the timeframe, what the bars are of, the VWAP where the header has no room for it, and how far back."""
        quote, vwap = self.desk.quotes.get(chart.symbol), self._vwap(chart)
        parts = [f"{interval(chart.interval_ns)} ▾"]
        if quote is not None and not quote.last and quote.price:
            parts.append("mids, no trades")
        if vwap:
            parts.append(f"VWAP {writer.average(vwap)}" if names_vwap else "VWAP")
        if self.back:
            parts.append(f"◂ {self.back} bars")
        return " · ".join(parts)

    def _vwap(self, chart: ChartView) -> int:
        """Return the day's VWAP; 0 where it is hidden or there is none."""
        quote = self.desk.quotes.get(chart.symbol)
        return quote.vwap if quote is not None and self.shows_vwap else 0

    def _input(self, chart: ChartView) -> ChartInput:
        return ChartInput(
            bars=chart.bars,
            back=self.back,
            pitch=self.pitch,
            vwap=self.shows_vwap,
            quote=self.desk.quotes.get(chart.symbol),
            orders=tuple(order for order in self.desk.working if order.symbol == chart.symbol),
            zone=self.desk.zone,
            calendar=self.desk.instruments[chart.symbol].calendar,
            hollow=self._ink.is_coarse,
        )

    def _axis_text(self, chart: ChartView, content: ChartInput, writer: Figures) -> int:
        """Return the cells that the longest price of the axis takes."""
        prices = [max(bar.high for bar in chart.bars), chart.bars[-1].close]
        prices += [order.limit or order.stop or 0 for order in content.orders]
        return max(len(writer.price(price)) for price in prices)

    def _keep_place(self, chart: ChartView) -> None:
        """Stay on the same bars while new ones arrive, once somebody has panned away."""
        newest_ns = chart.bars[-1].start_ns
        if self.back and newest_ns > self._back_from_ns:
            self.back += sum(1 for bar in chart.bars if bar.start_ns > self._back_from_ns)
        self._back_from_ns = newest_ns

    def _put_header(self, instrument: Instrument, chart: ChartView, bar: Bar) -> bool:
        """Put what fits of: symbol, timeframe, the bar's time if it is an old one, its prices, VWAP.

        Returns whether the VWAP is on it.
        """
        writer, vwap = figures(instrument), self._vwap(chart)
        named: list[Run] = [
            (f" {instrument.symbol}", "text+b"),
            (f" {interval(chart.interval_ns)} ", "muted"),
        ]
        if self.back:
            named.append((f" {minute_of_day(bar.start_ns, self.desk.zone)} ", "warn"))
        values = [("O", bar.open), ("H", bar.high), ("L", bar.low), ("C", bar.close)]
        parts = [(f" {letter} ", writer.price(price), letter) for letter, price in values]
        room = self.size.width - sum(len(text) for text, _ in named)
        if room < sum(len(name) + len(text) for name, text, _ in parts):
            parts = parts[-1:]
        for name, text, letter in parts:
            named += [(name, "muted"), (text, f"{tone(bar)}+b" if letter == "C" else "text")]
            room -= len(name) + len(text)
        tail = f"{writer.average(vwap)} " if vwap else ""
        fits = bool(tail) and room >= len(tail) + 10
        if fits:
            named += [(" " * (room - len(tail) - 8), "text"), ("── ", "accent"), ("VWAP ", "muted")]
            named.append((tail, "accent"))
        self.put(0, *named)
        return fits

    def _draw_empty(self, symbol: Symbol | None) -> None:
        text = (
            "No symbol chosen · / finds one" if symbol is None else f"No bars of {symbol} yet · t timeframe"
        )
        self.put(0, (f" {text}", "faint"))
        self.clear_from(1)
        self.caption("")

    # keys and mouse

    def action_pan(self, direction: int) -> None:
        """Go back in time (positive) or forward."""
        count = len(self.desk.chart.bars) if self.desk.chart else 0
        self.back = max(0, min(self.back + direction * _PAN_BARS, count - self._capacity))
        self.redraw()

    def action_oldest(self) -> None:
        """Show the oldest bars."""
        self.action_pan(len(self.desk.chart.bars) if self.desk.chart else 0)

    def action_newest(self) -> None:
        """Show the newest bars."""
        self.back = 0
        self.redraw()

    def action_zoom(self, steps: int) -> None:
        """Draw bars wider (positive) or denser."""
        place = PITCHES.index(self.pitch) + steps
        self.pitch = PITCHES[max(0, min(place, len(PITCHES) - 1))]
        self.redraw()

    def action_timeframe(self) -> None:
        """Ask for bars of the next length."""
        now_ns = self.desk.chart.interval_ns if self.desk.chart else 0
        longer = [frame for frame in TIMEFRAMES_NS if frame > now_ns]
        self.back = 0
        self.post_message(TimeframeChanged(longer[0] if longer else TIMEFRAMES_NS[0]))

    def action_vwap(self) -> None:
        """Show or hide the VWAP."""
        self.shows_vwap = not self.shows_vwap
        self.redraw()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Go forward in time."""
        event.stop()
        self.action_pan(-1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Go back in time."""
        event.stop()
        self.action_pan(1)
