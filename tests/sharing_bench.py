"""Desks of one firm on this machine: one follows a venue and shares that, others follow it over a real Redis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from engine.adapters.desks.market_data import DeskSource
from engine.bootstrap import live_engine
from engine.config import CredentialSettings, FilterSettings, MarketSettings, MetricsSettings, Settings
from engine.credentials import Credentials
from engine.engine import Engine
from engine.folders import Folders
from engine.messages.events import AlertRaised
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState, Trust
from engine.settings.redis import CREDENTIAL as NAME
from engine.settings.redis import RedisSettings
from engine.settings.venues import DeskFeedSettings, KrakenSettings, VenuesSettings
from tests.kraken_bench import BTC, ETH
from tests.redis_server import CREDENTIAL, RedisServer
from tests.venues.kraken.venue import KrakenVenue
from tests.waiting import wait_until

FROM_TOWER = "desk:tower"


def settings_for(
    root: Path,
    server: RedisServer | None,
    desk: str,
    *,
    venue: KrakenVenue | None = None,
    shares: bool = False,
    silence_s: float = 3.0,
    timeout_ms: int = 2_000,
) -> Settings:
    """Return the settings of a desk that shares this Redis."""
    keys = root / "keys"
    if not keys.exists():
        Credentials(Settings(credentials=CredentialSettings(key_file=str(keys)))).keep(NAME, CREDENTIAL)
    kraken = KrakenSettings(venue.stream_url, venue.rest_url, 10) if venue else KrakenSettings()
    return Settings(
        credentials=CredentialSettings(key_file=str(keys)),
        metrics=MetricsSettings(enabled=False),
        market=MarketSettings(FilterSettings(stale_after_s=60)),
        redis=RedisSettings(
            address=f"unix:{server.socket}" if server else "",
            timeout_ms=timeout_ms,
            desk=desk,
            share_quotes=shares,
        ),
        venues=VenuesSettings(kraken, desk=DeskFeedSettings(silence_s)),
    )


class Desk:
    """An engine in this process, and what a person there was told."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        source: str,
        symbols: Sequence[Symbol] = (BTC, ETH),
        **more: Sequence[Symbol],
    ) -> None:
        self.name = settings.redis.desk
        home = root / self.name
        folders = Folders(*(home / part for part in ("config", "data", "cache", "logs")))
        self.engine: Engine = live_engine(settings, folders, source, symbols, standby=more)
        self.rooms = self.engine._rooms
        self.alerts: list[str] = []
        self.rooms.bus.subscribe(AlertRaised, lambda event: self.alerts.append(event.text))

    @property
    def source(self) -> DeskSource:
        """What follows another desk."""
        return cast("DeskSource", self.rooms.venues[-1])

    def state(self, symbol: Symbol = BTC) -> MarketState | None:
        """What is known of a symbol, None while it is not listed."""
        return self.rooms.market.states.get(symbol)

    def trusts(self, symbol: Symbol = BTC) -> Trust:
        """Whether its price is believed now."""
        state = self.state(symbol)
        return Trust.NONE if state is None else state.trust(self.rooms.clock.now_ns())

    def row(self, name: str) -> str:
        """How a row of the health board reads."""
        reading = self.rooms.health.readings()[name]
        return f"{reading.state.value}: {reading.value}; {reading.detail}"

    def reason(self, symbol: Symbol = BTC) -> str:
        """Why a price is not believed."""
        state = self.state(symbol)
        return "" if state is None else state.distrust_reason

    def samples(self, name: str) -> float:
        """The sum of a metric, once it was measured."""
        wait_until(lambda: any(each.name == name for each in self.engine._observation.samples))
        return sum(each.value for each in self.engine._observation.samples if each.name == name)

    def hears(self, text: str) -> None:
        """Go on until a person was told that."""
        wait_until(lambda: any(text in alert for alert in tuple(self.alerts)))


@contextmanager
def running(desk: Desk) -> Iterator[Desk]:
    """Let a desk run."""
    desk.engine.start()
    try:
        yield desk
    finally:
        desk.engine.stop()


def touch(state: MarketState | None) -> tuple[int, ...]:
    """Return what the quote of a symbol is, with its times."""
    assert state is not None
    return (
        state.bid,
        state.ask,
        state.bid_size,
        state.ask_size,
        state.quote_event_ns,
        state.quote_receive_ns,
    )


def wait_for(desk: Desk, trust: Trust, *symbols: Symbol) -> None:
    """Wait until a desk believes these prices so."""
    wait_until(lambda: all(desk.trusts(symbol) is trust for symbol in symbols))


def agree(one: Desk, other: Desk, *symbols: Symbol) -> None:
    """Wait until two desks have the same quotes."""
    for symbol in symbols:
        wait_until(lambda symbol=symbol: touch(one.state(symbol)) == touch(other.state(symbol)))  # type: ignore[misc]  # mypy infers no type for its default
