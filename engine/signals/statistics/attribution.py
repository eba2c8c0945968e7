"""Which version of a model earned what, in whole millionths of the currency.

Gross is at the prices of the signals, so that slippage is a line of its own: net = gross - slippage - fees.
What the ledger has and no version explains is the residual, and a residual that is not 0 is a mistake.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttributedTrade:
    """A round trip, or a part of one, of one version; money in millionths."""

    version: str
    gross_micros: int
    """At the signals' prices."""
    slippage_micros: int
    """What the fills were worse; positive is a cost."""
    fees_micros: int


@dataclass(frozen=True, slots=True)
class Line:
    """All trades of one version."""

    version: str
    trade_count: int
    gross_micros: int
    slippage_micros: int
    fees_micros: int

    @property
    def net_micros(self) -> int:
        """What the account kept."""
        return self.gross_micros - self.slippage_micros - self.fees_micros


@dataclass(frozen=True, slots=True)
class Attribution:
    """A line for each version, by name, and what none of them explains."""

    lines: tuple[Line, ...]
    residual_micros: int

    @property
    def is_whole(self) -> bool:
        """Whether the ledger's profit is explained to the last millionth."""
        return self.residual_micros == 0


def attribute(trades: Iterable[AttributedTrade], ledger_net_micros: int) -> Attribution:
    """Split the ledger's net profit over the versions that traded."""
    lines: dict[str, Line] = {}
    for trade in trades:
        old = lines.get(trade.version, Line(trade.version, 0, 0, 0, 0))
        lines[trade.version] = Line(
            trade.version,
            old.trade_count + 1,
            old.gross_micros + trade.gross_micros,
            old.slippage_micros + trade.slippage_micros,
            old.fees_micros + trade.fees_micros,
        )
    explained = sum(line.net_micros for line in lines.values())
    return Attribution(tuple(lines[name] for name in sorted(lines)), ledger_net_micros - explained)
