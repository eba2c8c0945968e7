"""The depth ladder: both sides of the book around the last price, our own orders in it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp

from engine.messages.views import DepthView, QuoteView
from engine.model.depth import Level
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import Trust
from engine.model.quote import NO_PRICE
from engine.model.trade import Side
from terminal.actions.table import bindings_of
from terminal.desk import Desk
from terminal.format import NOTHING, Figures, direction, figures
from terminal.strips import Ink, Run, fit
from terminal.widgets.depth_rows import LadderShape, head, level_row, spread_row
from terminal.widgets.ladder import SPREAD, OwnOrders, Rung, imbalance, is_dense, own_orders, window
from terminal.widgets.messages import PricePicked
from terminal.widgets.pane import LivePane


class DepthLadder(LivePane):
    """Shows the book of the desk's symbol; its price cursor stages an order at a price."""

    reads: ClassVar[frozenset[str]] = frozenset({"depth", "orders", "quotes", "instruments"})

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("depth")

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self.cursor: int | None = None
        """The price under the cursor, in price units; None until it is first moved."""
        self.cursor_side = Side.BUY
        self._symbol: Symbol | None = None
        self._offset = 0
        self._dense = False
        self._shown: list[Rung] = []

    # drawing

    def draw(self) -> None:
        """Put the head, the asks, the spread and the bids."""
        symbol = self.desk.focus
        if symbol != self._symbol:
            self._symbol, self._offset, self.cursor = symbol, 0, None
        instrument = self.desk.instruments.get(symbol) if symbol else None
        if instrument is None:
            self._draw_empty(
                "No symbol chosen · / finds one" if symbol is None else f"{symbol} is not listed"
            )
            return
        quote = self.desk.quotes.get(instrument.symbol)
        full = self._book(instrument.symbol)
        book = full or _touch(instrument.symbol, quote)
        if not book.bids and not book.asks:
            self._draw_empty(f"{symbol}: {book.status or 'no quote yet'}")
            return
        self._draw_book(instrument, book, quote)
        self._put_note(book, full is not None)

    def _draw_book(self, instrument: Instrument, book: DepthView, quote: QuoteView | None) -> None:
        own = own_orders(self.desk.working, instrument.symbol)
        rows = max(1, self.size.height - 1)
        tick = self._tick(instrument, book, rows // 2)
        self._shown = window(book.bids, book.asks, own, rows=rows, offset=self._offset, tick=tick)
        writer = figures(instrument)
        shape = self._shape(writer)
        doubt = _doubt(book, quote)
        self.put(0, *head(shape))
        for y, rung in enumerate(self._shown, 1):
            if rung is None:
                self._put_spread(y, shape, writer, book, quote, doubt)
            elif rung[0][0] == NO_PRICE:
                self.put(y)
            else:
                self._put_level(y, shape, writer, rung, own.get(rung[0][0]), book, dim=bool(doubt))
        self.clear_from(len(self._shown) + 1)

    def _put_level(
        self,
        y: int,
        shape: LadderShape,
        writer: Figures,
        rung: tuple[Level, Side],
        own: OwnOrders | None,
        book: DepthView,
        *,
        dim: bool,
    ) -> None:
        level, side = rung
        touch = book.bids if side is Side.BUY else book.asks
        best = bool(touch) and level[0] == touch[0][0]
        at_cursor = self.has_focus and level[0] == self.cursor
        cursor = self.cursor_side if at_cursor else None
        runs = level_row(shape, writer, level, side, own, best=best, dim=dim, cursor=cursor)
        self.put(y, *runs, paper="selected" if at_cursor else "panel")

    def _put_spread(
        self,
        y: int,
        shape: LadderShape,
        writer: Figures,
        book: DepthView,
        quote: QuoteView | None,
        doubt: str,
    ) -> None:
        if doubt:
            self.put(y, (fit(f" {doubt}", self.size.width), "warn"))
            return
        bids, asks = book.bids, book.asks
        spread = writer.change(asks[0][0] - bids[0][0]) if bids and asks else NOTHING
        lean = imbalance(bids, asks)
        self.put(y, *spread_row(shape, spread.removeprefix("0") or "0", _last(writer, shape, quote), lean))

    def _put_note(self, book: DepthView, is_full: bool) -> None:
        if not is_full:
            self.put(self.size.height - 1, ("top of book only".center(self.size.width), "faint"))
            self.caption(f"{book.symbol} · L1")
        elif book.synced:
            self.caption(f"{book.symbol} · {max(len(book.bids), len(book.asks))} lvls")
        else:
            self.caption(f"{book.symbol} · not synced")

    def _draw_empty(self, text: str) -> None:
        self._shown = []
        self.put(0, (f" {text}", "faint"))
        self.clear_from(1)
        self.caption("")

    # which prices

    def _book(self, symbol: Symbol) -> DepthView | None:
        """Return the symbol's book; None where the source gives only the touch."""
        book = self.desk.depth
        if book is None or book.symbol != symbol:
            return None
        return book if book.bids or book.asks or not book.synced else None

    def _tick(self, instrument: Instrument, book: DepthView, count: int) -> int | None:
        """Return the tick where every tick has a row, None where only levels have."""
        tick = instrument.tick_units
        self._dense = len(book.bids) + len(book.asks) > 2 and all(
            is_dense(levels, tick, count, was_dense=self._dense)
            for levels in (book.bids, book.asks)
            if levels
        )
        return tick if self._dense else None

    def _shape(self, writer: Figures) -> LadderShape:
        levels = [rung[0] for rung in self._shown if rung is not None and rung[0][0]]
        return LadderShape(self.size.width, levels, writer)

    # keys and mouse

    def action_move(self, rows: int) -> None:
        """Move the cursor to a higher (positive) or lower price, scrolling at the edges."""
        places = self._places()
        if not places:
            return
        now = self._row_of_cursor()
        if now is None:
            self._start_cursor()
        else:
            self._step(places, now, rows)
        self.redraw()

    def _step(self, places: list[int], now: int, rows: int) -> None:
        wanted = places.index(now) - rows
        if not 0 <= wanted < len(places):
            self._offset += rows
            self.draw()
            places = self._places()
            wanted = max(0, min(wanted, len(places) - 1))
            if not places:
                return
        self._set_cursor(places[wanted])

    def action_side(self, side: str) -> None:
        """Choose the column: BUY or SELL."""
        self.cursor_side = Side[side]
        if self._row_of_cursor() is None:
            self._start_cursor()
            self.cursor_side = Side[side]
        self.redraw()

    def action_centre(self) -> None:
        """Bring the spread to the middle and the cursor to the best bid."""
        self._offset = 0
        self.draw()
        self._start_cursor()
        self.redraw()

    def action_pick(self) -> None:
        """Choose the price under the cursor."""
        if self.cursor is not None and self._symbol is not None:
            self.post_message(PricePicked(self._symbol, self.cursor, self.cursor_side))

    def on_click(self, event: Click) -> None:
        """Put the cursor where the pointer is; the second click chooses the price."""
        y = event.y - 1
        if not 0 <= y < len(self._shown) or self._price_at(y) == NO_PRICE:
            return
        self._set_cursor(y)
        self.cursor_side = Side.BUY if event.x < self.size.width // 2 else Side.SELL
        self.redraw()
        if event.chain == 2:
            self.action_pick()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Show lower prices."""
        event.stop()
        self._scroll_rows(-1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Show higher prices."""
        event.stop()
        self._scroll_rows(1)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show or hide the cursor; when the event comes the focus is not here yet."""
        super().watch_has_focus(has_focus)
        self.redraw()

    def _scroll_rows(self, rows: int) -> None:
        limit = 4 * self.size.height
        self._offset = max(-limit, min(self._offset + rows, limit))
        self.redraw()

    def _places(self) -> list[int]:
        """Return the rows that have a price."""
        return [y for y in range(len(self._shown)) if self._price_at(y) != NO_PRICE]

    def _price_at(self, y: int) -> int:
        rung = self._shown[y]
        return rung[0][0] if rung is not None else NO_PRICE

    def _row_of_cursor(self) -> int | None:
        if self.cursor is None:
            return None
        return next((y for y in range(len(self._shown)) if self._price_at(y) == self.cursor), None)

    def _start_cursor(self) -> None:
        """Put the cursor on the best bid, or on what is nearest to it."""
        centre = self._shown.index(SPREAD) if SPREAD in self._shown else 0
        places = self._places()
        if places:
            self._set_cursor(min(places, key=lambda y: (abs(y - centre), y < centre)))

    def _set_cursor(self, y: int) -> None:
        rung = self._shown[y]
        if rung is not None:
            before = self._row_side()
            self.cursor = rung[0][0]
            if before is not rung[1]:
                self.cursor_side = rung[1]

    def _row_side(self) -> Side | None:
        y = self._row_of_cursor()
        rung = self._shown[y] if y is not None else None
        return rung[1] if rung is not None else None


def _last(writer: Figures, shape: LadderShape, quote: QuoteView | None) -> Run:
    """Return the last price in its colour; where nothing was ever traded the middle, marked as derived."""
    if quote is None or not quote.price:
        return NOTHING, "panel+b/muted"
    if not quote.last:
        return f"≈{writer.average(quote.price)} ", "text"
    tone = "up" if quote.last_side > 0 else "down" if quote.last_side < 0 else "muted"
    return f"{writer.price(quote.last, shape.price_decimals)} {direction(quote.last_side)}", f"panel+b/{tone}"


def _touch(symbol: Symbol, quote: QuoteView | None) -> DepthView:
    """Return the best bid and ask as a book of one level."""
    if quote is None:
        return DepthView(symbol, (), (), synced=True, source="", status="")
    bids = ((quote.bid, quote.bid_size),) if quote.bid else ()
    asks = ((quote.ask, quote.ask_size),) if quote.ask else ()
    return DepthView(symbol, bids, asks, synced=True, source=quote.source, status="")


def _doubt(book: DepthView, quote: QuoteView | None) -> str:
    """Return why the book is not to be traded on; empty where it is."""
    if not book.synced:
        return f"! not synced · {book.status}"
    if quote is not None and quote.trust is Trust.STALE:
        return f"~ stale · {quote.trust_reason}" if quote.trust_reason else "~ stale"
    if quote is not None and quote.trust is Trust.DISTRUSTED:
        return f"! not trusted · {quote.trust_reason}"
    return ""
