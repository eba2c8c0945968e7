"""What is held, from fills only: average cost and FIFO side by side, in whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from engine.errors import DataError
from engine.messages.ledger_page import PAGE, LedgerPage, pack
from engine.messages.state import (
    Booked,
    BookedDividend,
    BookedFill,
    BookedSplit,
    HoldingState,
    LotsState,
)
from engine.model.account import CurrencyRates
from engine.model.fill import Fill
from engine.model.instrument import Instrument, Symbol
from engine.model.position import Position
from engine.portfolio.booking import book, book_fill, give_rates, lacks_rate, rebuild
from engine.portfolio.holding import Holding
from engine.portfolio.holding_states import capture_holding, restore_holding, restore_lots


class Ledger:
    """Keeps every position; `on_fill` is on the order path and does no more than it must.

    Realised less cost equals the money that changed hands exactly, at average cost and FIFO alike:
    a partial close rounds its share of the cost down to a billionth of a unit, and what it rounds off
    stays in the cost of what is left.
    """

    def __init__(self, instruments: Mapping[Symbol, Instrument], rates: CurrencyRates) -> None:
        self._instruments = instruments
        self._rates = rates
        self._holdings: dict[Symbol, Holding] = {}
        self._waiting: dict[Symbol, Holding] = {}
        """Those with something booked whose rate is not known yet."""
        self.note_rate: Callable[[str], None] | None = None
        """Told of a currency before what waited for its rate is converted."""
        self.positions: dict[Symbol, Position] = {}
        """Every symbol ever held, flat ones too; others read it in place."""
        self.duplicates = 0
        """Fills that came again and were ignored."""
        self.version = 0
        """Counts every change, so that a reader can tell whether it has seen this one."""

    def on_fill(self, fill: Fill) -> Position:
        """Book a fill and return its position; the same fill id of a symbol counts once.

        Raises:
            DataError: the fill is for a symbol that is not listed.
        """
        holding = self._holdings.get(fill.symbol) or self._hold(fill.symbol)
        if self._waiting:
            self.settle()
        booked = holding.booked
        if fill.fill_id in booked:
            self.duplicates += 1
            return holding.position
        entry = self._rated(holding, fill)
        booked[fill.fill_id] = entry
        book_fill(holding, entry)
        holding.position.version += 1
        self.version += 1
        return holding.position

    def bust(self, fill: Fill) -> None:
        """Make positions and profit what they would be without a fill; an unknown one changes nothing."""
        holding = self._holdings.get(fill.symbol)
        if holding is not None and fill.fill_id in holding.booked:
            del holding.entries()[fill.fill_id]
            rebuild(holding)
            self._changed(holding)

    def correct(self, fill: Fill) -> None:
        """Book a fill in the place of the one with its id, at that one's rates; without one, it is new."""
        if self._waiting:
            self.settle()
        holding = self._holdings.get(fill.symbol)
        if holding is None or fill.fill_id not in holding.booked:
            self.on_fill(fill)
            return
        was = holding.entries()[fill.fill_id]
        assert isinstance(was, BookedFill), "a corporate action has no fill's id"
        same_fee = bool(was.fill.fee_micros) and was.fill.fee_currency == fill.fee_currency
        now = self._rated(holding, fill)
        holding.booked[fill.fill_id] = replace(
            now, rate=was.rate, fee_rate=was.fee_rate if same_fee else now.fee_rate
        )
        rebuild(holding)
        self._changed(holding)

    def holdings(self) -> tuple[Holding, ...]:
        """Return everything ever held, first held first."""
        return tuple(self._holdings.values())

    def capture(self) -> Iterator[Struct]:
        """Yield what each holding has come to and the pages of its entries, first held first."""
        for holding in self._holdings.values():
            yield from capture_holding(holding)
            yield from _pages(holding)

    def restore(self, state: HoldingState) -> None:
        """Take in what a symbol's entries had come to.

        Raises:
            DataError: the symbol is not listed.
        """
        holding = self._hold(state.symbol)
        restore_holding(holding, state)
        self._changed(holding)

    def restore_lots(self, state: LotsState) -> None:
        """Take in open lots of a holding that was restored."""
        restore_lots(self._holdings[state.symbol], state)

    def restore_page(self, page: LedgerPage) -> None:
        """Take in entries of a holding that was restored, packed as they are."""
        holding = self._holdings[page.symbol]
        holding.booked.update(dict.fromkeys(page.keys, page))
        if page.waits:
            self._waiting[page.symbol] = holding

    def settle(self) -> None:
        """Convert what waited for a rate, at the rates of now."""
        for symbol, holding in list(self._waiting.items()):
            if give_rates(holding, self._noted_rate):
                self._waiting.pop(symbol, None)
            rebuild(holding)

    def apply_split(self, symbol: Symbol, ratio: Fraction, cash_price: int | None = None) -> None:
        """Turn each old share into `ratio` new ones, at the same cost.

        It is booked when flat, too: a fill that is busted later may have been what made it flat.
        What does not make a whole lot is paid out at `cash_price` (new price units), or at its cost where
        none is given.

        Raises:
            DataError: the ratio is not above zero.
        """
        if ratio <= 0:
            raise DataError(f"{symbol} split: expected a ratio above 0, found {ratio}")
        holding = self._holdings.get(symbol)
        if holding is not None:
            rate = self._rates.get(holding.currency)
            entry = BookedSplit(ratio.numerator, ratio.denominator, cash_price, rate)
            self._book(holding, _action_key(holding), entry)

    def apply_dividend(self, symbol: Symbol, per_unit: Decimal) -> None:
        """Pay a dividend per share on what is held now: a long receives it, a short owes it."""
        holding = self._holdings.get(symbol)
        if holding is not None:
            rate = self._rates.get(holding.currency)
            self._book(holding, _action_key(holding), BookedDividend(per_unit, rate))

    def _hold(self, symbol: Symbol) -> Holding:
        instrument = self._instruments.get(symbol)
        if instrument is None:
            raise DataError(f"a fill is for {symbol}, which is not listed")
        holding = Holding(instrument, self._rates)
        self._holdings[symbol] = holding
        self.positions[symbol] = holding.position
        return holding

    def _rated(self, holding: Holding, fill: Fill) -> BookedFill:
        """Put the rates of now to a fill, and its holding to those that wait where one is lacking."""
        currency, rate_of = holding.currency, self._rates.get
        rate, fee_rate = rate_of(currency), None
        if fill.fee_micros:
            fee_rate = rate_of(fill.fee_currency or currency)
            if fee_rate is None:
                self._waiting[fill.symbol] = holding
        if rate is None:
            self._waiting[fill.symbol] = holding
        return BookedFill(fill, rate, fee_rate)

    def _book(self, holding: Holding, key: str | int, entry: Booked) -> None:
        holding.booked[key] = entry
        if lacks_rate(entry):
            self._waiting[holding.position.symbol] = holding
        book(holding, entry)
        self._changed(holding)

    def _noted_rate(self, currency: str) -> int | None:
        rate = self._rates.get(currency)
        if rate is not None and self.note_rate is not None:
            self.note_rate(currency)
        return rate

    def _changed(self, holding: Holding) -> None:
        holding.position.version += 1
        self.version += 1


def _action_key(holding: Holding) -> int:
    """Return the next key of a corporate action: how many there were, as none is ever taken back."""
    return sum(isinstance(key, int) for key in holding.booked)


def _pages(holding: Holding) -> Iterator[LedgerPage]:
    """Yield the pages of a holding: those that came packed as they are, and new ones of the entries between."""
    fresh: dict[str | int, Booked] = {}
    last: LedgerPage | None = None
    for key, each in holding.booked.items():
        if each is last:
            continue
        if fresh and (isinstance(each, LedgerPage) or len(fresh) == PAGE):
            yield _page(holding, fresh)
            fresh = {}
        if isinstance(each, LedgerPage):
            last = each
            yield each
        else:
            fresh[key] = each
    if fresh:
        yield _page(holding, fresh)


def _page(holding: Holding, entries: dict[str | int, Booked]) -> LedgerPage:
    return pack(holding.position.symbol, entries, waits=any(map(lacks_rate, entries.values())))
