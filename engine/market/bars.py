"""Makes bars of several lengths from the prices of each symbol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.market.bar_series import TICKS, BarSeries
from engine.market.forming_bar import EMPTY, FormingBar
from engine.model.bar import Bar, RecordedBar
from engine.model.instrument import Symbol
from engine.ports.bar_listener import BarListener

MINUTE_NS: Final = 60 * NS_PER_S
INTERVALS_NS: Final = (NS_PER_S, MINUTE_NS, 5 * MINUTE_NS, 15 * MINUTE_NS, 60 * MINUTE_NS)
TRADES_A_TICK_BAR: Final = 100
SPARK_BARS: Final = 30


class SymbolBars:
    """The bars of one symbol.

    A price is taken into the shortest bar only; when that closes it is added to the longer ones. So a
    price costs the same however many intervals there are, and the longer bars are exact sums.
    """

    __slots__ = ("_longer", "_shortest_ns", "_tick", "of_trades", "series", "shortest", "symbol")

    def __init__(self, symbol: Symbol, intervals_ns: tuple[int, ...]) -> None:
        self.symbol = symbol
        self.of_trades = False
        """Whether they are made of trades; of mids until there is a trade."""
        self._shortest_ns = intervals_ns[0]
        self.shortest = FormingBar()
        """What prices are taken into; a mid that does not end it may touch it directly."""
        self._tick = FormingBar()
        self.series = {
            TICKS: BarSeries(symbol, TICKS, (self._tick,)),
            self._shortest_ns: BarSeries(symbol, self._shortest_ns, (self.shortest,)),
        }
        self._longer: list[tuple[BarSeries, FormingBar]] = []
        for interval_ns in intervals_ns[1:]:
            so_far = FormingBar()
            series = BarSeries(symbol, interval_ns, (so_far, self.shortest))
            self.series[interval_ns] = series
            self._longer.append((series, so_far))

    def add_mid(self, at_ns: int, price: int) -> None:
        """Take in the middle of a quote: a price without a trade."""
        shortest = self.shortest
        if at_ns >= shortest.end_ns:
            self._begin(at_ns, price)
        elif price != shortest.close:
            shortest.touch(price)

    def add_trade(self, at_ns: int, price: int, size: int, *, sets_last: bool) -> None:
        """Take in a trade; one that does not set the last price counts for volume only."""
        if not self.of_trades:
            self.empty()
            self.of_trades = True
        shortest, tick = self.shortest, self._tick
        if at_ns >= shortest.end_ns:
            self._begin(at_ns, price if sets_last else shortest.close or price)
        if tick.start_ns == EMPTY:
            tick.begin(at_ns, at_ns, price if sets_last else shortest.close)
        if sets_last:
            shortest.trade(price, size)
            tick.trade(price, size)
        else:
            shortest.add(price, size)
            tick.add(price, size)
        if tick.trades >= TRADES_A_TICK_BAR:
            self.series[TICKS].close(tick)
            tick.empty()

    def record(self, bar: Bar) -> bool:
        """Take a bar that a source made into history; False for one from before the newest.

        History that comes before anything is made here also adds up to the longer bars.
        """
        series = self.of_interval(bar.interval_ns)
        made = series.made
        taken = series.record(bar)
        if bar.volume and self.shortest.start_ns == EMPTY:
            self.of_trades = True
        if series.made > made and self.shortest.start_ns == EMPTY:
            for longer, so_far in self._longer:
                if longer.interval_ns > bar.interval_ns and longer.interval_ns % bar.interval_ns == 0:
                    self._add_up(longer, so_far, bar)
        return taken

    def fill(self, bars: Sequence[Bar]) -> None:
        """Take history that comes after what it is the history of: closed bars of one interval.

        They stand where there was nothing, and in the place of what was made here; the longer bars are summed up anew.
        """
        if not self.of_trades and any(bar.volume for bar in bars):
            self.empty()
            self.of_trades = True
        series, made = self.of_interval(bars[0].interval_ns), FormingBar()
        series.fill(bars)
        for longer, so_far in self._longer:
            if longer is series:
                made = so_far
            elif longer.interval_ns > series.interval_ns and not longer.interval_ns % series.interval_ns:
                self._sum_up(series, made, longer, so_far)

    def of_interval(self, interval_ns: int) -> BarSeries:
        """Return one series; empty, and empty it stays, when nobody makes or sends such bars."""
        series = self.series.get(interval_ns)
        if series is None:
            series = self.series[interval_ns] = BarSeries(self.symbol, interval_ns)
        return series

    def shown(self, interval_ns: int) -> BarSeries:
        """Return one series, or where it is empty the next longer one that has bars."""
        asked = self.series.get(interval_ns)
        if asked is None:
            asked = BarSeries(self.symbol, interval_ns)  # not kept: anybody may ask for any length
        longer = sorted(length for length in self.series if length > interval_ns)
        candidates = (asked, *(self.series[length] for length in longer))
        return next((series for series in candidates if series.closed or series.forming is not None), asked)

    def empty(self) -> None:
        """Forget all bars."""
        self.of_trades = False
        self.shortest.empty()
        self._tick.empty()
        for series in self.series.values():
            series.empty()
        for _, so_far in self._longer:
            so_far.empty()

    def _begin(self, at_ns: int, price: int) -> None:
        shortest = self.shortest
        made = shortest.start_ns != EMPTY
        if made:
            self.series[self._shortest_ns].close(shortest)
        for series, so_far in self._longer:
            if made:
                self._add_up(series, so_far, shortest)
            if so_far.start_ns != EMPTY and at_ns >= so_far.end_ns:
                series.close(so_far)
                so_far.empty()
        start_ns = at_ns - at_ns % self._shortest_ns
        shortest.begin(start_ns, start_ns + self._shortest_ns, price)

    def _add_up(self, series: BarSeries, so_far: FormingBar, shorter: FormingBar | Bar) -> None:
        if so_far.start_ns != EMPTY and shorter.start_ns >= so_far.end_ns:
            series.close(so_far)
            so_far.empty()
        so_far.absorb(shorter, series.interval_ns)

    def _sum_up(self, series: BarSeries, made: FormingBar, longer: BarSeries, so_far: FormingBar) -> None:
        """Make longer bars of the closed ones of a series, and what forms of the last and of what was made since."""
        length_ns, sums = longer.interval_ns, dict[int, FormingBar]()
        for bar in series.closed:
            sums.setdefault(bar.start_ns - bar.start_ns % length_ns, FormingBar()).absorb(bar, length_ns)
        if not sums:
            return
        known = next((bar for bar in longer.closed if bar.start_ns == min(sums)), None)
        if known is not None and known.volume > sums[known.start_ns].volume:
            del sums[known.start_ns]  # the series does not go back to where that one began
        last_ns = series.closed[-1].start_ns if self.shortest.start_ns == EMPTY else self.shortest.start_ns
        last = sums.pop(last_ns - last_ns % length_ns, FormingBar())
        so_far.empty()
        for part in (last, made):
            if part.start_ns != EMPTY:
                so_far.absorb(part, length_ns)
        longer.fill(each.bar(self.symbol, length_ns, closed=True) for each in sums.values())


class BarStore:
    """The bars of all symbols.

    Raises:
        ConfigError: an interval is not a whole number of the shortest one.
    """

    def __init__(self, intervals_ns: tuple[int, ...] = INTERVALS_NS) -> None:
        self.intervals_ns = tuple(sorted(set(intervals_ns)))
        if not self.intervals_ns or self.intervals_ns[0] <= 0:
            raise ConfigError(f"bar intervals: expected positive lengths, found {intervals_ns}")
        if any(interval_ns % self.intervals_ns[0] for interval_ns in self.intervals_ns):
            raise ConfigError(f"bar intervals: expected multiples of the shortest, found {intervals_ns}")
        self._symbols: dict[Symbol, SymbolBars] = {}
        self._listeners: tuple[tuple[int, BarListener], ...] = ()

    def listen(self, interval_ns: int, listener: BarListener) -> None:
        """Tell someone of the closed bars of one length, of every symbol there is and will be."""
        self._listeners += ((interval_ns, listener),)
        for bars in self._symbols.values():
            bars.of_interval(interval_ns).listeners += (listener,)

    def of(self, symbol: Symbol) -> SymbolBars:
        """Return the bars of one symbol, made on first use."""
        bars = self._symbols.get(symbol)
        if bars is None:
            bars = self._symbols[symbol] = SymbolBars(symbol, self.intervals_ns)
            for interval_ns, listener in self._listeners:
                bars.of_interval(interval_ns).listeners += (listener,)
        return bars

    def series(self, symbol: Symbol, interval_ns: int) -> BarSeries:
        """Return one series; empty, and empty it stays, when nobody makes or sends such bars."""
        return self.of(symbol).of_interval(interval_ns)

    def shown(self, symbol: Symbol, interval_ns: int) -> BarSeries:
        """Return one series, or where it is empty the next longer one that has bars: days have no minutes."""
        return self.of(symbol).shown(interval_ns)

    def record(self, recorded: RecordedBar) -> bool:
        """Take a bar that a source made; False for one from before the newest."""
        return self.of(recorded.bar.symbol).record(recorded.bar)

    def fill(self, symbol: Symbol, bars: Sequence[RecordedBar]) -> None:
        """Take history that comes after what it is the history of."""
        closed = [each.bar for each in bars if each.bar.closed]
        if closed:
            self.of(symbol).fill(closed)

    def spark(self, symbol: Symbol) -> tuple[int, ...]:
        """Return the closes of the last thirty minutes that had prices, oldest first."""
        return self.series(symbol, MINUTE_NS).closes(SPARK_BARS)
