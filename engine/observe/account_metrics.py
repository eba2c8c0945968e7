"""The account's money; `docs/metrics.md` explains it."""

from __future__ import annotations

from engine.model.account import Account
from engine.model.instrument import MICROS
from engine.observe.told import Told, one

ACCOUNT_METRICS: tuple[Told[Account], ...] = (
    Told(
        "touchline_equity",
        "gauge",
        "Cash and positions, base currency.",
        (),
        lambda account: one(account.equity_micros / MICROS),
    ),
    Told(
        "touchline_cash",
        "gauge",
        "Cash, base currency.",
        (),
        lambda account: one(account.cash_micros / MICROS),
    ),
    Told(
        "touchline_buying_power",
        "gauge",
        "What may be bought yet, base currency.",
        (),
        lambda account: one(account.buying_power_micros / MICROS),
    ),
    Told(
        "touchline_day_pnl",
        "gauge",
        "Profit since the day began, base currency.",
        (),
        lambda account: one(account.day_pnl_micros / MICROS),
    ),
    Told(
        "touchline_realised_pnl",
        "gauge",
        "Profit of what was closed, base currency.",
        (),
        lambda account: one(account.realised_micros / MICROS),
    ),
    Told(
        "touchline_unrealised_pnl",
        "gauge",
        "Profit of what is held, base currency.",
        (),
        lambda account: one(account.unrealised_micros / MICROS),
    ),
    Told(
        "touchline_fees",
        "gauge",
        "Fees paid, base currency.",
        (),
        lambda account: one(account.fees_micros / MICROS),
    ),
    Told(
        "touchline_gross_exposure",
        "gauge",
        "Worth of all positions, longs and shorts added up, base currency.",
        (),
        lambda account: one(account.gross_micros / MICROS),
    ),
    Told(
        "touchline_net_exposure",
        "gauge",
        "Worth of the longs less that of the shorts, base currency.",
        (),
        lambda account: one(account.net_micros / MICROS),
    ),
)
