"""What a version's own orders bring: gross at the prices of its signals, slippage and fees each a line of its own.

Money that went out and came in is added up, and what is held is valued, so that gross - slippage - fees is what the account has of it,
to the millionth, without averages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct, field

from engine.messages.signal_views import ModelMoney
from engine.model.instrument import Symbol
from engine.signals.statistics.attribution import AttributedTrade

Worth = Callable[[Symbol, int], int]
"""Returns what so many size units of a symbol are worth now, in millionths of the account's currency; a short is worth less than 0."""
_BPS = 10_000


class SignalFill(NamedTuple):
    """A fill of an order that came of a signal; money in millionths of the account's currency."""

    model: str
    version: str
    symbol: Symbol
    side: int
    """1 to buy, -1 to sell."""
    quantity: int
    """In size units."""
    signal_micros: int
    """What it would have been at the signal's price."""
    paid_micros: int
    fee_micros: int = 0


class Money(Struct):
    """Of all fills of a version's own orders."""

    fills: int = 0
    flow_micros: int = 0
    """What came in less what went out, at the signals' prices."""
    slippage_micros: int = 0
    fees_micros: int = 0
    notional_micros: int = 0
    held: dict[Symbol, int] = field(default_factory=dict)
    """In size units, by symbol; nothing of one that is flat."""

    def take(self, fill: SignalFill) -> None:
        """Count a fill."""
        self.fills += 1
        self.flow_micros -= fill.side * fill.signal_micros
        self.slippage_micros += fill.side * (fill.paid_micros - fill.signal_micros)
        self.fees_micros += fill.fee_micros
        self.notional_micros += fill.signal_micros
        held = self.held.pop(fill.symbol, 0) + fill.side * fill.quantity
        if held:
            self.held[fill.symbol] = held

    def gross_micros(self, worth: Worth) -> int:
        """Return what it brought at the signals' prices, what is held at today's."""
        return self.flow_micros + sum(worth(symbol, quantity) for symbol, quantity in self.held.items())

    def attributed(self, version: str, worth: Worth) -> AttributedTrade:
        """Return it as one line of a version."""
        return AttributedTrade(version, self.gross_micros(worth), self.slippage_micros, self.fees_micros)

    def view(self, worth: Worth) -> ModelMoney:
        """Return it as it is shown."""
        notional = self.notional_micros
        return ModelMoney(
            fills=self.fills,
            gross_micros=self.gross_micros(worth),
            slippage_micros=self.slippage_micros,
            fees_micros=self.fees_micros,
            slippage_bps=self.slippage_micros / notional * _BPS if notional else 0.0,
        )
