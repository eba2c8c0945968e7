"""A ledger that is captured and brought back between whiles against one that never is."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from engine.messages.ledger_page import LedgerPage
from engine.model.account import CurrencyRates
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.portfolio.holding import Holding
from engine.portfolio.ledger import Ledger
from tests.unit.engine.portfolio_bench import ACME, INSTRUMENTS, SIEM, brought_back, fill

SYMBOLS = (ACME, SIEM)
CURRENCIES = ("", "USD", "EUR", "CHF")
prices, quantities = st.integers(1, 10**9), st.integers(1, 10**9)
fees = st.integers(-1_000, 1_000_000)


def entries(ledger: Ledger) -> dict[str, bytes]:
    """Return what is booked of each symbol, however it is cut into pages."""
    booked: dict[str, bytes] = {}
    for record in ledger.capture():
        if isinstance(record, LedgerPage):
            booked[record.symbol] = booked.get(record.symbol, b"") + record.entries
    return booked


def worth(holding: Holding) -> tuple[object, ...]:
    """Return everything that follows from what is booked."""
    position, lots = holding.position, holding.lots
    converted = (holding.realised, holding.fees, holding.dividends)
    return (
        (position.symbol, position.quantity, position.cost, position.realised, position.updated_ns),
        (position.fees_micros, position.dividends_micros),
        (list(lots.open), list(lots.matches), lots.realised),
        [(each.base_e9, each.local) for each in converted],
        (holding.realised_micros, holding.fees_micros, holding.dividends_micros, holding.fx_micros),
    )


class PagesMachine(RuleBasedStateMachine):
    """Anything that may be booked, taken back or changed, of entries that are packed and of fresh ones."""

    def __init__(self) -> None:
        super().__init__()
        self.rates = CurrencyRates("USD")
        self.plain = Ledger(INSTRUMENTS, self.rates)
        self.paged = Ledger(INSTRUMENTS, self.rates)
        self.fills: dict[str, Fill] = {}
        """Every fill there ever was, in its latest terms."""

    def _one(self, data: st.DataObject) -> Fill:
        return self.fills[data.draw(st.sampled_from(list(self.fills)))]

    @rule(
        symbol=st.sampled_from(SYMBOLS),
        signed=quantities | quantities.map(lambda quantity: -quantity),
        price=prices,
        fee_micros=fees,
        fee_currency=st.sampled_from(CURRENCIES),
    )
    def trade(self, symbol: Symbol, signed: int, price: int, fee_micros: int, fee_currency: str) -> None:
        made = fill(
            signed,
            price,
            symbol=symbol,
            fee_micros=fee_micros,
            fee_currency=fee_currency,
        )
        made = replace(made, event_ns=len(self.fills))
        self.fills[made.fill_id] = made
        self.plain.on_fill(made)
        self.paged.on_fill(made)

    @precondition(lambda self: self.fills)
    @rule(data=st.data())
    def hear_a_fill_again(self, data: st.DataObject) -> None:
        again = self._one(data)
        self.plain.on_fill(again)
        self.paged.on_fill(again)

    @precondition(lambda self: self.fills)
    @rule(data=st.data())
    def bust_a_fill(self, data: st.DataObject) -> None:
        taken_back = self._one(data)
        self.plain.bust(taken_back)
        self.paged.bust(taken_back)

    @precondition(lambda self: self.fills)
    @rule(data=st.data(), quantity=quantities, price=prices, fee_micros=fees)
    def correct_a_fill(self, data: st.DataObject, quantity: int, price: int, fee_micros: int) -> None:
        now = replace(self._one(data), quantity=quantity, price=price, fee_micros=fee_micros)
        self.fills[now.fill_id] = now
        self.plain.correct(now)
        self.paged.correct(now)

    @rule(symbol=st.sampled_from(SYMBOLS), cents=st.integers(0, 500))
    def pay_a_dividend(self, symbol: Symbol, cents: int) -> None:
        for ledger in (self.plain, self.paged):
            ledger.apply_dividend(symbol, Decimal(cents) / 100)

    @rule(ratio=st.sampled_from((Fraction(2), Fraction(1, 3))), cash_price=st.none() | prices)
    def split(self, ratio: Fraction, cash_price: int | None) -> None:
        for ledger in (self.plain, self.paged):
            ledger.apply_split(ACME, ratio, cash_price)

    @rule(currency=st.sampled_from(("EUR", "CHF")), rate=st.integers(1, 2 * 10**9))
    def learn_a_rate(self, currency: str, rate: int) -> None:
        self.rates.set(currency, rate)
        self.plain.settle()
        self.paged.settle()

    @rule()
    def bring_back(self) -> None:
        self.paged = brought_back(self.paged)

    @invariant()
    def both_have_booked_the_same(self) -> None:
        assert entries(self.paged) == entries(self.plain)

    @invariant()
    def both_have_come_to_the_same(self) -> None:
        assert list(map(worth, self.paged.holdings())) == list(map(worth, self.plain.holdings()))
        assert list(self.paged.positions) == list(self.plain.positions)


PagesMachine.TestCase.settings = settings(deadline=None, max_examples=60, stateful_step_count=40)
TestPagesMachine = PagesMachine.TestCase
