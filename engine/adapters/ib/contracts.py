"""Which contract each symbol is, as Interactive Brokers told; the market data and the account look them up here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.adapters.ib.link import IbLink
from engine.adapters.ib.names import description_of, symbol_of
from engine.adapters.ib.reading import instrument_of
from engine.errors import DataError, RejectedError
from engine.model.instrument import Instrument, Symbol


class Contracts:
    """What is known of contracts, for as long as the desk runs."""

    def __init__(self) -> None:
        self.listed: Callable[[Instrument], None] = lambda _: None
        """Lists an instrument that nobody followed, as of a position from before."""
        self.instruments: Mapping[Symbol, Instrument] = {}
        """Those that are listed."""
        self._details: dict[Symbol, Any] = {}
        self._symbols: dict[int, Symbol] = {}

    def details(self, symbol: Symbol) -> Any:
        """Return all that was told of a symbol; raises KeyError where nothing was."""
        return self._details[symbol]

    async def look_up(self, link: IbLink, symbol: Symbol) -> Any:
        """Ask for a symbol by its name, and return what is told of it.

        Raises:
            RejectedError: there is no such contract, or several.
            AdapterError: there is no answer.
            DataError: it is another contract than was asked for.
        """
        found = await self._ask(link, **description_of(symbol))
        if len(found) > 1:
            raise RejectedError(f"Interactive Brokers has {len(found)} contracts of the name {symbol}")
        details = found[0]
        if (name := symbol_of(details.contract)) != symbol:
            raise DataError(f"Interactive Brokers calls {symbol} {name}: use that")
        self._note(symbol, details)
        return details

    async def contract(self, link: IbLink, symbol: Symbol) -> Any:
        """Return the contract of a symbol; raises what `look_up` raises."""
        details = self._details.get(symbol) or await self.look_up(link, symbol)
        return details.contract

    def known(self, contract: Any) -> Instrument:
        """Return the instrument of a contract that was told of before.

        Raises:
            DataError: it was not.
        """
        symbol = self._symbols.get(contract.conId)
        instrument = self.instruments.get(symbol) if symbol is not None else None
        if instrument is None:
            raise DataError(f"contract {contract.conId} is not listed here")
        return instrument

    async def instrument(self, link: IbLink, contract: Any) -> Instrument:
        """Return the instrument of a contract, which is asked for and listed where it is not known.

        Raises:
            AdapterError: there is no answer.
            DataError: it is of no use here.
        """
        symbol = self._symbols.get(contract.conId)
        if symbol is None:
            found = await self._ask(link, conId=contract.conId)
            details = next((each for each in found if each.contract.exchange == "SMART"), found[0])
            symbol = symbol_of(details.contract)
            self._note(symbol, details)
        instrument = self.instruments.get(symbol)
        if instrument is None:
            instrument = instrument_of(self._details[symbol])
            self.listed(instrument)
        return instrument

    async def _ask(self, link: IbLink, **what: Any) -> list[Any]:
        from ib_async import Contract  # noqa: PLC0415  # an extra

        wanted = Contract(**what)
        found = await link.ask(lambda client, number: client.reqContractDetails(number, wanted))
        if not found:
            raise RejectedError("Interactive Brokers has no such contract")
        return found

    def _note(self, symbol: Symbol, details: Any) -> None:
        self._details[symbol] = details
        self._symbols[details.contract.conId] = symbol
