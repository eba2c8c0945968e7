"""Alpaca's assets as instruments: in steps that hold every price and size it tells, with its steps for orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from engine.adapters.alpaca.messages import CRYPTO, Asset
from engine.adapters.texts import Unreadable
from engine.errors import InvalidValue
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.text import clean

VENUE: Final = "alpaca"
SHARE_PRICE_UNIT: Final = Decimal("0.0001")
SHARE_TICK: Final = Decimal("0.01")
"""Alpaca refuses finer limits from a dollar on."""
FINE: Final = Decimal("0.000000001")
"""Nine decimals: of coins, and of shares that are held in parts."""
_OPTION: Final = "us_option"


def instrument_of(asset: Asset) -> Instrument:
    """Return the instrument of an asset; an option can be held and watched, not ordered.

    Raises:
        Unreadable: its rules contradict each other.
    """
    try:
        return _coin(asset) if asset.asset_class == CRYPTO else _share(asset)
    except (InvalidValue, ArithmeticError) as error:
        raise Unreadable("bad_instrument", clean(f"{asset.symbol}: {error}")) from error


def _share(asset: Asset) -> Instrument:
    is_option = asset.asset_class == _OPTION
    return Instrument(
        symbol=_symbol(asset),
        venue=VENUE,
        asset_class=AssetClass.EQUITY,
        currency="USD",
        description=clean(asset.name or asset.symbol, 60),
        price_unit=SHARE_PRICE_UNIT,
        tick=SHARE_TICK,
        size_unit=FINE,
        lot=Decimal(1),
        multiplier=Decimal(100) if is_option else Decimal(1),
        calendar="XNYS",
        tradable=asset.tradable and not is_option,
    )


def _coin(asset: Asset) -> Instrument:
    base, _, currency = asset.symbol.partition("/")
    return Instrument(
        symbol=_symbol(asset),
        venue=VENUE,
        asset_class=AssetClass.CRYPTO,
        currency=clean(currency or "USD", 16),
        base=clean(base, 16),
        description=clean(asset.name or asset.symbol, 60),
        price_unit=FINE,
        tick=asset.price_increment or FINE,
        size_unit=FINE,
        lot=asset.min_trade_increment or FINE,
        size_min=asset.min_order_size or Decimal(0),
        tradable=asset.tradable,
    )


def _symbol(asset: Asset) -> Symbol:
    return Symbol(clean(asset.symbol, 32))


def bare(symbol: str) -> str:
    """Return a symbol as positions have it: BTCUSD for BTC/USD."""
    return symbol.replace("/", "")
