"""How much of each limit is used now, order or no order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.messages.views import LimitView, MetricView
from engine.model.instrument import MICROS
from engine.risk.bounds import PPM, UNLIMITED
from engine.risk.exposure import SymbolExposure
from engine.risk.inputs import RiskInputs
from engine.risk.listing import Listing

VAR: Final = "var_ewma"
"""The portfolio's number that is held against the limit."""
_PPM_PER_PERCENT: Final = PPM / 100


def limit_views(inputs: RiskInputs, metrics: tuple[MetricView, ...]) -> tuple[LimitView, ...]:
    """Return the gauges, the most used position limit among them; worst cases count working orders.

    The metrics are the portfolio's, of what is held.
    """
    now_ns = inputs.clock.now_ns()
    inputs.follow()
    inputs.exposure.bring_up_to_date(now_ns)
    bounds = inputs.account_bounds
    return (
        _money("gross_exposure", "Gross exposure", inputs.exposure.gross, inputs.caps.gross),
        _money("net_exposure", "Net exposure", _net(inputs), inputs.caps.net),
        *_firm(inputs),
        _day_loss(inputs),
        _drawdown(inputs),
        *_value_at_risk(inputs, metrics),
        *_most_used_position(inputs),
        *_concentration(inputs),
        LimitView(
            "order_rate",
            "Order rate",
            float(inputs.orders.last_second(now_ns)),
            float(bounds.order_rate),
            "per_s",
        ),
        LimitView(
            "open_orders", "Open orders", float(len(inputs.working)), float(bounds.open_orders_max), "count"
        ),
    )


def _money(rule: str, label: str, used: int, limit: int) -> LimitView:
    return LimitView(rule, label, used / MICROS, limit / MICROS, "money")


def _net(inputs: RiskInputs) -> int:
    return max(0, inputs.exposure.high, -inputs.exposure.low)


def _firm(inputs: RiskInputs) -> Iterator[LimitView]:
    """Yield what all desks together use, where a limit is set."""
    limits, firm, own = inputs.limits.limits.firm, inputs.firm, inputs.exposure
    if limits.gross_notional_max is not None:
        gross, limit = own.gross + firm.gross, int(limits.gross_notional_max * MICROS)
        yield _money("firm_gross", "Firm gross", gross, limit)
    if limits.net_notional_max is not None:
        net, limit = (
            max(0, own.high + firm.high, -own.low - firm.low),
            int(limits.net_notional_max * MICROS),
        )
        yield _money("firm_net", "Firm net", net, limit)


def _day_loss(inputs: RiskInputs) -> LimitView:
    account = inputs.account
    limit = inputs.account_bounds.day_loss_hard_ppm * account.day_start_equity_micros // PPM
    soft = inputs.account_bounds.day_loss_soft_ppm / inputs.account_bounds.day_loss_hard_ppm
    lost = max(0, -account.day_pnl_micros)
    return LimitView("day_loss", "Day loss", lost / MICROS, max(0, limit) / MICROS, "money", soft)


def _drawdown(inputs: RiskInputs) -> LimitView:
    peak, equity = inputs.account.equity_peak_micros, inputs.account.equity_micros
    lost = 100 * (peak - equity) / peak if peak > 0 else 0.0
    limit = inputs.account_bounds.drawdown_ppm / _PPM_PER_PERCENT
    return LimitView("drawdown", "Drawdown", lost, limit, "percent")


def _value_at_risk(inputs: RiskInputs, metrics: tuple[MetricView, ...]) -> tuple[LimitView, ...]:
    """Return the gauge of what a day may cost; none where nobody set a limit, or where it is not known."""
    limit = inputs.account_bounds.var_ppm * inputs.account.equity_micros // PPM
    known = next((metric.value for metric in metrics if metric.name == VAR), None)
    is_flat = not any(position.quantity for position in inputs.positions.values())
    used = 0.0 if is_flat else known
    return (
        () if used is None or limit <= 0 else (LimitView("var", "VaR 99% 1d", used, limit / MICROS, "money"),)
    )


def _concentration(inputs: RiskInputs) -> tuple[LimitView, ...]:
    symbols, equity = inputs.exposure.symbols, inputs.account.equity_micros
    if equity <= 0 or not symbols:
        return ()
    symbol, largest = max(symbols.items(), key=lambda item: item[1].gross)
    used, limit = 100 * largest.gross / equity, inputs.account_bounds.concentration_ppm / _PPM_PER_PERCENT
    return (LimitView("concentration", f"Concentration {symbol}", used, limit, "percent"),)


def _most_used_position(inputs: RiskInputs) -> tuple[LimitView, ...]:
    views = [
        view
        for symbol, exposure in inputs.exposure.symbols.items()
        if (listing := inputs.listing_of(symbol)) is not None
        for view in _position_views(listing, exposure)
    ]
    return (max(views, key=lambda view: view.fraction),) if views else ()


def _position_views(listing: Listing, exposure: SymbolExposure) -> tuple[LimitView, ...]:
    bounds, label = listing.bounds, f"Max position {listing.instrument.symbol}"
    views: tuple[LimitView, ...] = ()
    if bounds.position_notional_max < UNLIMITED:
        limit = bounds.position_notional_max / MICROS
        views += (LimitView("position_notional", label, exposure.gross / MICROS, limit, "money"),)
    if bounds.position_size_max < UNLIMITED:
        scale = listing.instrument.size_scale
        limit = bounds.position_size_max / scale
        views += (LimitView("position_limit", label, exposure.size / scale, limit, "size"),)
    return views
