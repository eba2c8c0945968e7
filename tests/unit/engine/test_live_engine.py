"""An engine on live market data, as the program composes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.bootstrap import live_engine
from engine.bus import Bus
from engine.clock import SystemClock
from engine.config import BrokerSettings, MetricsSettings, Settings
from engine.duties.announcing import announce
from engine.engine import Engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.messages.catalogue import CatalogueView, VenueListings
from engine.messages.circuits import CircuitChanged, CircuitState, Operation
from engine.messages.commands import ReadListings
from engine.messages.events import AlertRaised, Severity
from engine.messages.views import Frame, HealthState, ViewRequest
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.observe.metrics import Sample
from engine.observe.venues import VENUE_METRICS
from engine.settings.venues import BinanceSettings, KrakenSettings, VenuesSettings
from tests import binance_bench
from tests.catalogue_bench import nowhere
from tests.kraken_bench import BTC, ETH, venue_with_books
from tests.venues.kraken.venue import KrakenVenue
from tests.waiting import wait_until


@pytest.fixture
def venue() -> Iterator[KrakenVenue]:
    with venue_with_books() as each:
        yield each


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))


def settings_for(venue: KrakenVenue, **changes: object) -> Settings:
    kraken = KrakenSettings(venue.stream_url, venue.rest_url, 10)
    return Settings(
        metrics=MetricsSettings(enabled=False),
        venues=VenuesSettings(kraken),
        **changes,  # type: ignore[arg-type]
    )


def samples_of(engine: Engine) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = {}
    for sample in engine._observation.samples:
        found.setdefault(sample.name, []).append(sample)
    return found


def test_it_is_a_paper_account_of_its_own_in_the_worlds_time(venue: KrakenVenue, folders: Folders) -> None:
    engine = live_engine(settings_for(venue), folders, "kraken", [BTC, ETH])
    rooms = engine._rooms
    assert engine.mode is AccountMode.PAPER
    assert isinstance(rooms.clock, SystemClock)
    assert rooms.account_clock is rooms.clock
    assert [path.name for path in (folders.data / "journal").iterdir()] == ["paper"]
    rooms.journal.close()


def test_what_a_venue_says_of_itself_is_on_the_board_and_in_the_metrics(
    venue: KrakenVenue, folders: Folders
) -> None:
    engine = live_engine(settings_for(venue), folders, "kraken", [BTC, ETH])
    engine.start()
    try:
        board = engine._rooms.health
        wait_until(lambda: "venue" in board.readings() and board.reading("venue").value == "connected")
        wait_until(lambda: {metric.name for metric in VENUE_METRICS} <= samples_of(engine).keys())
        samples = samples_of(engine)
        assert [dict(each.labels) for each in samples["touchline_circuit_state"]] == [
            {"venue": "kraken", "operation": "data"},
            {"venue": "kraken", "operation": "history"},
        ]
        assert [each.value for each in samples["touchline_circuit_state"]] == [0, 0]
        assert [each.value for each in samples["touchline_venue_connections_total"]] == [1]
    finally:
        engine.stop()


def test_a_market_at_which_nothing_changes_is_quiet_and_one_that_gives_no_sign_is_silent(
    venue: KrakenVenue, folders: Folders
) -> None:
    engine = live_engine(settings_for(venue), folders, "kraken", [BTC, ETH])
    engine.start()
    try:
        board = engine._rooms.health
        wait_until(lambda: "feed" in board.readings() and board.reading("feed").value == "quiet")
        assert board.reading("feed").state is HealthState.OK
        ages = samples_of(engine)["touchline_feed_age_seconds"]
        assert all(each.value < 3 for each in ages)
        venue.floor.faults.mute = True
        wait_until(lambda: board.reading("feed").value == "silent")
        assert board.reading("feed").state is HealthState.DOWN
    finally:
        engine.stop()


def test_symbols_that_the_venue_does_not_have_are_refused_before_anything_is_made(
    venue: KrakenVenue, folders: Folders
) -> None:
    with pytest.raises(ConfigError, match="Kraken has no pair ETH/EUR; it has ETH/USD, DOGE/EUR"):
        live_engine(settings_for(venue), folders, "kraken", [BTC, type(BTC)("ETH/EUR")])
    assert not folders.data.exists()


def test_symbols_that_binance_does_not_have_are_refused_and_others_that_can_not_be_asked_for_are_not(
    folders: Folders,
) -> None:
    with binance_bench.venue_with_books() as there:
        venues = VenuesSettings(binance=BinanceSettings(there.stream_url, there.api_url))
        settings = Settings(metrics=MetricsSettings(enabled=False), venues=venues)
        for name in ("BTCUSD", "BTC\u00dc"):
            with pytest.raises(ConfigError, match=f"Binance has no pair {name}"):
                live_engine(settings, folders, "binance", [binance_bench.BTC, type(BTC)(name)])
        assert not folders.data.exists()
        there.floor.faults.status = 451
        live_engine(settings, folders, "binance", [type(BTC)("BTCUSD")])._rooms.journal.close()


def test_a_venue_that_can_not_be_asked_does_not_hold_the_start_up(
    venue: KrakenVenue, folders: Folders
) -> None:
    venue.close()
    engine = live_engine(settings_for(venue), folders, "kraken", [BTC])
    engine.start()
    venue.open()
    try:
        wait_until(lambda: BTC in engine._rooms.market.books and engine._rooms.market.books[BTC].synced)
    finally:
        engine.stop()


def test_a_gateway_does_not_go_with_live_data(venue: KrakenVenue, folders: Folders) -> None:
    settings = settings_for(venue, broker=BrokerSettings(kind="bridge", address="tcp:127.0.0.1:1"))
    with pytest.raises(ConfigError, match=r"broker\.kind"):
        live_engine(settings, folders, "kraken", [BTC])


@pytest.mark.parametrize(
    ("after", "severity", "text"),
    [
        (
            CircuitState.OPEN,
            Severity.CRITICAL,
            "data is left alone for a while: timed out",
        ),
        (CircuitState.HALF_OPEN, Severity.INFO, "data is tried once"),
        (CircuitState.CLOSED, Severity.INFO, "data answers again"),
    ],
)
def test_a_circuit_that_changes_is_an_event_and_an_alert(
    after: CircuitState, severity: Severity, text: str
) -> None:
    bus, heard = Bus(), list[object]()
    bus.subscribe(CircuitChanged, heard.append)
    bus.subscribe(AlertRaised, heard.append)
    changed = CircuitChanged("kraken", Operation.DATA, CircuitState.CLOSED, after, "timed out", 5)
    announce(bus, changed)
    assert heard == [changed, AlertRaised(severity, "kraken", text, 5)]


@pytest.mark.parametrize(
    ("standby", "symbols", "sentence"),
    [
        ({"kraken": []}, ["BTC/USD"], "--standby kraken: it can't stand by for itself"),
        ({"binance": ["BTCUSDT"]}, ["BTC/USD", "ETH/USD"], "expected 2 names, one for each symbol, found 1"),
        ({"binance": ["BTCUSDT", "BTCUSDT"]}, ["BTC/USD", "ETH/USD"], "found 1"),
        ({"elsewhere": []}, ["BTC/USD"], "it is not known what BTC/USD is called there; say so"),
    ],
)
def test_who_can_not_stand_by_is_refused_before_anything_is_made(
    venue: KrakenVenue,
    folders: Folders,
    standby: dict[str, list[Symbol]],
    symbols: list[Symbol],
    sentence: str,
) -> None:
    with pytest.raises(ConfigError, match=re.escape(sentence)):
        live_engine(settings_for(venue), folders, "kraken", symbols, standby=standby)
    assert not folders.data.exists()


def test_what_venues_list_is_told_to_the_screen_once_it_was_wanted(
    venue: KrakenVenue, folders: Folders
) -> None:
    kraken = KrakenSettings(venue.stream_url, venue.rest_url, 10)
    settings = Settings(metrics=MetricsSettings(enabled=False), venues=replace(nowhere(), kraken=kraken))
    engine = live_engine(settings, folders, "kraken", [BTC, ETH])
    told: list[CatalogueView] = []

    def of_kraken(view: CatalogueView) -> VenueListings:
        return view.venues[-1]

    def take(frame: Frame) -> None:
        told.extend([frame.catalogue] if frame.catalogue is not None else [])

    def is_known() -> bool:
        engine.drain(ViewRequest(), take)
        return bool(told and of_kraken(told[-1]).read_ns)

    engine.start()
    try:
        engine.drain(ViewRequest(everything=True), take)
        wait_until(lambda: bool(told))
        assert [each.venue for each in told[0].venues] == ["alpaca", "binance", "coinbase", "kraken"]
        assert of_kraken(told[0]) == VenueListings("kraken")
        engine.submit(ReadListings())
        wait_until(is_known)
        assert {each.symbol for each in of_kraken(told[-1]).listings} == {"BTC/USD", "ETH/USD", "DOGE/EUR"}
    finally:
        engine.stop()
    assert [path.name for path in (folders.cache / "listings").iterdir()] == ["kraken.tll"]
