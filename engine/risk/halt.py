"""The brake: who may trade what, until a person says otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from engine.messages.commands import TradingState
from engine.messages.events import TradingStateChanged
from engine.model.instrument import Symbol

_RANK = {TradingState.ACTIVE: 0, TradingState.REDUCING: 1, TradingState.HALTED: 2}


class Halt(Struct, frozen=True, gc=False):
    """A trading state, why, and since when."""

    state: TradingState
    reason: str
    since_ns: int


Name = TypeVar("Name", bound=str)

_ACTIVE = Halt(TradingState.ACTIVE, "", 0)


class TradingHalts:
    """The trading state of everything, of strategies, of symbols and of every desk, and the engine's own locks.

    The strictest of those that concern an order holds. A person's resume does not open a lock: only what
    set it does, when its reason is gone. What was said about every desk is apart from what was said here: neither
    loosens the other.
    """

    __slots__ = (
        "_everything",
        "_firm",
        "_locks",
        "_mutex",
        "_strategies",
        "_symbols",
        "_whole_locks",
        "all_active",
        "firm_version",
        "keep",
        "version",
    )

    def __init__(self, keep: Callable[[], None] = lambda: None) -> None:
        self._mutex = threading.Lock()
        self._everything = self._firm = _ACTIVE
        self.firm_version = 0
        """Which saying about every desk is in force; 0 for none yet."""
        self._whole_locks: dict[str, Halt] = {}
        self._symbols: dict[Symbol, Halt] = {}
        self._strategies: dict[str, Halt] = {}
        self._locks: dict[Symbol, Halt] = {}
        self.all_active = True
        """Whether nothing is halted, reducing or locked."""
        self.version = 0
        """Counts every change."""
        self.keep = keep
        """Called once what a person said is in force, on the thread that set it: writes it where a restart looks."""

    @property
    def everything(self) -> Halt:
        """The state of the whole account, every desk's and a lock on everything included; while active it has no reason."""
        strictest = _stricter(self._everything, self._firm)
        for halt in self._whole_locks.values():
            strictest = _stricter(strictest, halt)
        if strictest.state is TradingState.ACTIVE:
            return Halt(TradingState.ACTIVE, "", strictest.since_ns)
        return strictest

    @property
    def said(self) -> Halt:
        """The state that a person put the whole account in."""
        return self._everything

    @property
    def firm(self) -> Halt:
        """The state that a person put every desk in."""
        return self._firm

    @property
    def symbols(self) -> dict[Symbol, Halt]:
        """The symbols that are halted, reducing or locked by themselves."""
        names = dict.fromkeys((*self._symbols, *self._locks))
        return {
            name: _stricter(self._symbols.get(name, _ACTIVE), self._locks.get(name, _ACTIVE))
            for name in names
        }

    @property
    def said_symbols(self) -> dict[Symbol, Halt]:
        """The symbols that a person halted or reduced."""
        return dict(self._symbols)

    def said_of(self, symbol: Symbol | None, strategy: str = "", *, firm: bool = False) -> Halt:
        """Return the state that a person put every desk, a strategy, a symbol, or everything in."""
        if firm:
            return self.firm
        if strategy:
            return self._strategies.get(strategy, _ACTIVE)
        return self._everything if symbol is None else self._symbols.get(symbol, _ACTIVE)

    @property
    def strategies(self) -> dict[str, Halt]:
        """The strategies that are halted or reducing."""
        return dict(self._strategies)

    @property
    def locks(self) -> dict[Symbol, Halt]:
        """The symbols that the engine locked."""
        return dict(self._locks)

    def symbols_in(self, state: TradingState) -> tuple[Symbol, ...]:
        """Return the symbols that are in a state by themselves."""
        return tuple(symbol for symbol, halt in self.symbols.items() if halt.state is state)

    def strategies_in(self, state: TradingState) -> tuple[str, ...]:
        """Return the strategies that are in a state."""
        return tuple(name for name, halt in self.strategies.items() if halt.state is state)

    def apply(self, event: TradingStateChanged) -> None:
        """Put in force what an event says."""
        if event.firm_version:
            self.set_firm(event.firm_version, event.state, event.reason, event.event_ns)
        else:
            self.set(event.state, event.reason, event.symbol, event.event_ns, event.strategy)

    def set(
        self,
        state: TradingState,
        reason: str,
        symbol: Symbol | None = None,
        now_ns: int = 0,
        strategy: str = "",
    ) -> None:
        """Put a state in force for one symbol, one strategy, or everything; callable from any thread."""
        halt = Halt(state, reason, now_ns)
        with self._mutex:
            if strategy:
                _keep(self._strategies, strategy, halt)
            elif symbol is None:
                self._everything = halt
            else:
                _keep(self._symbols, symbol, halt)
            self._changed()
        self.keep()

    def set_firm(self, version: int, state: TradingState, reason: str, now_ns: int) -> None:
        """Put a state in force for every desk; callable from any thread. Of two the one of the larger version holds."""
        if self.hold_firm(version, state, reason, now_ns):
            self.keep()

    def hold_firm(self, version: int, state: TradingState, reason: str, now_ns: int) -> bool:
        """Put it in force and write nothing yet, which is for the caller to do; tell whether it is the newest."""
        with self._mutex:
            if version <= self.firm_version:
                return False
            self._firm, self.firm_version = Halt(state, reason, now_ns), version
            self._changed()
        return True

    def lock(
        self,
        state: TradingState,
        reason: str,
        symbol: Symbol | None = None,
        now_ns: int = 0,
        owner: str = "comparison",
    ) -> None:
        """Lock one symbol, or everything, for the engine's own reason; ACTIVE opens the lock.

        Everything is locked by an owner's name: each opens only its own.
        """
        halt = Halt(state, reason, now_ns)
        with self._mutex:
            if symbol is None:
                _keep(self._whole_locks, owner, halt)
            else:
                _keep(self._locks, symbol, halt)
            self._changed()

    def state_of(self, symbol: Symbol, strategy: str = "") -> TradingState:
        """Return what orders in a symbol may do now."""
        return self.halt_of(symbol, strategy).state

    def halt_of(self, symbol: Symbol, strategy: str = "") -> Halt:
        """Return the strictest state that concerns an order in a symbol, of a strategy if it has one."""
        strictest = self.everything
        for halt in (self._symbols.get(symbol), self._locks.get(symbol), self._strategies.get(strategy)):
            if halt is not None:
                strictest = _stricter(strictest, halt)
        return strictest

    def _changed(self) -> None:
        plain = self.everything.state is TradingState.ACTIVE
        self.all_active = plain and not (self._symbols or self._strategies or self._locks)
        self.version += 1


def _keep(halts: dict[Name, Halt], name: Name, halt: Halt) -> None:
    if halt.state is TradingState.ACTIVE:
        halts.pop(name, None)
    else:
        halts[name] = halt


def is_stricter(one: TradingState, other: TradingState) -> bool:
    """Tell whether a state forbids more than another."""
    return _RANK[one] > _RANK[other]


def _stricter(one: Halt, other: Halt) -> Halt:
    return other if is_stricter(other.state, one.state) else one
