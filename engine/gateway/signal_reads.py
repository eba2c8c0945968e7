"""Asking what models say, and how each version does here."""

from __future__ import annotations

from msgspec import Struct

from engine.gateway.asking import Answer, Ask
from engine.gateway.decimals import decimal, money
from engine.gateway.parts import Parts
from engine.messages.signal_views import Figure, ModelView, SignalsView, SignalTrading, SignalView
from engine.model.instrument import Instrument


class Contribution(Struct, frozen=True, gc=False):
    """What a feature adds to the raw score."""

    feature: str
    adds: float


class Signal(Struct, frozen=True, gc=False):
    """What one version says of one symbol, as of the end of a bar."""

    symbol: str
    model: str
    version: str
    stage: str
    bar_end_ns: int
    probability: float | None
    """That the price is higher at the horizon; null where nothing is said."""
    direction: int
    """1 for up, -1 for down, 0 where nothing is said."""
    edge_bps: float | None
    abstained: str
    """Why nothing is said; empty where something is."""
    price: str | None
    """The price it was said at."""
    contributions: list[Contribution]


class Measure(Struct, frozen=True, gc=False):
    """A figure and the interval it lies in; both ends are the value where no interval is known."""

    name: str
    value: float
    low: float
    high: float
    count: int
    """Of how many outcomes; 0 where that is not known."""


class Model(Struct, frozen=True, gc=False):
    """How one version does here."""

    model: str
    version: str
    stage: str
    feature_set: str
    interval_s: float
    horizon_bars: int
    failure: str
    """Why it does not predict, or is not the one that the registry has; empty where it does and is."""
    matured: int
    waiting: int
    coverage: float | None
    live: list[Measure]
    tested: list[Measure]
    """Out of sample, as its trainer says."""
    drift_data: str
    drift_errors: str
    drift_reasons: list[str]
    pnl_bps: float
    fills: int
    net: str
    """What its own orders brought, in the account's currency."""
    slippage_bps: float
    trading: SignalTrading
    trading_reason: str
    demoted: str


class SignalsAnswer(Struct, frozen=True):
    """What is said now, and how those do that say it."""

    signals: list[Signal]
    models: list[Model]
    registry: str
    """Why nothing is known of models; empty where all is well."""


async def signals(parts: Parts, ask: Ask) -> Answer:
    """Tell what models say; nothing where the settings name none."""
    del ask
    mirror = await parts.feed.fresh()
    view = mirror.signals or SignalsView()
    told = [signal_of(each, mirror.instruments.get(each.symbol)) for each in view.signals]
    return Answer(SignalsAnswer(told, [model_of(each) for each in view.models], view.registry))


def signal_of(view: SignalView, instrument: Instrument | None) -> Signal:
    """Tell what a version says of a symbol."""
    price = decimal(view.price, instrument.price_scale) if instrument is not None and view.price else None
    return Signal(
        symbol=view.symbol,
        model=view.model,
        version=view.version,
        stage=view.stage,
        bar_end_ns=view.bar_end_ns,
        probability=view.probability,
        direction=view.direction,
        edge_bps=view.edge_bps,
        abstained=view.abstained,
        price=price,
        contributions=[Contribution(feature, adds) for feature, adds in view.contributions],
    )


def model_of(view: ModelView) -> Model:
    """Tell how a version does."""
    return Model(
        model=view.model,
        version=view.version,
        stage=view.stage,
        feature_set=view.feature_set,
        interval_s=view.interval_ns / 1e9,
        horizon_bars=view.horizon_bars,
        failure=view.failure,
        matured=view.matured,
        waiting=view.waiting,
        coverage=view.coverage,
        live=[_measure(each) for each in view.live],
        tested=[_measure(each) for each in view.tested],
        drift_data=view.drift_data,
        drift_errors=view.drift_errors,
        drift_reasons=list(view.drift_reasons),
        pnl_bps=view.pnl_bps,
        fills=view.money.fills,
        net=money(view.money.net_micros),
        slippage_bps=view.money.slippage_bps,
        trading=view.trading,
        trading_reason=view.trading_reason,
        demoted=view.demoted,
    )


def _measure(figure: Figure) -> Measure:
    return Measure(figure.name, figure.value, figure.low, figure.high, figure.count)
