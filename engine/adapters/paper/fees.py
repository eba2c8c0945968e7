"""What a fill costs: basis points of its notional, in the instrument's currency."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from engine.config import PaperSettings
from engine.model.fill import Liquidity
from engine.model.instrument import Instrument

_BPS: Final = 10_000


class FeeSchedule:
    """Maker and taker fees, exact, rounded half to even to a millionth."""

    __slots__ = ("_rates", "_ratios")

    def __init__(self, settings: PaperSettings) -> None:
        self._rates = {
            Liquidity.MAKER: Fraction(settings.maker_fee_bps),
            Liquidity.TAKER: Fraction(settings.taker_fee_bps),
        }
        self._ratios: dict[tuple[str, Liquidity], tuple[int, int]] = {}

    def micros(self, instrument: Instrument, liquidity: Liquidity, price: int, quantity: int) -> int:
        """Return the fee in millionths of the instrument's currency; a rebate is negative."""
        key = (instrument.symbol, liquidity)
        ratio = self._ratios.get(key)
        if ratio is None:
            ratio = self._ratios[key] = self._ratio(instrument, liquidity)
        return divide_half_even(price * quantity * ratio[0], ratio[1])

    def _ratio(self, instrument: Instrument, liquidity: Liquidity) -> tuple[int, int]:
        unit = Fraction(instrument.micros_numerator, instrument.micros_denominator)
        fee = unit * self._rates[liquidity] / _BPS
        return fee.numerator, fee.denominator


def divide_half_even(numerator: int, denominator: int) -> int:
    """Return the quotient of whole numbers, rounded half to even; the denominator is positive."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + (twice > denominator or (twice == denominator and quotient % 2 == 1))
