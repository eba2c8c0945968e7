"""The limits that are shares of the account, in money at its present equity."""

from __future__ import annotations

from engine.risk.bounds import PPM, AccountBounds


class AccountCaps:
    """Millionths of the base currency, rounded down; worked out again only when equity or limits change."""

    __slots__ = ("concentration", "equity", "gross", "leverage", "net")

    def __init__(self, bounds: AccountBounds, leverage_ppm: int, equity_micros: int) -> None:
        equity = max(0, equity_micros)
        self.equity = equity_micros
        self.gross = bounds.gross_ppm * equity // PPM
        self.net = bounds.net_ppm * equity // PPM
        self.concentration = bounds.concentration_ppm * equity // PPM
        self.leverage = leverage_ppm * equity // PPM
        """All that may be held, worst case, on the account's leverage."""
