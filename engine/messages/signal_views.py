"""What models say of symbols now, and how each version does here."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.model.instrument import Symbol


class SignalTrading(StrEnum):
    """Whether orders come of what a model says."""

    OFF = "off"
    """As it is after every start."""
    ARMED = "armed"
    HALTED = "halted"
    """A limit of its own or an alarm stopped it; a person arms it again."""


class SignalView(Struct, frozen=True, gc=False):
    """What one version says of one symbol, as of the end of a bar."""

    symbol: Symbol
    model: str
    version: str
    stage: str
    """`champion` or `shadow`."""
    bar_end_ns: int
    probability: float | None = None
    """That the price is higher at the horizon; None where nothing is said."""
    edge_bps: float | None = None
    """What is expected of going its way, after cost; None where nothing is said or nothing is known of it."""
    abstained: str = ""
    """Why nothing is said; empty where something is."""
    contributions: tuple[tuple[str, float], ...] = ()
    """What features add to the raw score, the largest first; the first few."""
    price: int = 0
    """The price it was said at, in price units."""

    @property
    def direction(self) -> int:
        """1 for up, -1 for down, 0 where nothing is said."""
        if self.probability is None or self.probability == 0.5:
            return 0
        return 1 if self.probability > 0.5 else -1


class Figure(Struct, frozen=True, gc=False):
    """A figure of a model and the interval it lies in; both ends are the figure where none is known."""

    name: str
    value: float
    low: float
    high: float
    count: int = 0
    """Of how many outcomes; 0 where that is not known."""


class CalibrationBin(Struct, frozen=True, gc=False):
    """Whether what is said to be likely comes that often, for a tenth of all probabilities."""

    low: float
    high: float
    count: int
    predicted: float | None
    """The mean of what was said; None where nothing was."""
    observed: float | None
    """The share of ups that came of it, likewise."""


class ModelMoney(Struct, frozen=True, gc=False):
    """What a version's own orders brought, in millionths of the account's currency: net = gross - slippage - fees."""

    fills: int = 0
    gross_micros: int = 0
    """At the prices of the signals."""
    slippage_micros: int = 0
    """What the fills were worse; positive is a cost."""
    fees_micros: int = 0
    slippage_bps: float = 0.0
    """The mean of all fills, weighted by their notional; positive is a cost."""

    @property
    def net_micros(self) -> int:
        """What the account kept."""
        return self.gross_micros - self.slippage_micros - self.fees_micros


class ModelView(Struct, frozen=True, gc=False):
    """How one version does here."""

    model: str
    version: str
    stage: str
    feature_set: str
    interval_ns: int
    horizon_bars: int
    cost_bps: float
    failure: str = ""
    """Why it does not predict, or is not the one that the registry has; empty where it does and is."""
    live: tuple[Figure, ...] = ()
    """Of outcomes that matured here."""
    tested: tuple[Figure, ...] = ()
    """Of the same names where there are any: out of sample, as its trainer says."""
    calibration: tuple[CalibrationBin, ...] = ()
    """Of the same outcomes; empty before the first."""
    matured: int = 0
    """Of what was said, since the version is known here."""
    waiting: int = 0
    """What was said and has no outcome yet."""
    coverage: float | None = None
    """The share of bars at which something was said; None before the first."""
    drift_data: str = ""
    """How far its rows are from those of training: a level of `engine.signals.statistics.levels`."""
    drift_errors: str = ""
    """How far its errors are, likewise."""
    drift_reasons: tuple[str, ...] = ()
    pnl_bps: float = 0.0
    """What going its way brought so far, after cost, of one unit each time, as if each were traded at the next open."""
    money: ModelMoney = ModelMoney()
    demoted: str = ""
    """Why the engine put it into shadow, while this desk runs; empty where it did not."""
    p99_us: float = 0.0
    """What 99 of 100 predictions took at most when it was loaded."""
    trading: SignalTrading = SignalTrading.OFF
    trading_reason: str = ""
    trades_live: bool = False
    """Whether its orders go to a live account; else to paper."""


class SignalsView(Struct, frozen=True, gc=False):
    """All of it; another one only once something in it differs."""

    signals: tuple[SignalView, ...] = ()
    """By model, champions first, then by symbol."""
    models: tuple[ModelView, ...] = ()
    registry: str = ""
    """Why nothing is known of models: no registry yet, or one that can't be read; empty where all is well."""
