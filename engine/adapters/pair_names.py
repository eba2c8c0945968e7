"""What each venue calls a pair, so that a source that stands by can be asked for the same one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from engine.model.instrument import Symbol

_BINANCE_MONEY = (
    "FDUSD", "USDT", "USDC", "TUSD", "BIDR", "IDRT", "USDP", "AEUR", "EURI", "BTC", "ETH", "BNB", "DAI", "EUR", "TRY",
    "BRL", "GBP", "AUD", "RUB", "UAH", "JPY", "PLN", "RON", "ZAR", "ARS", "MXN", "CZK", "COP", "USD",
)  # fmt: skip
"""In what Binance's symbols are priced: they end in it, without a mark between."""


class Pair(NamedTuple):
    """Two currencies or coins."""

    base: str
    currency: str


class _Spelling(NamedTuple):
    read: Callable[[str], Pair | None]
    write: Callable[[Pair], str]


def name_at(there: str, here: str, symbol: Symbol) -> Symbol | None:
    """Return what a venue calls a symbol of another; None for what is no pair there or here.

    A desk calls it what the venue does that it follows: taken to be the same one.
    """
    if "desk" in {venue.partition(":")[0] for venue in (here, there)}:
        return symbol
    reads, writes = (_SPELLINGS.get(venue.partition(":")[0]) for venue in (here, there))
    pair = reads.read(symbol) if reads is not None else None
    return None if pair is None or writes is None else Symbol(writes.write(pair))


def _parted(mark: str) -> _Spelling:
    """Return the spelling of a venue that puts a mark between."""

    def read(name: str) -> Pair | None:
        base, found, currency = name.partition(mark)
        return Pair(base, currency) if found else None

    return _Spelling(read, mark.join)


def _joined(name: str) -> Pair | None:
    money = next((each for each in _BINANCE_MONEY if name.endswith(each) and name != each), None)
    return None if money is None else Pair(name.removesuffix(money), money)


_SLASHED = _parted("/")
_SPELLINGS: Mapping[str, _Spelling] = {
    "alpaca": _SLASHED,
    "binance": _Spelling(_joined, "".join),
    "ccxt": _SLASHED,
    "coinbase": _parted("-"),
    "kraken": _SLASHED,
}
