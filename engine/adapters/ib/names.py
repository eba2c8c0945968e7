"""What a contract is called here: `AAPL`, `SAP@IBIS`, `EUR.USD`, `ESZ6@CME`."""

from __future__ import annotations

import re
from typing import Any, Final

from engine.errors import DataError
from engine.model.instrument import Symbol
from engine.model.text import clean

SHARE: Final = "STK"
PAIR: Final = "CASH"
FUTURE: Final = "FUT"
_PAIR: Final = re.compile(r"([A-Z]{3})\.([A-Z]{3})")
_FUTURE: Final = re.compile(r"[A-Z0-9]{1,4}[FGHJKMNQUVXZ][0-9]{1,2}")


def description_of(symbol: Symbol) -> dict[str, str]:
    """Return how Interactive Brokers is asked for what is called so here.

    A name with a place after it is a future where it ends like one, else a share that is listed there. Two
    currencies are a pair, and all else is a share in dollars.
    """
    name, _, place = symbol.partition("@")
    if place and _FUTURE.fullmatch(name):
        return {"secType": FUTURE, "localSymbol": name, "exchange": place}
    share = {"secType": SHARE, "symbol": name.replace(".", " "), "exchange": "SMART"}
    if place:
        return share | {"primaryExchange": place}
    if pair := _PAIR.fullmatch(name):
        return {"secType": PAIR, "symbol": pair[1], "currency": pair[2], "exchange": "IDEALPRO"}
    return share | {"currency": "USD"}


def symbol_of(contract: Any) -> Symbol:
    """Return what a contract is called here.

    Raises:
        DataError: contracts of its kind are not traded here.
    """
    kind, symbol = contract.secType, clean(contract.symbol, 24)
    if kind == PAIR:
        return Symbol(f"{symbol}.{clean(contract.currency, 8)}")
    if kind == FUTURE:
        return Symbol(f"{clean(contract.localSymbol, 24)}@{clean(contract.exchange, 16)}")
    if kind != SHARE:
        raise DataError(f"{symbol} is of the kind {clean(kind, 8)}, which is not traded here")
    name = symbol.replace(" ", ".")
    if contract.currency == "USD":
        return Symbol(name)
    return Symbol(f"{name}@{clean(contract.primaryExchange or contract.exchange, 16)}")
