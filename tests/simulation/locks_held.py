"""Nothing leaves against a halt, a person's or the engine's own; and a halt that was written down outlives the process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.messages.commands import SetTradingState, TradingState
from engine.messages.comparison_views import BreakState
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest
from tests.simulation.truth import Live, Truth, worst

if TYPE_CHECKING:
    from tests.simulation.world import World

_RANK = {TradingState.ACTIVE: 0, TradingState.REDUCING: 1, TradingState.HALTED: 2}
_EXITS = {"exit", "leg"}
_NEVER = 1 << 62


class LocksHeld:
    """Knows what the person said, and what must be locked, without asking the engine's halts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._truth = Truth(world)
        self._said: dict[Symbol | None, tuple[TradingState, int]] = {}
        """What was said of everything, or of a symbol, and the record that says so."""
        self._must_be: dict[Symbol | None, TradingState] = {}

    def say(self, state: TradingState, symbol: Symbol | None = None) -> None:
        """Have a person say it."""
        before = self._said.get(symbol)
        self._said[symbol] = (state, _NEVER)
        if before is not None and _RANK[before[0]] > _RANK[state]:
            self._said[symbol] = (before[0], _NEVER)
        self._world.command(SetTradingState(state, "the simulation says so", symbol))
        self._said[symbol] = (state, written_by_now(self._world))

    def tightened(self) -> list[Symbol | None]:
        """Return what is not active because a person said so."""
        return [symbol for symbol, (state, _) in self._said.items() if state is not TradingState.ACTIVE]

    def began(self) -> None:
        """A new engine read back what the one before was told."""
        for symbol, state in self._must_be.items():
            if self._in_force(symbol) is not state:
                name = symbol or "everything"
                self._found(f"{name} was {state} before the restart and is {self._in_force(symbol)} after it")
        self._must_be.clear()
        self._said = {symbol: (self._in_force(symbol), 0) for symbol in self._said}

    def ended(self) -> None:
        """Note what outlives the process that just ended."""
        survived = survives(self._world)
        self._must_be = {
            symbol: state for symbol, (state, sequence) in self._said.items() if sequence <= survived
        }

    def sent(self, request: OrderRequest) -> None:
        """An order leaves."""
        world = self._world
        text = request.client_id.encode()
        if not world.disk.holds(text, after_power_loss=world.durability == "strict"):
            self._found(f"{request.client_id} was sent before its intent was safe")
        self._leaves(request, "was sent")

    def changed(self, client_id: str) -> None:
        """New terms of an order leave."""
        order = self._world.rooms.orders.orders[client_id]
        self._leaves(order.request, "was changed")

    def _leaves(self, request: OrderRequest, what: str) -> None:
        state, why = self._state(request.symbol)
        exits = _is_exit(request)
        if state is TradingState.HALTED and not exits:
            self._found(f"{request.client_id} {what} though trading is halted: {why}")
        elif state is TradingState.REDUCING and not exits:
            lives = [
                replace(each, leaves=0) if _exits_later(each, request) else each
                for each in self._truth.of(request.symbol)
            ]
            if worst(lives, request.side) > 0:
                self._found(f"{request.client_id} {what}, and may only reduce: {why}")

    def _state(self, symbol: Symbol) -> tuple[TradingState, str]:
        """Return the strictest state that must be in force, and why."""
        states = [(self._said[each][0], "a person said so") for each in (None, symbol) if each in self._said]
        if not self._world.venue.whole_stocks:
            states.append((TradingState.HALTED, "the start's comparison is not done"))
        breaks = self._world.rooms.orders.reconciler.breaks
        if any(each.symbol == symbol and each.state is BreakState.OPEN for each in breaks):
            states.append((TradingState.REDUCING, "a break"))
        return max(states, key=lambda each: _RANK[each[0]], default=(TradingState.ACTIVE, ""))

    def _in_force(self, symbol: Symbol | None) -> TradingState:
        halts = self._world.rooms.halts
        if symbol is None:
            return halts.said.state
        halt = halts.said_symbols.get(symbol)
        return halt.state if halt is not None else TradingState.ACTIVE

    def _found(self, what: str) -> None:
        self._world.findings.append(f"lock: {what}")


def _exits_later(each: Live, request: OrderRequest) -> bool:
    """Whether it takes or protects a way out, and was accepted after another, which waited for the disk meanwhile."""
    return _is_exit(each.request) and each.request.number > request.number


def _is_exit(request: OrderRequest) -> bool:
    return request.reduce_only and request.origin in _EXITS


def written_by_now(world: World) -> int:
    """Return the last record's sequence, or one that never comes while records wait for the disk."""
    scribe = world.rooms.orders.scribe
    return _NEVER if scribe.unwritten else scribe.sequence


def survives(world: World) -> int:
    """Return the last record that outlives a process which ends now."""
    journal = world.rooms.journal
    return journal.synced if world.durability == "strict" else journal.sequence
