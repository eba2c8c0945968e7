"""The limits as the controls read them: whole numbers in an instrument's units, made once."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from engine.model.instrument import MICROS, Instrument
from engine.risk.limits import AccountLimits, Limits

UNLIMITED: Final = 1 << 100
"""Stands where there is no limit, so that a control needs one comparison only."""
PPM: Final = 1_000_000
_PPM_PER_BPS: Final = 100
_PPM_PER_PERCENT: Final = 10_000
_NS_PER_MS: Final = 1_000_000


class Bounds:
    """One instrument's limits in its own units, money in millionths of the base currency."""

    __slots__ = (
        "collar_ppm",
        "duplicate_window_ns",
        "extended_hours",
        "firm_gross_max",
        "firm_net_max",
        "firm_symbol_max",
        "notional_min_micros",
        "open_orders_max",
        "order_notional_max",
        "order_size_max",
        "passive_ppm",
        "position_notional_max",
        "position_size_max",
        "restricted",
        "size_min",
        "spread_max_ppm",
    )

    def __init__(self, instrument: Instrument, limits: Limits) -> None:
        stated = limits.of(instrument)
        self.restricted = instrument.symbol in limits.restricted
        self.order_size_max = _scaled(stated.order_size_max, instrument.size_scale)
        self.position_size_max = _scaled(stated.position_size_max, instrument.size_scale)
        self.order_notional_max = _scaled(stated.order_notional_max, MICROS)
        self.position_notional_max = _scaled(stated.position_notional_max, MICROS)
        self.collar_ppm = _scaled(stated.collar_bps, _PPM_PER_BPS)
        self.passive_ppm = _scaled(stated.passive_band_bps, _PPM_PER_BPS)
        self.spread_max_ppm = _scaled(stated.spread_max_bps, _PPM_PER_BPS)
        self.open_orders_max = _scaled(stated.open_orders_max, 1)
        self.duplicate_window_ns = (stated.duplicate_window_ms or 0) * _NS_PER_MS
        self.firm_gross_max = _scaled(limits.firm.gross_notional_max, MICROS)
        self.firm_net_max = _scaled(limits.firm.net_notional_max, MICROS)
        self.firm_symbol_max = _scaled(limits.firm.symbol_notional_max, MICROS)
        """Over all desks of the firm."""
        self.extended_hours = stated.extended_hours is not False
        self.size_min = _ceiling(instrument.size_min * instrument.size_scale)
        self.notional_min_micros = _ceiling(instrument.notional_min * MICROS)
        """In the instrument's own currency, as its venue states it."""


class AccountBounds:
    """The account's limits, ratios in millionths of equity."""

    __slots__ = (
        "amend_burst",
        "amend_rate",
        "concentration_ppm",
        "day_loss_hard_ppm",
        "day_loss_soft_ppm",
        "drawdown_ppm",
        "gross_ppm",
        "net_ppm",
        "open_orders_max",
        "order_burst",
        "order_rate",
        "var_ppm",
    )

    def __init__(self, limits: AccountLimits) -> None:
        self.gross_ppm = _scaled(limits.gross_max_ratio, PPM)
        self.net_ppm = _scaled(limits.net_max_ratio, PPM)
        self.concentration_ppm = _scaled(limits.concentration_max_percent, _PPM_PER_PERCENT)
        self.day_loss_soft_ppm = _scaled(limits.day_loss_soft_percent, _PPM_PER_PERCENT)
        self.day_loss_hard_ppm = _scaled(limits.day_loss_hard_percent, _PPM_PER_PERCENT)
        self.drawdown_ppm = _scaled(limits.drawdown_hard_percent, _PPM_PER_PERCENT)
        self.var_ppm = _scaled(limits.var_max_percent, _PPM_PER_PERCENT)
        """0 where there is none."""
        self.order_rate = limits.order_rate_per_s
        self.order_burst = limits.order_burst
        self.amend_rate = limits.amend_rate_per_s
        self.amend_burst = limits.amend_burst
        self.open_orders_max = limits.open_orders_max


def _scaled(limit: Decimal | int | None, scale: int) -> int:
    if limit is None:
        return UNLIMITED
    return int((Decimal(limit) * scale).to_integral_value(ROUND_FLOOR))


def _ceiling(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_CEILING))
