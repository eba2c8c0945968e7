"""An engine's rooms in front of the bridge, with a venue in a process of its own behind it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from pathlib import Path

from engine import bootstrap
from engine.adapters.bridge.broker import BridgeBroker
from engine.clock import SimulatedClock
from engine.config import (
    BrokerSettings,
    CredentialSettings,
    JournalSettings,
    MetricsSettings,
    SafetySettings,
    Settings,
)
from engine.folders import Folders
from engine.messages.events import AlertRaised
from engine.model.account import AccountMode
from engine.model.order import Order, OrderRequest
from engine.rooms import Rooms
from engine.settings.redis import RedisSettings
from tests.engine_rooms import ABC, NOON_NS, XYZ, Silent, buying, quoted, share
from tests.unit.engine.bridge_bench import PATIENCE_S, VenueProcess


class BridgedRooms:
    """The rooms of one life of a desk; its loop runs only while somebody waits for something."""

    def __init__(
        self,
        root: Path,
        address: str,
        safety: SafetySettings | None = None,
        redis: RedisSettings | None = None,
        key_file: str = "",
    ) -> None:
        folders = Folders(root / "config", root / "data", root / "cache", root / "logs")
        folders.config.mkdir(parents=True, exist_ok=True)
        settings = Settings(
            broker=BrokerSettings(kind="bridge", address=address),
            journal=JournalSettings(durability="process"),
            metrics=MetricsSettings(enabled=False),
            safety=safety or SafetySettings(),
            redis=redis or RedisSettings(),
            credentials=CredentialSettings(key_file=key_file),
        )
        clock = SimulatedClock(NOON_NS)
        mode = AccountMode.SIMULATED
        self.rooms: Rooms = bootstrap._rooms(settings, folders, clock, Silent(), None, mode)
        self.alerts: list[str] = []
        self.rooms.bus.subscribe(AlertRaised, lambda alert: self.alerts.append(alert.text))
        for symbol in (ABC, XYZ):
            self.rooms.market.on_listed(share(symbol))
            quoted(self.rooms, symbol, 10_000)
        assert isinstance(self.rooms.broker, BridgeBroker)
        self.bridge = self.rooms.broker
        self._sizes = itertools.count(10)
        self._loop = asyncio.new_event_loop()
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> BridgedRooms:
        """Begin as the engine does: the comparison first, then the way to the gateway."""

        async def begin() -> None:
            self.rooms.orders.begin(had_history=bool(self.rooms.recovered.records))
            services = dict(self.rooms.services)
            self._tasks = [
                asyncio.create_task(services[name]()) for name in ("lease", "broker") if name in services
            ]

        self._loop.run_until_complete(begin())
        return self

    def close(self) -> None:
        """End this life in order, once."""
        if self._loop.is_closed():
            return
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(task)
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()
        self.rooms.journal.close()

    def dies(self) -> None:
        """Let the connection end as it does when the process is killed."""
        link = self.bridge.way._link
        assert link is not None
        link.drop("killed")
        self._loop.run_until_complete(asyncio.sleep(0))
        self.close()

    def wait_for(self, is_so: Callable[[], object]) -> None:
        """Let the loop run until it is so."""

        async def wait() -> None:
            async with asyncio.timeout(PATIENCE_S):
                while not is_so():  # noqa: ASYNC110  # what is waited for has no event
                    await asyncio.sleep(0.001)

        self._loop.run_until_complete(wait())

    def do(self, deed: Callable[[], object]) -> None:
        """Do something on the loop, and let it do what follows at once."""

        async def doing() -> None:
            deed()
            await asyncio.sleep(0)

        self._loop.run_until_complete(doing())

    def working(self) -> Order:
        """Let an order work at the venue."""
        order = self.sends()
        self.wait_for(lambda: order.venue_id)
        return order

    def sends(self, change: Callable[[OrderRequest], OrderRequest] = lambda request: request) -> Order:
        """Send an order of a size of its own; return it, denied or not."""
        request = change(buying(self.rooms, next(self._sizes), 9_900).request)
        self.do(lambda: self.rooms.orders.submit(request))
        return self.rooms.orders.orders[request.client_id]

    def loses(self, venue: VenueProcess) -> None:
        """Let the venue be killed, and the desk notice."""
        venue.kill()
        self.wait_for(lambda: not self.rooms.orders.reconciler.connection.is_open)


def kinds_since_the_last_hello(venue: VenueProcess) -> list[str]:
    """Return what kinds of message the desk sent over its last connection, pings apart."""
    entries = [json.loads(line) for line in venue.log.read_text().splitlines()]
    said = [each["message"]["type"] for each in entries if each["what"] == "received"]
    return [kind for kind in "\n".join(said).rpartition("hello")[2].split() if kind != "ping"]
