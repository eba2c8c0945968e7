"""What a desk shares with others, in a thread of its own: neither a busy engine nor a slow Redis waits for the other."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable
from contextlib import suppress

from msgspec.structs import replace

from engine.clock import SystemClock
from engine.config import Settings
from engine.desk.desks import Desks
from engine.desk.quote_outbox import QuoteOutbox
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.desk.redis_quotes import RedisQuotes
from engine.desk.shared import SharedRedis
from engine.duties.firm_sums import FirmSums
from engine.duties.presence import presence_of
from engine.duties.quote_sharing import BY_DESK, QuoteSharing
from engine.environment import is_production
from engine.errors import ConfigError
from engine.messages.firm import DeskPresence
from engine.messages.shared_quotes import EVERY_S, SharedEntry
from engine.messages.views import HealthState
from engine.model.account import AccountMode
from engine.model.text import clean
from engine.observe.health import Reading
from engine.ports.secrets import Credential
from engine.ports.shared_quotes import OpenDesk, SharedQuotes, SharedUnusable
from engine.rooms import Rooms
from engine.security.audit.who import login_name
from engine.settings.redis import CREDENTIAL
from engine.thread import LoopThread

QUOTES = "shared_quotes"
"""The row of what the others are told of the market."""
LOOK_S = 1.0
"""How often Redis is looked at, whether there was news or not."""


def share(rooms: Rooms, read_credential: Callable[[str], Credential | None]) -> None:
    """Let an engine share with the desks of its Redis, where the settings name one; a replay shares nothing.

    Raises:
        ConfigError: a setting is wrong, or laxer than production allows.
        SecretsError: the place that keeps the password can't be asked.
    """
    settings = rooms.settings.redis
    rooms.firm.who = lambda: rooms.audit.who if rooms.audit is not None else login_name()
    if not settings.address or rooms.account.mode is AccountMode.REPLAY:
        return
    if settings.lost == "go-on" and is_production():
        raise ConfigError("redis.lost: in production expected reduce or halt, found go-on")
    clock = SystemClock()
    rooms.shared = SharedRedis(RedisLink(settings, read_credential(CREDENTIAL), clock), clock.now_ns)
    rooms.shared.link.tracer = rooms.firm.tracer = rooms.tracer
    rooms.desks = Desks(clock.monotonic_ns)
    name = name_of(rooms.settings)
    rooms.firm.share(name, settings.lost)
    if settings.share_quotes:
        _share_quotes(rooms)


def name_of(settings: Settings) -> str:
    """Return what the other desks call this one."""
    return clean(settings.redis.desk or f"{platform.node()}/{settings.account.name}", 40)


def desk_opener(settings: Settings, read_credential: Callable[[str], Credential | None]) -> OpenDesk:
    """Return what opens the quotes that another desk shares."""

    def open_desk(name: str) -> SharedQuotes:
        if not settings.redis.address:
            raise ConfigError(
                f"{BY_DESK}{name}: no Redis is shared here: set redis.address to the one that desk shares"
            )
        if name == name_of(settings):
            raise ConfigError(
                f"{BY_DESK}{name}: this desk is called so itself; redis.desk gives it another name"
            )
        clock = SystemClock()
        return RedisQuotes(RedisLink(settings.redis, read_credential(CREDENTIAL), clock), name, clock)

    return open_desk


def _share_quotes(rooms: Rooms) -> None:
    """Let the others follow the market, where it is the world's."""
    if rooms.account.mode is AccountMode.SIMULATED:
        reading = Reading(HealthState.OFF, "not shared", "a simulated market stays at its desk")
        rooms.health.register(QUOTES, "shared quotes", lambda: reading)
        return
    rooms.quotes = outbox = QuoteOutbox(rooms.ids.run, SystemClock())
    rooms.services.append((QUOTES, QuoteSharing(rooms.market, outbox).run))
    rooms.health.register(QUOTES, "shared quotes", lambda: Reading(*outbox.reading()), needs=("redis",))


def sharing_of(rooms: Rooms) -> Sharing | None:
    """Return what runs it, None where nothing is shared."""
    if rooms.shared is None or rooms.desks is None:
        return None
    return Sharing(rooms, rooms.shared, rooms.desks)


class Sharing:
    """Tells the others what is said here, and hears what they say."""

    def __init__(self, rooms: Rooms, shared: SharedRedis, desks: Desks) -> None:
        self._rooms = rooms
        self._switch = rooms.firm
        self._shared = shared
        self._desks = desks
        self._sums = FirmSums(rooms)
        self._said: DeskPresence | None = None
        self._thread = LoopThread("touchline-desks")
        self._due = asyncio.Event()
        self._one = asyncio.Lock()
        self._switch.wake = self._wake

    def look(self) -> None:
        """Note what this desk is now, and what is known of the others; on the engine's loop."""
        self._desks.ours = presence_of(self._rooms)
        self._desks.look()
        self._sums.look()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start(self._run)

    def stop(self) -> None:
        """Say that the desk was left in order, look no more, and wait for the thread."""
        self._thread.stop()

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hear())
                group.create_task(self._tell())
                group.create_task(self._be_there())
                if (outbox := self._rooms.quotes) is not None:
                    group.create_task(self._share_quotes(outbox))
        finally:
            if (ours := self._desks.ours) is not None:
                with suppress(RedisUnusable):
                    await self._shared.presence.say(replace(ours, has_ended=True))
            with suppress(OSError):
                await self._shared.link.close()

    def _wake(self) -> None:
        self._thread.call(self._due.set)

    async def _hear(self) -> None:
        """Look whenever somebody said something, and once a second: a message that is lost costs a second."""
        while True:
            await self._look()
            await self._shared.firm.news(LOOK_S)

    async def _tell(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            await self._look()

    async def _be_there(self) -> None:
        """Say what this desk is once a second, for as long as its engine says something new of it."""
        while True:
            ours, presence = self._desks.ours, self._shared.presence
            with suppress(RedisUnusable):
                found = await presence.say(None if ours is self._said else ours)
                self._said = ours
                self._switch.call(self._desks.take, found, presence.unread)
            await asyncio.sleep(LOOK_S)

    async def _share_quotes(self, outbox: QuoteOutbox) -> None:
        """Tell what changed of the market, entry by entry, and at the end that no more comes."""
        shared, due = RedisQuotes(self._shared.link, self._switch.name, SystemClock()), asyncio.Event()
        outbox.wake = lambda: self._thread.call(due.set)
        while shared.ahead_ns is None:
            try:
                await shared.newest()
            except SharedUnusable as error:
                outbox.trouble = clean(str(error))
                await asyncio.sleep(LOOK_S)
        try:
            while True:
                due.clear()
                await self._tell_quotes(outbox, shared, outbox.take(shared.ahead_ns))
                with suppress(TimeoutError):
                    async with asyncio.timeout(EVERY_S):
                        await due.wait()
        finally:
            await self._tell_quotes(outbox, shared, outbox.take(shared.ahead_ns, has_ended=True))

    async def _tell_quotes(self, outbox: QuoteOutbox, shared: RedisQuotes, entry: SharedEntry | None) -> None:
        if entry is None:
            return
        try:
            await shared.add(entry)
        except RedisUnusable as error:
            outbox.failed(entry, clean(str(error)))
        else:
            outbox.told(entry)

    async def _look(self) -> None:
        async with self._one:
            try:
                await self._switch.look(self._shared.firm)
            except Exception as error:  # noqa: BLE001  # a fault here must be seen, and the next look may be well
                self._switch.failed(f"a fault: {type(error).__name__}: {clean(str(error))}")
