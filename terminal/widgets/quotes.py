"""The quote board: one line a symbol, the last price flashing as it moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click, Key

from engine.clock import NS_PER_S, SystemClock
from engine.messages.signal_views import SignalsView
from engine.messages.views import QuoteView
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from terminal.actions.table import bindings_of
from terminal.desk import Desk
from terminal.format import figures
from terminal.strips import Ink, Run
from terminal.widgets import quote_columns
from terminal.widgets.flash import FLASH_NS, Flash
from terminal.widgets.list_pane import ListPane
from terminal.widgets.messages import SymbolOpened, SymbolPicked
from terminal.widgets.narrowing import Narrowing
from terminal.widgets.quote_order import Sort, ordered
from terminal.widgets.quote_signals import SAID_NOTHING, marks_of

SETTLE_NS = NS_PER_S
"""How often columns are measured, and rows sorted by what ticks: rows that jump can't be read."""

_PART_ROWS = 4
"""How many rows are drawn before a key may come between."""

_monotonic_ns = SystemClock().monotonic_ns

_Known = tuple[object, ...]


class _Row:
    """What a visible symbol's line was drawn from, so that it is built again only when that changed."""

    __slots__ = ("flash", "known", "lit", "runs")

    def __init__(self, last: int) -> None:
        self.flash = Flash(last)
        self.lit = 0
        self.known: _Known = ()
        self.runs: tuple[Run, ...] = ()


class QuoteBoard(ListPane[Symbol]):
    """Lists symbols with their prices; its cursor chooses what the desk looks at."""

    reads: ClassVar[frozenset[str]] = frozenset({"quotes", "instruments", "watching", "signals", "clock"})

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("quotes")

    def __init__(
        self,
        desk: Desk,
        ink: Ink,
        *,
        id: str,  # noqa: A002  # Textual's own name
        monotonic_ns: Callable[[], int] = _monotonic_ns,
    ) -> None:
        super().__init__(desk, ink, id=id)
        self.sort = Sort.MANUAL
        self._monotonic_ns = monotonic_ns
        self._watched: tuple[Symbol, ...] | None = None
        self._narrowing = Narrowing()
        self.dense = False
        """Whether numbers stand where the small chart would."""
        self._needs = quote_columns.Needs()
        """The widest each column had to be."""
        self._columns: tuple[quote_columns.Column, ...] = ()
        self._laid_out: _Known = ()
        self._settled_ns = -SETTLE_NS
        self._drawn: dict[Symbol, _Row] = {}
        self._said: Mapping[Symbol, Run] = {}
        """What models say of symbols."""
        self._said_in: SignalsView | None = None
        self._flash_ends = False
        self._outgrown = False
        """Whether a number no longer fits its column."""

    @property
    def symbols(self) -> Sequence[Symbol]:
        """What is listed, in order."""
        return self._keys

    def watch_symbols(self, symbols: Sequence[Symbol] | None) -> None:
        """List these symbols in this order; None lists every symbol that has a quote."""
        self._watched = None if symbols is None else tuple(symbols)
        self._settle_again()

    def narrow(self, text: str) -> None:
        """List only symbols that contain the text."""
        self._narrowing.text = text.upper()
        self._narrowed()

    def pack(self, *, dense: bool) -> None:
        """Show numbers instead of the small chart, or the chart again."""
        self.dense = dense
        self._settle_again()

    def action_filter(self) -> None:
        """Begin to type what symbols must contain."""
        self._narrowing.begin()
        self.redraw()

    def take_key(self, event: Key) -> bool:
        """Narrow the list while its filter is typed."""
        taken = self._narrowing.take(event)
        if taken:
            self._narrowed()
        return taken

    def _narrowed(self) -> None:
        self._top = 0
        self._settle_again()

    # drawing

    def draw(self) -> None:
        """Put the head and every visible symbol."""
        for _ in self.draw_in_parts():
            pass

    def draw_in_parts(self) -> Iterator[None]:
        """Put the head and every visible symbol, with a halt after every few."""
        now_ns = self._monotonic_ns()
        if self.desk.signals is not self._said_in:
            self._said_in, self._said = self.desk.signals, marks_of(self.desk.signals)
        yield from self._settle(now_ns)
        self.caption(self._caption_text())
        if not self.symbols:
            self.put(0, (f"  {self.empty()}", "faint"))
            self.clear_from(1)
            yield
            return
        yield from self._draw_rows(now_ns)
        if self._outgrown:
            yield from self._measure()
            yield from self._draw_rows(now_ns)
            self._outgrown = False
        self._end_flashes()

    def _draw_rows(self, now_ns: int) -> Iterator[None]:
        self.put(0, *quote_columns.header(self._columns, self.sort))
        visible = self.symbols[self._top : self._top + self.page]
        self._drawn = {symbol: self._drawn.get(symbol) or self._row_of(symbol) for symbol in visible}
        for y, symbol in enumerate(visible, 1):
            self._draw_row(y, symbol, now_ns)
            if y % _PART_ROWS == 0:
                yield
        self.clear_from(len(visible) + 1)
        yield

    def _row_of(self, symbol: Symbol) -> _Row:
        quote = self.desk.quotes.get(symbol)
        return _Row(quote.price if quote else 0)

    def _draw_row(self, y: int, symbol: Symbol, now_ns: int) -> None:
        quote, row = self.desk.quotes.get(symbol), self._drawn[symbol]
        row.lit = row.flash.see(quote.price, now_ns) if quote else 0
        selected = symbol == self.cursor
        age_s10 = self._age_ns(quote) * 10 // NS_PER_S if quote and self._shows_age(quote) else 0
        said = self._said.get(symbol, SAID_NOTHING)
        known = (quote, selected and self.has_focus, selected, row.lit, age_s10, said, self._columns)
        if row.known != known:
            row.known = known
            row.runs = self._runs(symbol, quote, row.lit, said, selected=selected)
        self.put(y, *row.runs, paper="selected" if selected else "panel")

    def _runs(
        self, symbol: Symbol, quote: QuoteView | None, lit: int, said: Run, *, selected: bool
    ) -> tuple[Run, ...]:
        instrument = self.desk.instruments.get(symbol)
        if quote is None or instrument is None or not (quote.price or quote.bid or quote.ask):
            return (*self._mark(None, selected=selected), (f"{symbol}  no quote yet", "faint+i"))
        runs = quote_columns.cells(self._columns, quote, figures(instrument), self._age_ns(quote), lit, said)
        self._outgrown = self._outgrown or quote_columns.outgrown(self._columns, runs)
        if selected and quote.trust is not Trust.STALE:
            runs[0] = (runs[0][0], "text+b")
        return (*self._mark(quote, selected=selected), *runs)

    def _mark(self, quote: QuoteView | None, *, selected: bool) -> tuple[Run, ...]:
        if quote is not None and quote.session is Session.HALTED:
            return (("H ", "warn+b"),)
        if quote is not None and quote.trust is Trust.DISTRUSTED:
            return (("!", "on_loud+b/breach"), (" ", "text"))
        if quote is not None and quote.trust is Trust.STALE:
            return (("~ ", "warn"),)
        if selected:
            return (("▎ ", "accent" if self.has_focus else "muted"),)
        return (("  ", "text"),)

    def empty(self) -> str:
        """Return why nothing is listed, and the key that changes it."""
        if self._narrowing.text:
            return f"No symbol contains {self._narrowing.text} · f changes the filter"
        return "No quotes yet · / finds a symbol"

    def _caption_text(self) -> str:
        if self._narrowing.typing:
            return f"filter {self._narrowing.text}▏ · ⏎ keeps · esc drops"
        count = f"{len(self.symbols)}{f' of {self._narrowing.text}' if self._narrowing.text else ''}"
        return f"{count} · sort ▾ {self.sort}"

    # flashes

    def _end_flashes(self) -> None:
        """Come back once to put the lights out, should no frame come."""
        if any(row.lit for row in self._drawn.values()) and not self._flash_ends:
            self._flash_ends = True
            self.set_timer(FLASH_NS / NS_PER_S, self._flashes_over)

    def _flashes_over(self) -> None:
        self._flash_ends = False
        self.redraw()

    def _age_ns(self, quote: QuoteView) -> int:
        return max(0, self.desk.now_ns - quote.receive_ns)

    def _shows_age(self, quote: QuoteView) -> bool:
        return quote.trust is Trust.STALE or any(column.name == "age" for column in self._columns)

    # order and layout

    def _settle_again(self) -> None:
        self._settled_ns = -SETTLE_NS
        self._laid_out = ()
        self.redraw()

    def _settle(self, now_ns: int) -> Iterator[None]:
        """Sort and measure when something calls for it, at most once a second for mere ticks."""
        counts = (len(self.desk.quotes), len(self.desk.instruments), self.desk.predicts)
        laid_out = (*counts, self.desk.watching, self.sort, self.size.width)
        due = now_ns - self._settled_ns >= SETTLE_NS
        if laid_out == self._laid_out and not due:
            return
        if laid_out != self._laid_out:
            self._needs = quote_columns.Needs()
        if laid_out != self._laid_out or self.sort.is_live:
            self._keys = self.keys()
        yield from self._measure()
        self._settled_ns, self._laid_out = now_ns, laid_out
        if self.cursor is None and self.symbols:
            self.cursor = self.desk.focus if self.desk.focus in self.symbols else self.symbols[0]
        self._top = max(0, min(self._top, len(self.symbols) - self.page))

    def keys(self) -> Sequence[Symbol]:
        """Return what is listed, in order."""
        symbols = list(self._watched if self._watched is not None else self.desk.symbols)
        if self._narrowing.text:
            symbols = [symbol for symbol in symbols if self._narrowing.text in symbol.upper()]
        return ordered(symbols, self.sort, self.desk.quotes, self.desk.instruments)

    def _measure(self) -> Iterator[None]:
        """Widen columns for what they hold now; they never shrink by a tick, so that nothing dances."""
        for count, symbol in enumerate(self.symbols, 1):
            quote, instrument = self.desk.quotes.get(symbol), self.desk.instruments.get(symbol)
            if quote is not None and instrument is not None:
                self._needs.grow([quote_columns.texts(quote, figures(instrument))])
            if count % _PART_ROWS == 0:
                yield
        self._columns = quote_columns.place(
            self._needs, self.size.width, spark=not self.dense, predicts=self.desk.predicts
        )

    # keys and mouse

    def action_sort(self) -> None:
        """Go to the next order."""
        self.sort = self.sort.following
        self._settled_ns = -SETTLE_NS
        self.redraw()
        self._reveal()
        self.redraw()

    def open_row(self) -> None:
        """Say which symbol was opened."""
        if self.cursor is not None:
            self.post_message(SymbolOpened(self.cursor))

    def tell_picked(self) -> None:
        """Say which symbol the cursor moved to."""
        if self.cursor is not None:
            self.post_message(SymbolPicked(self.cursor))

    def on_click(self, event: Click) -> None:
        """Pick the symbol under the pointer, open it on the second click; the head sorts."""
        if event.y == 0:
            event.prevent_default()
            self.action_sort()
