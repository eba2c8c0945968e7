"""The account that pays: one record, written by the portfolio room."""

from __future__ import annotations

from typing import Final

from engine.model.account_mode import AccountMode

__all__ = ["RATE_SCALE", "Account", "AccountMode", "CurrencyRates"]

RATE_SCALE: Final = 10**9


class Account:
    """Money, all in millionths of the base currency."""

    __slots__ = (
        "base_currency",
        "buying_power_micros",
        "cash_micros",
        "day_pnl_micros",
        "day_start_equity_micros",
        "dividends_micros",
        "equity_micros",
        "equity_peak_micros",
        "fees_micros",
        "fx_micros",
        "gross_micros",
        "mode",
        "name",
        "net_micros",
        "realised_micros",
        "unrealised_micros",
        "version",
    )

    def __init__(self, name: str, mode: AccountMode, base_currency: str, cash_micros: int) -> None:
        self.name = name
        self.mode = mode
        self.base_currency = base_currency
        self.cash_micros = cash_micros
        self.equity_micros = cash_micros
        self.equity_peak_micros = cash_micros
        self.day_start_equity_micros = cash_micros
        self.day_pnl_micros = 0
        self.realised_micros = 0
        self.unrealised_micros = 0
        self.fees_micros = 0
        self.dividends_micros = 0
        self.fx_micros = 0
        """What rates did to money already held in other currencies; its own line, not trading profit."""
        self.gross_micros = 0
        self.net_micros = 0
        self.buying_power_micros = cash_micros
        self.version = 0


class CurrencyRates:
    """What one unit of each currency is worth in the base currency, in billionths."""

    __slots__ = ("_rates", "base_currency")

    def __init__(self, base_currency: str) -> None:
        self.base_currency = base_currency
        self._rates: dict[str, int] = {base_currency: RATE_SCALE}

    def set(self, currency: str, rate_e9: int) -> None:
        """Note a currency's worth in billionths of the base currency."""
        self._rates[currency] = rate_e9

    def get(self, currency: str) -> int | None:
        """Return a currency's worth in billionths of the base, None when it is not known."""
        return self._rates.get(currency)

    def to_base(self, micros: int, currency: str) -> int | None:
        """Return an amount in millionths of the base currency, None when the rate is not known."""
        if currency == self.base_currency:
            return micros
        rate = self._rates.get(currency)
        return None if rate is None else micros * rate // RATE_SCALE
