"""Everything the ledger keeps of one symbol."""

from __future__ import annotations

from engine.model.account import RATE_SCALE, CurrencyRates
from engine.model.instrument import Instrument
from engine.model.position import COST_SCALE, Position, round_half_even
from engine.portfolio.converted import Converted
from engine.portfolio.lots import Lots


class Holding:
    """A position, its lots, and what its profit was worth in base when it was made.

    In the base currency `Position` says it all, so conversions are kept only for what is not in it.
    """

    __slots__ = ("currency", "dividends", "fees", "home", "lots", "position", "realised", "seen")

    def __init__(self, instrument: Instrument, rates: CurrencyRates) -> None:
        self.position = Position(instrument)
        self.lots = Lots()
        self.currency = instrument.currency
        self.home = instrument.currency == rates.base_currency
        self.seen: set[str] = set()
        """The fills it is made of; a fill that comes again is not a second fill."""
        self.realised = Converted(rates)
        self.fees = Converted(rates)
        self.dividends = Converted(rates)

    def realise(self, gain: int) -> None:
        """Add closed profit, in scaled units."""
        self.position.realised += gain
        if not self.home:
            self.realised.add(gain, self.currency)

    def charge(self, micros: int, currency: str) -> None:
        """Add a fee in millionths of its own currency, which may be another than the instrument's."""
        if currency == self.currency:
            self.position.fees_micros += micros
            if self.home:
                return
        self.fees.add(micros, currency)

    def pay(self, micros: int) -> None:
        """Add a dividend in millionths of the instrument's currency, negative when a short pays."""
        self.position.dividends_micros += micros
        if not self.home:
            self.dividends.add(micros, self.currency)

    def settle(self) -> None:
        """Convert what waited for a rate."""
        for amount in (self.realised, self.fees, self.dividends):
            if amount.waits:
                amount.settle()

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
