"""The instruments of what an account holds and orders, asked for where the desk does not know them yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.assets import bare, instrument_of
from engine.adapters.alpaca.requests import TradingRequests
from engine.errors import DataError, RejectedError
from engine.model.instrument import Instrument, Symbol
from engine.model.text import clean

KEPT_MAX = 20_000


class Listings:
    """Finds an instrument by any name that Alpaca has for it."""

    def __init__(self, requests: TradingRequests, instruments: Mapping[Symbol, Instrument]) -> None:
        self.listed: Callable[[Instrument], None] = lambda _: None
        """Told of each instrument that the desk did not know."""
        self._requests = requests
        self._instruments = instruments
        self._by_asset: dict[str, Symbol] = {}
        self._by_bare: dict[str, Symbol] = {}

    def find(self, symbol: str | None, asset_id: str | None = None) -> Instrument | None:
        """Return what is known already."""
        name = symbol or ""
        known = self._instruments.get(Symbol(name))
        if known is None:
            known = self._instruments.get(self._by_asset.get(asset_id or "", Symbol("")))
        if known is None and (same := self._by_bare.get(name)):
            known = self._instruments.get(same)
        return known or self._unslashed(name)

    async def get(self, symbol: str | None, asset_id: str | None = None) -> Instrument:
        """Return an instrument, asked for if need be.

        Raises:
            AdapterError: Alpaca did not answer, or refused.
            DataError: it is no instrument.
        """
        known = self.find(symbol, asset_id)
        return known if known is not None else await self._ask(symbol or "", asset_id or symbol or "")

    async def asset(self, name: str) -> m.Asset:
        """Return an asset as Alpaca has it, by its symbol or its id.

        Raises:
            AdapterError: Alpaca did not answer, or refused.
            DataError: it is none.
        """
        return m.read_asset(await self._requests.read(f"/v2/assets/{quote(name, safe='')}", {}))

    async def exact(self, symbol: Symbol) -> m.Asset:
        """Return the asset of a symbol; raises what `asset` raises, also where Alpaca has another symbol for it."""
        asset = await self.asset(symbol)
        if asset.symbol != symbol:
            raise RejectedError(f"Alpaca calls it {clean(asset.symbol, 32)}")
        return asset

    def _note(self, asset: m.Asset, instrument: Instrument) -> None:
        """Remember the names of an instrument."""
        if len(self._by_asset) >= KEPT_MAX:
            self._by_asset.clear()
            self._by_bare.clear()
        self._by_asset[asset.id] = instrument.symbol
        self._by_bare[bare(instrument.symbol)] = instrument.symbol

    async def _ask(self, symbol: str, name: str) -> Instrument:
        if not name:
            raise DataError("expected a symbol")
        asset = await self.asset(name)
        instrument = instrument_of(asset)
        self._note(asset, instrument)
        known = self._instruments.get(instrument.symbol)
        if known is not None:
            return known
        self.listed(instrument)
        listed = self.find(instrument.symbol)
        if listed is None:
            raise DataError(f"{clean(symbol, 32)} can't be listed here")
        return listed

    def _unslashed(self, name: str) -> Instrument | None:
        """Return the pair that a name without a slash means, as the desk's own symbols go."""
        for symbol, instrument in self._instruments.items():
            if "/" in symbol and bare(symbol) == name:
                self._by_bare[name] = symbol
                return instrument
        return None
