"""Composes engines; the only importer of adapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.adapters.paper.broker import PaperBroker
from engine.bus import Bus
from engine.clock import Clock, SimulatedClock, SystemClock
from engine.config import Settings
from engine.engine import Engine
from engine.errors import ConfigError, EngineError, JournalError
from engine.folders import Folders
from engine.headless import run_to_end
from engine.hours.hours import MarketHours
from engine.ids import OrderIds
from engine.market.book import OrderBook
from engine.market.market import Market
from engine.model.account import RATE_SCALE, Account, AccountMode, CurrencyRates
from engine.model.instrument import MICROS, Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.working_orders import WorkingOrders
from engine.pace import Pace, StartAt
from engine.portfolio.ledger import Ledger
from engine.portfolio.valuation import Valuation
from engine.ports.market_data import MarketDataSource, Playback
from engine.risk.gate import RiskGate
from engine.risk.halt import TradingHalts
from engine.risk.limits_source import LimitsSource
from engine.rooms import Rooms
from engine.store.journal import FileJournal
from engine.wiring import connect


class _Instruments(Mapping[Symbol, Instrument]):
    """The instruments of the market's states, looked up in place."""

    def __init__(self, states: Mapping[Symbol, MarketState]) -> None:
        self._states = states

    def __getitem__(self, symbol: Symbol) -> Instrument:
        return self._states[symbol].instrument

    def __iter__(self) -> Iterator[Symbol]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)


class _PaperView:
    """The market as the paper broker looks at it."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def state(self, symbol: Symbol) -> MarketState | None:
        return self._market.states.get(symbol)

    def book(self, symbol: Symbol) -> OrderBook | None:
        return self._market.books.get(symbol)


def simulated_engine(
    settings: Settings, folders: Folders, *, seed: int, pace: Pace, ids: OrderIds | None = None
) -> Engine:
    """Return an engine on the simulated market, with a paper account.

    Raises:
        ConfigError: the limits file is wrong.
        JournalError: the journal can't be opened.
    """
    from engine.adapters.simulated.market import START_NS, SimulatedMarket  # noqa: PLC0415  # only what is used

    clock = SimulatedClock(START_NS)
    source = SimulatedMarket(clock, seed=seed, speed=pace.speed, events_per_s=pace.events_per_s)
    return Engine(_rooms(settings, folders, clock, source, source, AccountMode.SIMULATED, ids))


def replay_engine(
    settings: Settings,
    folders: Folders,
    files: Sequence[Path],
    *,
    pace: Pace,
    start_at: StartAt | None = None,
) -> Engine:
    """Return an engine on recorded market data, with a paper account.

    Raises:
        FileDataError: a file is missing or is not market data.
        ConfigError: the limits file is wrong.
        JournalError: the journal can't be opened.
    """
    return Engine(_replay_rooms(settings, folders, files, pace, start_at, stay_at_end=True))


def replay_summary(
    settings: Settings,
    folders: Folders,
    files: Sequence[Path],
    *,
    pace: Pace,
    start_at: StartAt | None = None,
) -> tuple[dict[str, object], EngineError | None]:
    """Run recorded market data to its end without a desk; return the summary, and what ended it early.

    Raises:
        FileDataError: a file is missing or is not market data.
        ConfigError: the limits file is wrong.
    """
    with TemporaryDirectory(prefix="touchline-") as scratch:
        scratch_folders = replace(folders, data=Path(scratch))
        rooms = _replay_rooms(settings, scratch_folders, files, pace, start_at, stay_at_end=False)
        try:
            return run_to_end(rooms)
        finally:
            rooms.journal.close()


def _replay_rooms(
    settings: Settings,
    folders: Folders,
    files: Sequence[Path],
    pace: Pace,
    start_at: StartAt | None,
    *,
    stay_at_end: bool,
) -> Rooms:
    from engine.adapters.replay import ReplaySource, check_files  # noqa: PLC0415  # only what is used

    check_files(files)
    clock = SimulatedClock(0)
    source = ReplaySource(
        files, clock, speed=pace.speed, events_per_s=pace.events_per_s, stay_at_end=stay_at_end
    )
    source.prepare()
    span_ns = source.span_ns
    if start_at is not None and span_ns is not None:
        source.jump(start_at(span_ns[0]))
    rooms = _rooms(settings, folders, clock, source, source, AccountMode.REPLAY)
    source.on_restart = partial(_start_over, rooms)
    return rooms


def _start_over(rooms: Rooms) -> None:
    """Forget the market and the orders of the time that was left; positions stay."""
    assert isinstance(rooms.broker, PaperBroker)
    rooms.broker.reset("the replay was moved back")
    rooms.market.reset()


def _rooms(
    settings: Settings,
    folders: Folders,
    clock: Clock,
    source: MarketDataSource,
    playback: Playback | None,
    mode: AccountMode,
    ids: OrderIds | None = None,
) -> Rooms:
    """Make every room and tie them together."""
    account, working, started_ns = _account(settings, mode), WorkingOrders(), SystemClock().now_ns()
    rates, market = _rates(settings), Market(settings.market, clock)
    ledger = Ledger(_Instruments(market.states), rates)
    limits, halts, hours = LimitsSource(folders.limits), TradingHalts(), MarketHours(folders.cache)
    limits.reload()
    gate = RiskGate(
        limits=limits,
        states=market.states,
        positions=ledger.positions,
        working=working,
        account=account,
        rates=rates,
        clock=clock,
        halts=halts,
        hours=hours.session_at,
        leverage_max=settings.account.leverage_max,
    )
    broker = PaperBroker(settings.paper, clock, _PaperView(market))
    broker.opened = lambda symbol: market.listen_to(symbol, broker.on_quote)
    market.listen(on_trade=broker.on_trade, on_book=broker.on_book, on_status=broker.on_status)
    rooms = Rooms(
        settings=settings,
        folders=folders,
        clock=clock,
        bus=Bus(),
        ids=ids or OrderIds(started_ns),
        market=market,
        working=working,
        account=account,
        rates=rates,
        ledger=ledger,
        valuation=_valuation(settings, account, ledger, market, rates, working, clock),
        limits=limits,
        halts=halts,
        hours=hours,
        gate=gate,
        broker=broker,
        journal=_journal(folders, mode, started_ns),
        source=source,
        playback=playback,
    )
    connect(rooms, _Instruments(market.states))
    return rooms


def _valuation(
    settings: Settings,
    account: Account,
    ledger: Ledger,
    market: Market,
    rates: CurrencyRates,
    working: WorkingOrders,
    clock: Clock,
) -> Valuation:
    leverage_max = settings.account.leverage_max
    return Valuation(account, ledger, market.states, rates, clock, orders=working, leverage_max=leverage_max)


def _account(settings: Settings, mode: AccountMode) -> Account:
    wanted = settings.account
    cash_micros = wanted.cash * MICROS
    if cash_micros != int(cash_micros) or cash_micros <= 0:
        raise ConfigError(
            f"account.cash: expected an amount above 0 with at most 6 decimals, found {wanted.cash}"
        )
    return Account(wanted.name, mode, wanted.base_currency, int(cash_micros))


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


def _journal(folders: Folders, mode: AccountMode, started_ns: int) -> FileJournal:
    """Open this run's journal; it is named for the account's mode and the moment of the start."""
    folder = folders.data / "journal"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise JournalError(f"{folder}: the journal needs this folder: {error.strerror or error}") from error
    return FileJournal(folder / f"{mode.value}-{started_ns // 1_000_000}.journal").open()
