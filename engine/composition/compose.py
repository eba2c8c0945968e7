"""Makes the rooms of one engine and ties them together; brokers and sources are handed in."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from engine.bus import Bus
from engine.clock import Clock, SystemClock
from engine.composition.wiring import connect
from engine.config import Settings
from engine.errors import ConfigError
from engine.folders import Folders
from engine.hours.hours import MarketHours
from engine.ids import OrderIds
from engine.market.market import Market
from engine.model.abilities import BrokerAbilities
from engine.model.ability_table import EVERYTHING
from engine.model.account import RATE_SCALE, Account, AccountMode, CurrencyRates
from engine.model.instrument import MICROS
from engine.model.text import clean
from engine.model.trading_day import ALWAYS_OPEN, EXCHANGE_ZONES, FX
from engine.model.working_orders import WorkingOrders
from engine.observe.traces import Traces, traces_of
from engine.portfolio.ledger import Ledger
from engine.portfolio.valuation import Valuation
from engine.ports.broker import Broker
from engine.ports.market_data import MarketDataSource, Playback
from engine.risk.arming import Arming
from engine.risk.gate import RiskGate
from engine.risk.halt import TradingHalts
from engine.risk.limits_source import LimitsSource
from engine.rooms import Rooms
from engine.store.journal import SegmentJournal
from engine.transport.address import checked_url

SIMULATED_EXCHANGE = "XNYS"
"""The calendar of the market that most of the simulated instruments trade on."""

MakeBroker = Callable[[Market, str], Broker]
"""Makes the broker, given the market it may look at and the run that its ids are set apart by."""


def compose(
    settings: Settings,
    folders: Folders,
    clock: Clock,
    source: MarketDataSource,
    playback: Playback | None,
    mode: AccountMode,
    *,
    journal: SegmentJournal,
    make_broker: MakeBroker,
    abilities: BrokerAbilities = EVERYTHING,
    ids: OrderIds | None = None,
    account_clock: Clock | None = None,
) -> Rooms:
    """Return the rooms, the account as its journal tells it; its time is the market's unless told otherwise.

    Raises:
        ConfigError: the limits file or an account setting is wrong.
        JournalError: the journal can't be read back.
    """
    account, working = _account(settings, mode), WorkingOrders()
    account_clock = account_clock or clock
    rates, market = _rates(settings), Market(settings.market, clock)
    instruments = market.instruments
    ledger = Ledger(instruments, rates)
    limits, halts, hours = LimitsSource(folders.limits), TradingHalts(), MarketHours(folders.cache)
    limits.reload()
    arming = Arming(needs_name=mode is AccountMode.LIVE)
    leverage_max, ids = settings.account.leverage_max, ids or OrderIds(SystemClock().now_ns())
    make_gate = partial(_gate, leverage_max=leverage_max, abilities=abilities)
    gate = make_gate(account, rates, market, ledger, working, clock, limits, halts, arming, hours)
    value = partial(Valuation, account, ledger, market.states, rates, clock, account_clock)
    valuation = value(orders=working, leverage_max=leverage_max, calendar=_calendar(settings, mode))
    rooms = Rooms(
        settings=settings,
        folders=folders,
        clock=clock,
        account_clock=account_clock,
        bus=Bus(),
        ids=ids,
        market=market,
        working=working,
        account=account,
        rates=rates,
        ledger=ledger,
        valuation=valuation,
        limits=limits,
        halts=halts,
        arming=arming,
        hours=hours,
        gate=gate,
        broker=make_broker(market, ids.run),
        journal=journal,
        source=source,
        playback=playback,
        abilities=abilities,
        traces=_traces(settings, mode, ids.run),
    )
    connect(rooms, instruments)
    return rooms


def _gate(
    account: Account,
    rates: CurrencyRates,
    market: Market,
    ledger: Ledger,
    working: WorkingOrders,
    clock: Clock,
    limits: LimitsSource,
    halts: TradingHalts,
    arming: Arming,
    hours: MarketHours,
    *,
    leverage_max: Decimal,
    abilities: BrokerAbilities,
) -> RiskGate:
    return RiskGate(
        limits=limits,
        states=market.states,
        positions=ledger.positions,
        working=working,
        account=account,
        rates=rates,
        clock=clock,
        halts=halts,
        arming=arming,
        hours=hours.session_at,
        leverage_max=leverage_max,
        abilities=abilities,
    )


def _account(settings: Settings, mode: AccountMode) -> Account:
    wanted = settings.account
    cash_micros = wanted.cash * MICROS
    if cash_micros != int(cash_micros) or cash_micros <= 0:
        raise ConfigError(
            f"account.cash: expected an amount above 0 with at most 6 decimals, found {wanted.cash}"
        )
    return Account(wanted.name, mode, wanted.base_currency, int(cash_micros))


def _calendar(settings: Settings, mode: AccountMode) -> str:
    """Return whose trading days are the account's."""
    wanted = settings.account.calendar
    if wanted and wanted not in {ALWAYS_OPEN, FX, *EXCHANGE_ZONES}:
        known = ", ".join(EXCHANGE_ZONES)
        raise ConfigError(
            f"account.calendar: expected 24/7, FX or one of {known}; found {clean(wanted, 32)!r}"
        )
    return wanted or (SIMULATED_EXCHANGE if mode is AccountMode.SIMULATED else ALWAYS_OPEN)


def _rates(settings: Settings) -> CurrencyRates:
    """Begin with the pegs; quoted pairs overrule them."""
    base, pegs = settings.account.base_currency, settings.account.pegs
    rates = CurrencyRates(base)
    for currency, worth in pegs.items() if base in pegs else ():
        if worth <= 0 or pegs[base] <= 0:
            raise ConfigError(f"account.pegs.{currency}: expected a worth above 0, found {worth}")
        if currency != base:
            rates.set(currency, int(worth / pegs[base] * RATE_SCALE))
    return rates


def _traces(settings: Settings, mode: AccountMode, run: str) -> Traces | None:
    """Return what traces an engine, None where that is off; what was recorded is not traced when it is played."""
    if settings.traces.endpoint and mode is not AccountMode.REPLAY:
        checked_url("traces.endpoint", settings.traces.endpoint, "https")
        about = {"touchline.account": settings.account.name, "touchline.mode": mode.value}
        return traces_of(settings.traces, {"service.instance.id": run, **about})
    return None
