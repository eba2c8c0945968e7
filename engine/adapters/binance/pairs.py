"""The pairs that an account trades, asked for where the desk does not know them yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.adapters.binance import messages as m
from engine.adapters.binance.account_requests import AccountRequests
from engine.adapters.binance.parse import instrument_of
from engine.adapters.texts import Unreadable
from engine.errors import DataError
from engine.model.instrument import Instrument, Symbol
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE


class Pairs:
    """Finds the instrument of a symbol; what is found is listed on the desk."""

    def __init__(self, requests: AccountRequests, instruments: Mapping[Symbol, Instrument]) -> None:
        self.listed: Callable[[Instrument], None] = lambda _: None
        """Told of each instrument that the desk did not know."""
        self._requests = requests
        self._instruments = instruments

    @property
    def all(self) -> list[Instrument]:
        """Every pair that is listed."""
        return list(self._instruments.values())

    def find(self, symbol: str) -> Instrument | None:
        """Return what is known already."""
        return self._instruments.get(Symbol(symbol))

    async def get(self, symbol: str) -> Instrument:
        """Return an instrument, asked for if need be.

        Raises:
            AdapterError: Binance did not answer, or refused.
            DataError: it is none, or can't be listed here.
        """
        known = self.find(symbol)
        if known is None:
            self.listed(_read(await self._requests.pair(symbol), symbol))
            known = self.find(symbol)
        if known is None:
            raise DataError(f"{clean(symbol, 32)} can't be listed here")
        return known


def _read(body: bytes, symbol: str) -> Instrument:
    try:
        found = m.decode_info(body).symbols
    except UNDECODABLE as error:
        raise Unreadable("bad_answer", clean(str(error), 120)) from error
    if len(found) != 1:
        raise Unreadable("bad_answer", f"expected one pair {clean(symbol, 32)}")
    return instrument_of(*m.read_pair(found[0]))
