"""How instruments are made from what a recording shows: asset class, currency, units."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from engine.adapters.replay.listing import Listing
from engine.model.depth import SequenceRule
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.text import clean

VENUES = ("binance-spot", "binance-usdm", "binance-coinm", "kraken", "coinbase", "oanda", "fxcm")
UNKNOWN_VENUE = "recording"

_CRYPTO_VENUES = frozenset(("binance-spot", "binance-usdm", "binance-coinm", "kraken", "coinbase"))
_FX_VENUES = frozenset(("oanda", "fxcm"))
_INDICES = frozenset(("SPX", "SP500", "VIX", "WTI", "NDX", "DJI", "RUT"))
_MONEY = frozenset(
    [
        "USD",
        "EUR",
        "GBP",
        "JPY",
        "CHF",
        "AUD",
        "NZD",
        "CAD",
        "SEK",
        "NOK",
        "DKK",
        "SGD",
        "HKD",
        "CNH",
        "MXN",
        "ZAR",
        "TRY",
        "PLN",
    ]
)
_METALS = frozenset(("XAU", "XAG", "XPT", "XPD"))
_COINS = frozenset(["BTC", "XBT", "ETH", "LTC", "XRP", "BCH", "SOL", "ADA", "DOGE", "BNB", "XMR"])
_QUOTES = (
    "FDUSD",
    "USDT",
    "USDC",
    "BUSD",
    "TUSD",
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "CHF",
    "TRY",
    "BTC",
    "XBT",
    "ETH",
    "BNB",
)
_INVERSE = re.compile(r"^([A-Z0-9]+)USD_(?:PERP|\d{6})$")
_CONTRACT = re.compile(r"_(?:PERP|\d{6})$")


class Rules(NamedTuple):
    """Units of one listing, as decimals, and its smallest order."""

    price_decimals: int
    tick: Decimal | None
    size_decimals: int
    lot: Decimal | None
    notional_min: Decimal = Decimal(0)


_KNOWN = {
    ("binance-spot", "BTCUSDT"): Rules(2, Decimal("0.01"), 5, Decimal("0.00001"), Decimal(5)),
    ("binance-spot", "ETHUSDT"): Rules(2, Decimal("0.01"), 4, Decimal("0.0001"), Decimal(5)),
    ("binance-usdm", "BTCUSDT"): Rules(1, Decimal("0.1"), 3, Decimal("0.001"), Decimal(100)),
    ("binance-usdm", "ETHUSDT"): Rules(2, Decimal("0.01"), 3, Decimal("0.001"), Decimal(20)),
    ("binance-coinm", "BTCUSD_PERP"): Rules(1, Decimal("0.1"), 0, Decimal(1)),
    ("binance-coinm", "ETHUSD_PERP"): Rules(2, Decimal("0.01"), 0, Decimal(1)),
}
_SEQUENCES = {
    "binance-spot": SequenceRule.BINANCE_SPOT,
    "binance-usdm": SequenceRule.BINANCE_FUTURES,
    "binance-coinm": SequenceRule.BINANCE_FUTURES,
    "kraken": SequenceRule.KRAKEN_CHECKSUM,
}


def sequence_rule(venue: str) -> SequenceRule:
    """Return how a venue numbers the changes of its books."""
    return _SEQUENCES.get(venue, SequenceRule.NONE)


def binance_venue(symbol: str, *, futures: bool) -> str:
    """Return which of Binance's markets a symbol belongs to."""
    if _INVERSE.match(symbol):
        return "binance-coinm"
    return "binance-usdm" if futures or _CONTRACT.search(symbol) else "binance-spot"


def venue_from_name(stem: str) -> str:
    """Return the venue that a file's name mentions, for files that don't say it inside."""
    lowered = stem.lower()
    named = (venue for venue in VENUES if re.search(rf"(?:^|[_\-. ]){venue}(?:[_\-. ]|$)", lowered))
    return next(named, UNKNOWN_VENUE)


def make_instrument(name: Symbol, listing: Listing, venue: str) -> Instrument:
    """Make the instrument of a listing: known rules, made finer where its values need it."""
    symbol, _, price_decimals, size_decimals, tick_decimals = listing
    asset_class, base, currency = _classify(symbol, venue)
    rules = _KNOWN.get((venue, symbol)) or _rules_of(asset_class, base, currency)
    price_unit = _step(max(rules.price_decimals, price_decimals))
    size_unit = _step(max(rules.size_decimals, size_decimals))
    inverse = _INVERSE.match(symbol) is not None
    return Instrument(
        symbol=name,
        venue=venue,
        asset_class=asset_class,
        currency=currency,
        base=base,
        description=f"{clean(symbol, 32)} at {venue}" + (", inverse contract" if inverse else ""),
        price_unit=price_unit,
        tick=rules.tick or (price_unit if tick_decimals is None else _step(tick_decimals)),
        size_unit=size_unit,
        lot=rules.lot or size_unit,
        notional_min=rules.notional_min,
        calendar=_CALENDARS[asset_class],
        tradable=asset_class is not AssetClass.INDEX and not inverse,
    )


_CALENDARS = {
    AssetClass.EQUITY: "XNYS",
    AssetClass.INDEX: "XNYS",
    AssetClass.FX: "FX",
    AssetClass.CRYPTO: "24/7",
}


def _classify(symbol: str, venue: str) -> tuple[AssetClass, str, str]:
    base, currency = _split(symbol)
    if venue in _CRYPTO_VENUES:
        return AssetClass.CRYPTO, base, currency
    if venue in _FX_VENUES or (base in _MONEY | _METALS and currency in _MONEY):
        return AssetClass.FX, base, currency
    if base in _COINS:
        return AssetClass.CRYPTO, base, currency
    return (AssetClass.INDEX if symbol in _INDICES else AssetClass.EQUITY), "", "USD"


def _split(symbol: str) -> tuple[str, str]:
    inverse = _INVERSE.match(symbol)
    if inverse:
        return inverse[1], "USD"
    plain = _CONTRACT.sub("", symbol)
    for separator in "/-":
        base, found, currency = plain.partition(separator)
        if found:
            return _coin(base), _coin(currency)
    quote = next((q for q in _QUOTES if plain.endswith(q) and plain != q), "")
    if not quote and len(plain) == 6 and plain[:3] in _MONEY and plain[3:] in _MONEY:
        quote = plain[3:]
    return (_coin(plain.removesuffix(quote)), _coin(quote)) if quote else ("", "USD")


def _coin(name: str) -> str:
    return "BTC" if name == "XBT" else name


def _rules_of(asset_class: AssetClass, base: str, currency: str) -> Rules:
    if asset_class is AssetClass.EQUITY:
        return Rules(4, Decimal("0.01"), 0, Decimal(1))
    if asset_class is AssetClass.INDEX:
        return Rules(2, Decimal("0.01"), 0, Decimal(1))
    if asset_class is AssetClass.FX:
        decimals = 3 if currency == "JPY" or base in _METALS else 5
        return Rules(decimals, _step(decimals), 0, Decimal(1))
    return Rules(0, None, 0, None)


def _step(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)
