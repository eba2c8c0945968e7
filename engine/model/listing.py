"""What a venue lists, and which listings are about the same thing: related by what they are, never merged."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import Struct

from engine.model.instrument import AssetClass, Instrument, Symbol

COIN_NAMES: Final = MappingProxyType({"XBT": "BTC", "XDG": "DOGE"})
"""Other names of coins, by the usual one's."""
KIN_OF_MONEY: Final = MappingProxyType(
    {
        "USD": ("USDT", "USDC", "FDUSD", "TUSD", "USDP", "PYUSD", "USDG", "USDS", "USDE", "USD1", "RLUSD", "BUSD", "DAI"),
        "EUR": ("EURI", "EURC", "EURT", "EURR", "EURQ", "AEUR"),
        "GBP": ("TGBP",),
    }
)  # fmt: skip
"""Coins that follow a currency; what is priced in one of them is related, and at another price."""
_MONEY: Final = {kin: currency for currency, coins in KIN_OF_MONEY.items() for kin in coins}


class Kinship(NamedTuple):
    """What related listings have in common."""

    is_pair: bool
    """A share is never related to a coin of the same name."""
    base: str
    currency: str

    @property
    def label(self) -> str:
        """What they are called together."""
        return f"{self.base}/{self.currency}" if self.is_pair else self.base


class Listing(Struct, frozen=True, gc=False, array_like=True):
    """One instrument under the name that its venue has for it."""

    venue: str
    symbol: Symbol
    asset_class: AssetClass
    base: str
    """What one unit is made of, for pairs; empty for shares."""
    currency: str
    description: str = ""

    @property
    def kinship(self) -> Kinship:
        """What it has in common with its kin: the thing that is traded, and a currency or one that follows it."""
        base, currency = usual_coin(self.base or self.symbol), usual_coin(self.currency)
        return Kinship(bool(self.base), base, _MONEY.get(currency, currency))


def usual_coin(name: str) -> str:
    """Return the usual name of a coin or a currency in capitals: BTC for XBT."""
    upper = name.upper()
    return COIN_NAMES.get(upper, upper)


def listing_of(instrument: Instrument) -> Listing:
    """Return an instrument that the desk has as its venue lists it."""
    return Listing(
        instrument.venue,
        instrument.symbol,
        instrument.asset_class,
        instrument.base,
        instrument.currency,
        instrument.description,
    )
