"""Everything the ledger keeps of one symbol."""

from __future__ import annotations

from typing import cast

from engine.messages.ledger_page import LedgerPage, pages_in, unpack
from engine.messages.state import Booked
from engine.model.account import RATE_SCALE, CurrencyRates
from engine.model.instrument import Instrument
from engine.model.position import COST_SCALE, Position, round_half_even
from engine.portfolio.converted import Converted
from engine.portfolio.lots import Lots


class Holding:
    """A position, its lots, and what its profit was worth in base when it was made.

    In the base currency `Position` says it all, so conversions are kept only for what is not in it.
    """

    __slots__ = ("booked", "currency", "dividends", "fees", "home", "lots", "position", "rates", "realised")

    def __init__(self, instrument: Instrument, rates: CurrencyRates) -> None:
        self.position = Position(instrument)
        self.currency = instrument.currency
        self.home = instrument.currency == rates.base_currency
        self.rates = rates
        self.booked: dict[str | int, Booked | LedgerPage] = {}
        """What all the rest follows from: fills by their ids, corporate actions by their count.

        In the place of each entry that came packed is its page.
        """
        self.clear()

    def entries(self) -> dict[str | int, Booked]:
        """Return what is booked; pages are unpacked in place, and stay so."""
        for page in pages_in(self.booked.values()):
            self.booked.update(unpack(page))
        return cast("dict[str | int, Booked]", self.booked)

    def clear(self) -> None:
        """Forget what follows from what is booked, to build it again."""
        position = self.position
        position.quantity = position.cost = position.realised = 0
        position.fees_micros = position.dividends_micros = 0
        self.lots = Lots()
        self.realised = Converted(self.rates)
        self.fees = Converted(self.rates)
        self.dividends = Converted(self.rates)

    def realise(self, gain: int, rate: int | None) -> None:
        """Add closed profit, in scaled units, at the rate of its moment."""
        self.position.realised += gain
        if not self.home:
            self.realised.add(gain, self.currency, rate)

    def charge(self, micros: int, currency: str, rate: int | None) -> None:
        """Add a fee in millionths of its own currency, which may be another than the instrument's."""
        if currency == self.currency:
            self.position.fees_micros += micros
            if self.home:
                return
        self.fees.add(micros, currency, rate)

    def pay(self, micros: int, rate: int | None) -> None:
        """Add a dividend in millionths of the instrument's currency, negative when a short pays."""
        self.position.dividends_micros += micros
        if not self.home:
            self.dividends.add(micros, self.currency, rate)

    @property
    def realised_micros(self) -> int:
        """Closed profit in base, fees apart, at the rates of the closing fills."""
        if self.home:
            return self.position.micros(self.position.realised)
        return self._micros_e9(self.realised.base_e9)

    @property
    def fees_micros(self) -> int:
        """Fees in base at the rates of their fills."""
        in_base = self.position.fees_micros if self.home else 0
        return in_base + round_half_even(self.fees.base_e9, RATE_SCALE)

    @property
    def dividends_micros(self) -> int:
        """Dividends in base at the rates of their days."""
        if self.home:
            return self.position.dividends_micros
        return round_half_even(self.dividends.base_e9, RATE_SCALE)

    @property
    def fx_micros(self) -> int:
        """What rates have done since to profit, fees and dividends in other currencies."""
        cash = self.dividends.drift_e9() - self.fees.drift_e9()
        return self._micros_e9(self.realised.drift_e9()) + round_half_even(cash, RATE_SCALE)

    def _micros_e9(self, scaled_e9: int) -> int:
        instrument = self.position.instrument
        return round_half_even(
            scaled_e9 * instrument.micros_numerator,
            COST_SCALE * RATE_SCALE * instrument.micros_denominator,
        )
