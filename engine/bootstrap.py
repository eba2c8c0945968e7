"""Composes engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import structs

from engine.account.alerts import look_after
from engine.account.journal import (
    clean_name,
    journal_folder,
    latch_path,
    open_account,
    set_aside,
    watch_path,
)
from engine.account.lease import tend
from engine.account.recovery import last_written_ns, recover
from engine.account.signals import predict
from engine.account.stand_by import Opened
from engine.adapters.built_in import OURS
from engine.adapters.catalogues import readers
from engine.adapters.live_sources import begin, begin_standby
from engine.adapters.pair_names import name_at
from engine.adapters.paper.broker import PaperBroker
from engine.adapters.registry import find
from engine.catalogue import Catalogue, listings_folder
from engine.clock import Clock, SimulatedClock, SystemClock
from engine.composition.brokers import check_kind, check_live, check_paper_name, maker_of
from engine.composition.compose import compose
from engine.composition.more_symbols import watch_more
from engine.composition.own_brokers import restore, tell_bridge
from engine.composition.ranked_sources import rank_sources
from engine.config import Settings
from engine.credentials import Credentials
from engine.duties.announcing import announce
from engine.duties.auditing import audit_writer
from engine.duties.market_cache import remember
from engine.engine import Engine
from engine.errors import ConfigError, EngineError
from engine.folders import Folders
from engine.headless import run_to_end
from engine.ids import OrderIds
from engine.model.ability_table import abilities_of
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.pace import Pace, StartAt
from engine.ports.market_data import MarketDataSource, Playback
from engine.preflight.readiness import ask_before_arming
from engine.risk.latch import HaltLatch
from engine.rooms import Rooms
from engine.settings.signals import SignalSettings
from engine.sharing import desk_opener, share
from engine.store.cipher import Cipher

if TYPE_CHECKING:  # loaded only where there are models
    from engine.rehearsal import Rehearsed
    from engine.signals.registry.one_version import OneVersion
    from engine.signals.registry.registry import Registry


def simulated_engine(
    settings: Settings,
    folders: Folders,
    *,
    seed: int,
    pace: Pace,
    ids: OrderIds | None = None,
    fresh: bool = False,
    start: time | None = None,
    cipher: Cipher | None = None,
    credentials: Credentials | None = None,
    opened: Opened | None = None,
) -> Engine:
    """Return an engine on the simulated market, with the paper account as it was left, or a fresh one.

    The market's time goes on where the account's ends: on the next trading day, at `start` in New York. With a gateway the account
    lives in the world's time, and nobody may hold the market or speed it up.

    Raises:
        ConfigError: the limits file is wrong, or the pace is not what a gateway allows.
        SecretsError: the place that keeps the password of Redis can't be asked.
        JournalError: the journal can't be opened or read back.
    """
    from engine.adapters.simulated.market import SimulatedMarket, start_after  # noqa: PLC0415  # only what is used

    ids = ids or OrderIds(SystemClock().now_ns())
    has_gateway = settings.broker.kind == "bridge"
    check_live(settings)
    if (kind := settings.broker.kind) not in {"bridge", "paper"}:
        raise ConfigError(
            f"broker.kind: orders to {find(kind).label} go with its market data: touchline live {kind}"
        )
    if has_gateway:
        check_paper_name(settings.account.name, "on the simulated market a gateway must have")
        _check_pace(pace)
    folder = journal_folder(settings, folders, AccountMode.SIMULATED, ids.run)
    if fresh:
        set_aside(folder, ids.run)
    opened = opened or Opened(open_account(settings.journal, folder, strict=True, cipher=cipher))
    start_ns = start_after(last_written_ns(opened.journal), start)
    clock = SimulatedClock(start_ns)
    source = SimulatedMarket(
        clock, seed=seed, speed=pace.speed, events_per_s=pace.events_per_s, start_ns=start_ns
    )
    playback = None if has_gateway else source
    mode = AccountMode.SIMULATED
    return Engine(_rooms(settings, folders, clock, source, playback, mode, ids, opened, credentials))


def live_engine(
    settings: Settings,
    folders: Folders,
    venue: str,
    symbols: Sequence[Symbol],
    *,
    standby: Mapping[str, Sequence[Symbol]] = MappingProxyType({}),
    ids: OrderIds | None = None,
    fresh: bool = False,
    credentials: Credentials | None = None,
    cipher: Cipher | None = None,
    opened: Opened | None = None,
) -> Engine:
    """Return an engine on a venue's live market data, with the account as it was left, or a fresh one.

    It is a paper account unless the settings say that it is a live one.
    Other venues may stand by, in this order; each with its names of the same symbols, or none where they follow from the first's.

    Raises:
        ConfigError: a venue has no such symbol, a setting is wrong, or another broker is set.
        SecretsError: the place that keeps the keys can't be asked.
        JournalError: the journal can't be opened or read back.
    """
    adapter = find(venue)
    check_kind(settings, adapter)
    check_live(settings)
    mode = AccountMode.LIVE if settings.account.live else AccountMode.PAPER
    ids, clock = ids or OrderIds(SystemClock().now_ns()), SystemClock()
    read_credential = (credentials or Credentials(settings)).read
    open_desk = desk_opener(settings, read_credential)
    source = begin(adapter, settings, symbols, clock, read_credential, open_desk)
    others = [
        begin_standby(each, names, source, settings, clock, read_credential, open_desk)
        for each, names in standby.items()
    ]
    folder = journal_folder(settings, folders, mode, ids.run)
    if fresh:
        set_aside(folder, ids.run)
    opened = opened or Opened(open_account(settings.journal, folder, strict=True, cipher=cipher))
    rooms = _rooms(settings, folders, clock, source, None, mode, ids, opened, credentials)
    source.publish = partial(announce, rooms.bus)
    rooms.venues.append(source)
    rooms.market.resync_requested = source.request_snapshot
    ranked = rank_sources(rooms, source, others, name_at) if others else source
    cache = remember(rooms, folders.cache / "market" / clean_name(venue), source)
    watch_more(rooms, adapter, ranked, cache, watch_path(folder))
    cache.recall()
    asked = {each.name: each for each in (*OURS.values(), adapter)}.values()
    reading = readers(asked, settings, clock, read_credential)
    ask_before_arming(rooms, credentials)
    rooms.catalogue = Catalogue(listings_folder(folders), clock, reading)
    rooms.services.append(("catalogue", rooms.catalogue.run))
    return Engine(rooms)


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


def rehearsed(
    settings: Settings,
    folders: Folders,
    files: Sequence[Path],
    table: SignalSettings,
    registry: OneVersion,
) -> Rehearsed:
    """Return what a version would have done on recorded market data, on a paper account of its own that is gone afterwards.

    Raises:
        FileDataError: a file is missing or is not market data.
        ConfigError: a limit of the table is none.
        EngineError: the version can't be loaded or armed.
    """
    from engine.rehearsal import rehearse  # noqa: PLC0415  # only what is used

    journal = structs.replace(settings.journal, durability="process")
    settings = structs.replace(settings, signals=(table,), journal=journal)
    with TemporaryDirectory(prefix="touchline-") as scratch:
        apart = replace(folders, data=Path(scratch))
        pace = Pace(speed=0.0)
        rooms = _replay_rooms(settings, apart, files, pace, None, stay_at_end=False, registry=registry)
        try:
            return rehearse(rooms, registry.version)
        finally:
            rooms.journal.close()


def _replay_rooms(  # a rehearsal adds its registry
    settings: Settings,
    folders: Folders,
    files: Sequence[Path],
    pace: Pace,
    start_at: StartAt | None,
    *,
    stay_at_end: bool,
    registry: Registry | None = None,
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
    rooms = _rooms(settings, folders, clock, source, source, AccountMode.REPLAY, registry=registry)
    source.on_restart = partial(_start_over, rooms)
    return rooms


def _start_over(rooms: Rooms) -> None:
    """Forget the market of the time that was left; there were no orders in it, or it would not be left."""
    assert isinstance(rooms.broker, PaperBroker)
    rooms.broker.reset("the replay was moved back")
    rooms.market.reset()
    rooms.orders.reconciler.rearm()


def _rooms(
    settings: Settings,
    folders: Folders,
    clock: Clock,
    source: MarketDataSource,
    playback: Playback | None,
    mode: AccountMode,
    ids: OrderIds | None = None,
    opened: Opened | None = None,
    credentials: Credentials | None = None,
    registry: Registry | None = None,
) -> Rooms:
    """Compose the rooms with the settings' broker, and bring the account back to where it was left."""
    ids = ids or OrderIds(SystemClock().now_ns())
    kind = settings.broker.kind if mode is not AccountMode.REPLAY else "paper"
    account_clock = SystemClock() if kind == "bridge" else clock
    folder = journal_folder(settings, folders, mode, ids.run)
    opened = opened or Opened(open_account(settings.journal, folder, strict=mode is not AccountMode.REPLAY))
    rooms = compose(
        settings,
        folders,
        clock,
        source,
        playback,
        mode,
        journal=opened.journal,
        make_broker=partial(maker_of(kind), settings, account_clock, source),
        abilities=abilities_of(kind),
        ids=ids,
        account_clock=account_clock,
    )
    if kind == "bridge":
        tell_bridge(rooms)
    tend(rooms, f"{clean_name(kind)}/{clean_name(settings.account.name)}", credentials)
    if mode is not AccountMode.REPLAY:
        rooms.latch = HaltLatch(latch_path(folder), rooms.halts)
        rooms.audit = audit_writer(folders)
        look_after(rooms, folder, (credentials or Credentials(settings)).read)
    recover(rooms, opened.followed)
    restore(rooms)
    share(rooms, (credentials or Credentials(settings)).read)
    predict(rooms, folder, credentials, registry)
    return rooms


def _check_pace(pace: Pace) -> None:
    if pace.speed != 1.0:
        raise ConfigError("--speed: with a gateway the market keeps the world's time, as the broker does")
