"""What can be traded here: shares, a pair of currencies, a future."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Contract:
    """One of them."""

    con_id: int
    symbol: str
    sec_type: str
    exchange: str
    primary: str
    currency: str
    local_symbol: str
    trading_class: str
    tick: Decimal
    long_name: str
    size_step: Decimal = Decimal(1)
    multiplier: str = ""
    expiry: str = ""
    strike: str = "0"
    right: str = ""
    magnifier: int = 1
    time_zone: str = "US/Eastern"

    def matches(self, asked: dict[str, str]) -> bool:
        """Whether it is what a client describes."""
        if int(asked["con_id"] or 0):
            return int(asked["con_id"]) == self.con_id
        same = all(
            not asked[name] or asked[name] == getattr(self, name)
            for name in ("symbol", "sec_type", "currency", "local_symbol")
        )
        where = asked["exchange"]
        return same and where in {"", "SMART", self.exchange} and asked["primary"] in {"", self.primary}


CENT = Decimal("0.01")
CONTRACTS = (
    Contract(265598, "AAPL", "STK", "SMART", "NASDAQ", "USD", "AAPL", "NMS", CENT, "APPLE INC"),
    Contract(272093, "MSFT", "STK", "SMART", "NASDAQ", "USD", "MSFT", "NMS", CENT, "MICROSOFT CORP"),
    Contract(72063691, "BRK B", "STK", "SMART", "NYSE", "USD", "BRK B", "BRK B", CENT, "BERKSHIRE HATHAWAY"),
    Contract(14204, "SAP", "STK", "SMART", "IBIS", "EUR", "SAP", "XETRA", CENT, "SAP SE", time_zone="MET"),
    Contract(
        12087792,
        "EUR",
        "CASH",
        "IDEALPRO",
        "",
        "USD",
        "EUR.USD",
        "EUR.USD",
        Decimal("0.00005"),
        "European Monetary Union Euro",
    ),
    Contract(
        495512563,
        "ES",
        "FUT",
        "CME",
        "",
        "USD",
        "ESZ6",
        "ES",
        Decimal("0.25"),
        "E-mini S&P 500",
        multiplier="50",
        expiry="20261218",
        time_zone="US/Central",
    ),
)
COARSE = Contract(
    700001, "WHOLE", "STK", "SMART", "NYSE", "USD", "WHOLE", "WHOLE", Decimal(1), "Whole dollars"
)
"""One whose prices are whole dollars."""
