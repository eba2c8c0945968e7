"""What the simulated exchange lists, and how each of them is traded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.model.instrument import AssetClass, Instrument, Symbol

VENUE = "SIM"


@dataclass(frozen=True, slots=True)
class Listing:
    """An instrument and the character of its market."""

    instrument: Instrument
    prior_close: Decimal
    daily_volatility: float
    """Standard deviation of a trading day's return."""
    market_loading: float
    """Correlation of its value with what moves its whole class: shares, the dollar, coins."""
    activity: float
    """Its share of all order flow, relative to the others."""
    spread_ticks: float
    """The width its market makers want between bid and ask."""
    order_lots: float
    """Typical order, in lots."""
    single_name: bool = False
    """Whether it is one company, which news can hit."""
    resting_orders: int = 160
    """How many orders a side holds on an ordinary day."""


def _share(
    symbol: str,
    name: str,
    close: str,
    volatility: float,
    loading: float,
    activity: float,
    spread_ticks: float,
    order_lots: float,
    *,
    single_name: bool = True,
) -> Listing:
    instrument = Instrument(
        symbol=Symbol(symbol),
        venue=VENUE,
        asset_class=AssetClass.EQUITY,
        currency="USD",
        description=name,
        price_unit=Decimal("0.0001"),
        tick=Decimal("0.01"),
        size_unit=Decimal(1),
        lot=Decimal(1),
        size_min=Decimal(1),
        calendar="XNYS",
    )
    return Listing(
        instrument, Decimal(close), volatility, loading, activity, spread_ticks, order_lots, single_name
    )


def _fund(
    symbol: str,
    name: str,
    close: str,
    volatility: float,
    loading: float,
    activity: float,
    spread_ticks: float,
    order_lots: float,
) -> Listing:
    return _share(
        symbol, name, close, volatility, loading, activity, spread_ticks, order_lots, single_name=False
    )


def _pair(
    symbol: str,
    name: str,
    tick: str,
    close: str,
    volatility: float,
    loading: float,
    activity: float,
    spread_ticks: float,
) -> Listing:
    instrument = Instrument(
        symbol=Symbol(symbol),
        venue=VENUE,
        asset_class=AssetClass.FX,
        currency=symbol[3:],
        base=symbol[:3],
        description=name,
        price_unit=Decimal(tick) / 2,
        tick=Decimal(tick),
        size_unit=Decimal(1),
        lot=Decimal(1000),
        size_min=Decimal(1000),
        calendar="FX",
    )
    return Listing(instrument, Decimal(close), volatility, loading, activity, spread_ticks, 500)


def _coin(
    symbol: str,
    name: str,
    tick: str,
    lot: str,
    close: str,
    volatility: float,
    loading: float,
    activity: float,
    spread_ticks: float,
    order_lots: float,
) -> Listing:
    instrument = Instrument(
        symbol=Symbol(symbol),
        venue=VENUE,
        asset_class=AssetClass.CRYPTO,
        currency="USD",
        base=symbol[:-3],
        description=name,
        price_unit=Decimal(tick) / 2,
        tick=Decimal(tick),
        size_unit=Decimal(lot),
        lot=Decimal(lot),
        size_min=Decimal(lot),
        notional_min=Decimal(1),
        calendar="24/7",
    )
    return Listing(instrument, Decimal(close), volatility, loading, activity, spread_ticks, order_lots)


UNIVERSE: tuple[Listing, ...] = (
    _share("NVDA", "NVIDIA", "182.10", 0.020, 0.70, 10.0, 1.2, 140),
    _share("AAPL", "Apple", "231.80", 0.013, 0.70, 6.0, 1.2, 120),
    _share("MSFT", "Microsoft", "495.20", 0.012, 0.72, 4.5, 1.8, 70),
    _share("AMZN", "Amazon", "219.40", 0.016, 0.70, 5.0, 1.3, 110),
    _share("TSLA", "Tesla", "323.60", 0.028, 0.58, 8.0, 1.8, 110),
    _share("META", "Meta Platforms", "700.50", 0.016, 0.66, 3.5, 3.0, 50),
    _share("GOOGL", "Alphabet A", "197.70", 0.015, 0.68, 4.5, 1.3, 110),
    _share("AMD", "Advanced Micro Devices", "161.20", 0.027, 0.62, 5.5, 1.4, 120),
    _share("AVGO", "Broadcom", "342.90", 0.022, 0.64, 3.0, 2.5, 60),
    _share("JPM", "JPMorgan Chase", "290.40", 0.012, 0.62, 2.5, 1.8, 80),
    _share("XOM", "Exxon Mobil", "112.70", 0.012, 0.35, 2.5, 1.2, 130),
    _share("LLY", "Eli Lilly", "776.20", 0.017, 0.30, 1.6, 8.0, 35),
    _share("COST", "Costco", "964.50", 0.011, 0.48, 1.5, 8.0, 30),
    _share("NFLX", "Netflix", "119.40", 0.018, 0.52, 2.5, 1.3, 110),
    _share("ORCL", "Oracle", "238.30", 0.022, 0.56, 2.8, 1.8, 90),
    _share("BA", "Boeing", "213.60", 0.020, 0.45, 2.2, 1.8, 80),
    _share("DIS", "Walt Disney", "118.80", 0.013, 0.50, 2.0, 1.2, 120),
    _fund("SPY", "S&P 500 ETF", "629.80", 0.009, 0.98, 12.0, 1.2, 200),
    _fund("QQQ", "Nasdaq 100 ETF", "561.10", 0.012, 0.95, 9.0, 1.2, 160),
    _fund("IWM", "Russell 2000 ETF", "229.30", 0.012, 0.86, 5.0, 1.2, 170),
    _fund("GLD", "Gold ETF", "307.60", 0.010, 0.06, 2.5, 1.3, 100),
    _fund("TLT", "Treasury 20+ ETF", "87.50", 0.008, -0.15, 2.5, 1.0, 300),
    _fund("USO", "Oil fund", "76.80", 0.018, 0.15, 1.8, 1.2, 120),
    _pair("EURUSD", "Euro / US dollar", "0.00001", "1.16840", 0.0042, 0.82, 5.0, 2.0),
    _pair("GBPUSD", "Sterling / US dollar", "0.00001", "1.34210", 0.0046, 0.76, 4.0, 3.0),
    _pair("USDJPY", "US dollar / yen", "0.001", "156.420", 0.0050, -0.62, 4.5, 3.0),
    _pair("AUDUSD", "Australian / US dollar", "0.00001", "0.66870", 0.0052, 0.70, 3.0, 2.5),
    _pair("USDCHF", "US dollar / franc", "0.00001", "0.79350", 0.0044, -0.78, 2.5, 3.0),
    _coin("BTCUSD", "Bitcoin", "1", "0.0001", "93420", 0.028, 0.90, 9.0, 2.0, 1200),
    _coin("ETHUSD", "Ether", "0.1", "0.001", "3214.6", 0.036, 0.86, 6.0, 2.0, 2500),
    _coin("SOLUSD", "Solana", "0.01", "0.01", "138.42", 0.042, 0.80, 4.0, 1.8, 2500),
    _coin("XRPUSD", "XRP", "0.0001", "1", "2.1460", 0.040, 0.72, 3.0, 1.8, 2500),
)
