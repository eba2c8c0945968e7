"""The ledger against a plain model in exact fractions, through anything that may happen."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import trunc

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from engine.model.account import CurrencyRates
from engine.model.fill import Fill
from engine.model.instrument import MICROS
from engine.model.position import COST_SCALE
from engine.portfolio.ledger import Ledger
from tests.unit.engine.portfolio_bench import ACME, brought_back, fill, instrument

RATIOS = [Fraction(2), Fraction(3), Fraction(3, 2), Fraction(1, 10), Fraction(1, 3), Fraction(7, 20)]
PARTS_PER_LOT = 100
INSTRUMENTS = {ACME: instrument(size_unit="0.01")}


class AverageCost:
    """A position the way a textbook keeps it: no rounding, in price units x size units."""

    def __init__(self) -> None:
        self.quantity = 0
        self.cost = Fraction(0)
        self.realised = Fraction(0)

    def trade(self, signed: int, price: int) -> None:
        closed = 0
        if self.quantity * signed < 0:
            closed = min(abs(self.quantity), abs(signed)) * (1 if self.quantity > 0 else -1)
        if closed:
            released = self.cost * closed / self.quantity
            self.realised += closed * price - released
            self.cost -= released
        opened = signed + closed
        self.cost += opened * price
        self.quantity += signed

    def split(self, ratio: Fraction, cash_price: int | None) -> None:
        if not self.quantity:
            return
        exact = self.quantity * ratio
        self.quantity = trunc(exact / PARTS_PER_LOT) * PARTS_PER_LOT
        rest = exact - self.quantity
        released = self.cost * rest / exact
        self.realised += (released if cash_price is None else rest * cash_price) - released
        self.cost -= released


class LedgerMachine(RuleBasedStateMachine):
    """Fills, repeated, busted and corrected fills, splits and dividends in any order.

    The model is told the whole history again after each step, as the venue has it by then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(INSTRUMENTS, CurrencyRates("USD"))
        self.history: list[Fill | tuple[Fraction, int | None] | int] = []
        """Fills, splits as ratio and cash price, dividends in cents."""
        self.busted: list[Fill] = []
        self._tell_the_model()

    def _tell_the_model(self) -> None:
        self.model = AverageCost()
        self.dividends, self.fees = Fraction(0), 0
        for each in self.history:
            if isinstance(each, Fill):
                self.model.trade(each.side * each.quantity, each.price)
                self.fees += each.fee_micros
            elif isinstance(each, int):
                self.dividends += Fraction(self.model.quantity * each, 100 * PARTS_PER_LOT)
            else:
                self.model.split(*each)
        self.roundings = 2 * len(self.history)

    def _booked(self) -> list[Fill]:
        return [each for each in self.history if isinstance(each, Fill)]

    @rule(
        signed=st.integers(-2_000, 2_000).filter(bool),
        price=st.integers(1, 1_000_000),
        fee_micros=st.integers(-1_000, 1_000_000),
    )
    def trade(self, signed: int, price: int, fee_micros: int) -> None:
        made = fill(signed, price, fee_micros=fee_micros)
        self.ledger.on_fill(made)
        self.history.append(made)
        self._tell_the_model()

    @precondition(lambda self: self.model.quantity)
    @rule(price=st.integers(1, 1_000_000))
    def close(self, price: int) -> None:
        self.trade(-self.model.quantity, price, 0)

    @precondition(lambda self: self._booked())
    @rule(data=st.data())
    def hear_a_fill_again(self, data: st.DataObject) -> None:
        self.ledger.on_fill(data.draw(st.sampled_from(self._booked())))

    @precondition(lambda self: self._booked())
    @rule(data=st.data())
    def bust_a_fill(self, data: st.DataObject) -> None:
        fill = data.draw(st.sampled_from(self._booked()))
        self.ledger.bust(fill)
        self.history.remove(fill)
        self.busted.append(fill)
        self._tell_the_model()

    @precondition(lambda self: self.busted)
    @rule(data=st.data())
    def bust_it_again(self, data: st.DataObject) -> None:
        version = self.ledger.version
        self.ledger.bust(data.draw(st.sampled_from(self.busted)))
        assert self.ledger.version == version

    @precondition(lambda self: self._booked())
    @rule(data=st.data(), quantity=st.integers(1, 2_000), price=st.integers(1, 1_000_000))
    def correct_a_fill(self, data: st.DataObject, quantity: int, price: int) -> None:
        was = data.draw(st.sampled_from(self._booked()))
        now = replace(was, quantity=quantity, price=price)
        self.ledger.correct(now)
        self.history[self.history.index(was)] = now
        self._tell_the_model()

    @rule()
    def restore_from_what_was_captured(self) -> None:
        self.ledger = brought_back(self.ledger)

    @rule(ratio=st.sampled_from(RATIOS), cash_price=st.none() | st.integers(1, 1_000_000))
    def split(self, ratio: Fraction, cash_price: int | None) -> None:
        if self.ledger.holdings():
            self.ledger.apply_split(ACME, ratio, cash_price)
            self.history.append((ratio, cash_price))
            self._tell_the_model()

    @rule(cents=st.integers(0, 500))
    def pay_a_dividend(self, cents: int) -> None:
        if self.ledger.holdings():
            self.ledger.apply_dividend(ACME, Decimal(cents) / 100)
            self.history.append(cents)
            self._tell_the_model()

    @invariant()
    def the_ledger_agrees_with_the_model(self) -> None:
        position = self.ledger.positions.get(ACME)
        if position is None:
            assert not self.history
            return
        assert position.quantity == self.model.quantity
        assert abs(position.cost - self.model.cost * COST_SCALE) <= self.roundings
        assert abs(position.realised - self.model.realised * COST_SCALE) <= self.roundings
        assert position.fees_micros == self.fees
        assert position.dividends_micros == self.dividends * MICROS

    @invariant()
    def fifo_holds_and_earns_as_much(self) -> None:
        for holding in self.ledger.holdings():
            position, lots = holding.position, holding.lots
            assert lots.quantity == position.quantity
            assert lots.realised - lots.cost == position.realised - position.cost
            assert all(lot.quantity * position.quantity > 0 for lot in lots.open)

    @invariant()
    def flat_costs_nothing(self) -> None:
        for holding in self.ledger.holdings():
            if not holding.position.quantity:
                assert (holding.position.cost, len(holding.lots.open)) == (0, 0)


LedgerMachine.TestCase.settings = settings(deadline=None, max_examples=60, stateful_step_count=40)
TestLedgerMachine = LedgerMachine.TestCase
