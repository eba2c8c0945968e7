"""The quote board: one line a symbol, the last price flashing as it moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Blur, Click, Focus, MouseScrollDown, MouseScrollUp

from engine.clock import NS_PER_S, SystemClock
from engine.messages.views import QuoteView
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from terminal.desk import Desk
from terminal.format import figures
from terminal.strips import Ink, Run
from terminal.widgets import quote_columns
from terminal.widgets.flash import FLASH_NS, Flash
from terminal.widgets.messages import SymbolOpened, SymbolPicked
from terminal.widgets.pane import LivePane
from terminal.widgets.quote_order import Sort, ordered

SETTLE_NS = NS_PER_S
"""How often columns are measured, and rows sorted by what ticks: rows that jump can't be read."""
WHEEL_ROWS = 3

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


class QuoteBoard(LivePane):
    """Lists symbols with their prices; its cursor chooses what the desk looks at."""

    reads: ClassVar[frozenset[str]] = frozenset({"quotes", "instruments", "clock"})

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Next symbol", id="quotes.down", show=False),
        Binding("k,up", "move(-1)", "Previous symbol", id="quotes.up", show=False),
        Binding("g,home", "first", "First symbol", id="quotes.first", show=False),
        Binding("G,end", "last", "Last symbol", id="quotes.last", show=False),
        Binding("pagedown", "page(1)", "Next page", id="quotes.page_down", show=False),
        Binding("pageup", "page(-1)", "Previous page", id="quotes.page_up", show=False),
        Binding("o", "sort", "Sort", id="quotes.sort"),
        Binding("enter", "open", "Open", id="quotes.open"),
    ]

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
        self.symbols: list[Symbol] = []
        """What is listed, in order."""
        self.cursor: Symbol | None = None
        self._monotonic_ns = monotonic_ns
        self._watched: tuple[Symbol, ...] | None = None
        self._filter = ""
        self._top = 0
        self._columns: tuple[quote_columns.Column, ...] = ()
        self._laid_out: _Known = ()
        self._settled_ns = -SETTLE_NS
        self._drawn: dict[Symbol, _Row] = {}
        self._flash_ends = False
        self._outgrown = False
        """Whether a number no longer fits its column."""

    def watch_symbols(self, symbols: Sequence[Symbol] | None) -> None:
        """List these symbols in this order; None lists every symbol that has a quote."""
        self._watched = None if symbols is None else tuple(symbols)
        self._settle_again()

    def narrow(self, text: str) -> None:
        """List only symbols that contain the text."""
        self._filter = text.upper()
        self._top = 0
        self._settle_again()

    def select(self, symbol: Symbol) -> None:
        """Put the cursor on a symbol and tell nobody."""
        self.cursor = symbol
        self._reveal()
        self.redraw()

    # drawing

    def draw(self) -> None:
        """Put the head and every visible symbol."""
        now_ns = self._monotonic_ns()
        self._settle(now_ns)
        self.caption(self._caption_text())
        if not self.symbols:
            self._draw_empty()
            return
        self._draw_rows(now_ns)
        if self._outgrown:
            self._measure()
            self._draw_rows(now_ns)
            self._outgrown = False
        self._end_flashes()

    def _draw_rows(self, now_ns: int) -> None:
        self.put(0, *quote_columns.header(self._columns, self.sort))
        visible = self.symbols[self._top : self._top + self._page]
        self._drawn = {symbol: self._draw_row(y, symbol, now_ns) for y, symbol in enumerate(visible, 1)}
        self.clear_from(len(visible) + 1)

    def _draw_row(self, y: int, symbol: Symbol, now_ns: int) -> _Row:
        quote = self.desk.quotes.get(symbol)
        row = self._drawn.get(symbol) or _Row(quote.last if quote else 0)
        row.lit = row.flash.see(quote.last, now_ns) if quote else 0
        selected = symbol == self.cursor
        age_s10 = self._age_ns(quote) * 10 // NS_PER_S if quote and self._shows_age(quote) else 0
        known = (quote, selected and self.has_focus, selected, row.lit, age_s10, self._columns)
        if row.known != known:
            row.known = known
            row.runs = self._runs(symbol, quote, row.lit, selected=selected)
        self.put(y, *row.runs, paper="selected" if selected else "panel")
        return row

    def _runs(self, symbol: Symbol, quote: QuoteView | None, lit: int, *, selected: bool) -> tuple[Run, ...]:
        instrument = self.desk.instruments.get(symbol)
        if quote is None or instrument is None:
            return (*self._mark(None, selected=selected), (f"{symbol}  no quote yet", "faint+i"))
        runs = quote_columns.cells(self._columns, quote, figures(instrument), self._age_ns(quote), lit)
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

    def _draw_empty(self) -> None:
        text = (
            f"No symbol contains {self._filter} · f changes the filter"
            if self._filter
            else "No quotes yet · / finds a symbol"
        )
        self.put(0, (f"  {text}", "faint"))
        self.clear_from(1)

    def _caption_text(self) -> str:
        count = f"{len(self.symbols)}{f' of {self._filter}' if self._filter else ''}"
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

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def _settle_again(self) -> None:
        self._settled_ns = -SETTLE_NS
        self._laid_out = ()
        self.redraw()

    def _settle(self, now_ns: int) -> None:
        """Sort and measure when something calls for it, at most once a second for mere ticks."""
        laid_out = (len(self.desk.quotes), len(self.desk.instruments), self.sort, self.size.width)
        due = now_ns - self._settled_ns >= SETTLE_NS
        if laid_out == self._laid_out and not due:
            return
        self._settled_ns = now_ns
        if laid_out != self._laid_out or self.sort.is_live:
            self.symbols = self._listed()
        self._laid_out = laid_out
        self._measure()
        if self.cursor is None and self.symbols:
            self.cursor = self.desk.focus if self.desk.focus in self.symbols else self.symbols[0]
        self._top = max(0, min(self._top, len(self.symbols) - self._page))

    def _listed(self) -> list[Symbol]:
        symbols = list(self.desk.quotes) if self._watched is None else list(self._watched)
        if self._filter:
            symbols = [symbol for symbol in symbols if self._filter in symbol.upper()]
        return ordered(symbols, self.sort, self.desk.quotes, self.desk.instruments)

    def _measure(self) -> None:
        rows = [
            quote_columns.texts(quote, figures(instrument))
            for symbol in self.symbols
            if (quote := self.desk.quotes.get(symbol)) and (instrument := self.desk.instruments.get(symbol))
        ]
        self._columns = quote_columns.place(quote_columns.widths(rows), self.size.width)

    def _reveal(self) -> None:
        """Scroll as little as shows the cursor."""
        if self.cursor in self.symbols:
            index = self.symbols.index(self.cursor)
            self._top = max(min(self._top, index), index - self._page + 1)

    # keys and mouse

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        if self.symbols:
            self._go_to(self._index() + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.action_move(pages * max(1, self._page - 1))

    def action_first(self) -> None:
        """Move the cursor to the first symbol."""
        self._go_to(0)

    def action_last(self) -> None:
        """Move the cursor to the last symbol."""
        self._go_to(len(self.symbols) - 1)

    def action_sort(self) -> None:
        """Go to the next order."""
        self.sort = self.sort.following
        self._settled_ns = -SETTLE_NS
        self.redraw()
        self._reveal()
        self.redraw()

    def action_open(self) -> None:
        """Open the symbol under the cursor."""
        if self.cursor is not None:
            self.post_message(SymbolOpened(self.cursor))

    def on_click(self, event: Click) -> None:
        """Pick the symbol under the pointer, open it on the second click; the head sorts."""
        if event.y == 0:
            self.action_sort()
            return
        index = self._top + event.y - 1
        if index < len(self.symbols):
            self._go_to(index)
            if event.chain == 2:
                self.action_open()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll without moving the cursor."""
        event.stop()
        self._scroll_rows(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll without moving the cursor."""
        event.stop()
        self._scroll_rows(-WHEEL_ROWS)

    def on_focus(self, _event: Focus) -> None:
        """Show that the cursor is live."""
        self.redraw()

    def on_blur(self, _event: Blur) -> None:
        """Show that the cursor is not."""
        self.redraw()

    def _scroll_rows(self, rows: int) -> None:
        self._top = max(0, min(self._top + rows, len(self.symbols) - self._page))
        self.redraw()

    def _index(self) -> int:
        return self.symbols.index(self.cursor) if self.cursor in self.symbols else 0

    def _go_to(self, index: int) -> None:
        if not self.symbols:
            return
        symbol = self.symbols[max(0, min(index, len(self.symbols) - 1))]
        moved = symbol != self.cursor
        self.cursor = symbol
        self._reveal()
        self.redraw()
        if moved:
            self.post_message(SymbolPicked(symbol))
