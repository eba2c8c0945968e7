"""Signals to draw: a champion that speaks and is silent, a version in its shadow, and one that said nothing yet."""

from __future__ import annotations

from engine.messages.signal_views import (
    CalibrationBin,
    Figure,
    ModelMoney,
    ModelView,
    SignalsView,
    SignalTrading,
    SignalView,
)
from engine.model.instrument import Symbol
from tests.market_views import NOW_NS

CHAMPION, SHADOW, SECOND = "5d3d018c84befdd5", "6c20eb91aa03d1f7", "0b7e9c1d22334455"
NVDA, AAPL, MSFT = Symbol("NVDA"), Symbol("AAPL"), Symbol("MSFT")


def signal(symbol: Symbol, version: str, stage: str, probability: float | None, **told: object) -> SignalView:
    """Return what a version of `daily` says."""
    why = "" if probability is not None else "out of domain: 2 of 12 features: gap, rsi_14 \x1b[2J"
    made = {"edge_bps": 4.2 if probability is not None else None, "abstained": why, "price": 18_234, **told}
    return SignalView(
        symbol=symbol,
        model="daily",
        version=version,
        stage=stage,
        bar_end_ns=NOW_NS,
        probability=probability,
        **made,  # type: ignore[arg-type]
    )


def model(
    version: str, stage: str, *, name: str = "daily", trading: SignalTrading = SignalTrading.OFF
) -> ModelView:
    """Return how a version does."""
    return ModelView(
        model=name,
        version=version,
        stage=stage,
        feature_set="bars-12",
        interval_ns=60 * 10**9,
        horizon_bars=5,
        cost_bps=1.5,
        live=(
            Figure("hit_rate", 0.541, 0.512, 0.569, 1_204),
            Figure("auc", 0.553, 0.553, 0.553, 1_204),
            Figure("ic", 0.021, 0.004, 0.038, 240),
        ),
        tested=(Figure("hit_rate", 0.583, 0.575, 0.590), Figure("auc", 0.561, 0.540, 0.580)),
        calibration=(CalibrationBin(0.5, 0.6, 812, 0.542, 0.551), CalibrationBin(0.6, 0.7, 0, None, None)),
        matured=1_204,
        waiting=15,
        coverage=0.82,
        drift_data="watch",
        drift_errors="ok",
        drift_reasons=("gap: PSI 0.184 is above 0.100 in this window.",),
        pnl_bps=212.4,
        money=ModelMoney(14, 61_000_000, 9_500_000, 2_100_000, 1.3),
        p99_us=18.2,
        trading=trading,
        trading_reason="off after every start; arming asks for its name",
    )


def signals(trading: SignalTrading = SignalTrading.OFF) -> SignalsView:
    """Return all of it."""
    moved = (("return_5", 0.42), ("gap", -0.21), ("volume_z", 0.08))
    return SignalsView(
        signals=(
            signal(AAPL, CHAMPION, "champion", 0.31),
            signal(MSFT, CHAMPION, "champion", None),
            signal(NVDA, CHAMPION, "champion", 0.642, contributions=moved),
            signal(NVDA, SHADOW, "shadow", 0.44, edge_bps=-1.1),
        ),
        models=(
            model(CHAMPION, "champion", trading=trading),
            model(SHADOW, "shadow"),
            model(SECOND, "champion", name="intraday"),
        ),
    )
