"""What a model's own orders made: what it holds, at which average cost, and what a day brought after fees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.clock import NS_PER_S
from engine.model.instrument import Symbol

_DAY_NS: Final = 86_400 * NS_PER_S
Worth = Callable[[Symbol, int], int]
"""Returns what so many size units of a symbol are worth now, in millionths of the account's currency; a short is worth less than 0."""


def day_of(time_ns: int) -> int:
    """Return the day that limits count by, in UTC."""
    return time_ns // _DAY_NS


class OwnBook:
    """Sizes in size units, money in millionths of the account's currency."""

    def __init__(self) -> None:
        self._held: dict[Symbol, tuple[int, int]] = {}
        """Signed quantity and signed cost of what is open."""
        self._came_of: dict[Symbol, str] = {}
        self._day = 0
        self._realised = 0

    def take(  # a fill, as money and by whom
        self,
        symbol: Symbol,
        quantity: int,
        paid_micros: int,
        fee_micros: int,
        at_ns: int,
        correlation: str = "",
    ) -> None:
        """Count a fill: `quantity` is below 0 for a sale, `paid_micros` is its notional, `correlation` its signal's."""
        self._turn(day_of(at_ns))
        held, cost = self._held.pop(symbol, (0, 0))
        flow = paid_micros if quantity > 0 else -paid_micros
        closing = min(abs(held), abs(quantity)) if held * quantity < 0 else 0
        if closing:
            part_cost, part_flow = cost * closing // abs(held), flow * closing // abs(quantity)
            self._realised -= part_cost + part_flow
            cost, flow = cost - part_cost, flow - part_flow
        self._realised -= fee_micros
        if held + quantity:
            self._held[symbol] = held + quantity, cost + flow
        if (held + quantity) * quantity > 0:
            self._came_of[symbol] = correlation

    def held(self, symbol: Symbol) -> int:
        """Return what it holds of a symbol, signed."""
        return self._held.get(symbol, (0, 0))[0]

    def came_of(self, symbol: Symbol) -> str:
        """Return the correlation of the newest fill that made larger what it holds of a symbol."""
        return self._came_of.get(symbol, "")

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """What it holds anything of."""
        return tuple(self._held)

    def fit(self, symbol: Symbol, account: int, worth: Worth, now_ns: int) -> None:
        """Give up what the account does not hold any more: a person closed it; it counts as closed at today's price."""
        held = self.held(symbol)
        left = max(-abs(account), min(abs(account), held)) if held * account > 0 else 0
        if gone := held - left:
            self.take(symbol, -gone, abs(worth(symbol, gone)), 0, now_ns)

    def day_micros(self, worth: Worth, now_ns: int) -> int:
        """Return what the day brought: what was closed, less what is lost on what is open; open gains don't count."""
        self._turn(day_of(now_ns))
        open_micros = sum(worth(symbol, quantity) - cost for symbol, (quantity, cost) in self._held.items())
        return self._realised + min(0, open_micros)

    def _turn(self, day: int) -> None:
        if day > self._day:
            self._day, self._realised = day, 0
