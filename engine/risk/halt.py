"""The brake: who may trade what, until a person says otherwise."""

from __future__ import annotations

from msgspec import Struct

from engine.messages.commands import TradingState
from engine.model.instrument import Symbol

_RANK = {TradingState.ACTIVE: 0, TradingState.REDUCING: 1, TradingState.HALTED: 2}


class Halt(Struct, frozen=True, gc=False):
    """A trading state, why, and since when."""

    state: TradingState
    reason: str
    since_ns: int


_ACTIVE = Halt(TradingState.ACTIVE, "", 0)


class TradingHalts:
    """The trading state of everything and of single symbols; the stricter of the two holds."""

    __slots__ = ("_everything", "_symbols", "all_active", "version")

    def __init__(self) -> None:
        self._everything = _ACTIVE
        self._symbols: dict[Symbol, Halt] = {}
        self.all_active = True
        """Whether nothing is halted or reducing."""
        self.version = 0
        """Counts every change."""

    @property
    def everything(self) -> Halt:
        """The state of the whole account."""
        return self._everything

    @property
    def symbols(self) -> dict[Symbol, Halt]:
        """The symbols that are halted or reducing by themselves."""
        return dict(self._symbols)

    def set(self, state: TradingState, reason: str, symbol: Symbol | None = None, now_ns: int = 0) -> None:
        """Put a state in force for one symbol, or for everything."""
        halt = Halt(state, reason, now_ns)
        if symbol is None:
            self._everything = halt
        elif state is TradingState.ACTIVE:
            self._symbols.pop(symbol, None)
        else:
            self._symbols[symbol] = halt
        self.all_active = self._everything.state is TradingState.ACTIVE and not self._symbols
        self.version += 1

    def state_of(self, symbol: Symbol) -> TradingState:
        """Return what orders in a symbol may do now."""
        return self.halt_of(symbol).state

    def halt_of(self, symbol: Symbol) -> Halt:
        """Return the stricter of the symbol's own state and everything's."""
        own = self._symbols.get(symbol)
        if own is None or _RANK[own.state] <= _RANK[self._everything.state]:
            return self._everything
        return own
