"""Which symbol an order is in, for amendments: they name only the order."""

from __future__ import annotations

from engine.model.instrument import Symbol

KEPT_MAX = 100_000


class SymbolMemory:
    """The symbols of the orders that were sent or told of, the latest `KEPT_MAX`."""

    __slots__ = ("_symbols",)

    def __init__(self) -> None:
        self._symbols: dict[str, Symbol] = {}

    def note(self, client_id: str, symbol: Symbol) -> None:
        """Remember an order's symbol."""
        symbols = self._symbols
        symbols[client_id] = symbol
        if len(symbols) > KEPT_MAX:
            del symbols[next(iter(symbols))]

    def of(self, client_id: str) -> Symbol | None:
        """Return an order's symbol; None for one that is not known here."""
        return self._symbols.get(client_id)
