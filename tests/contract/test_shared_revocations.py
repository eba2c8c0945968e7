"""Revocations in a real Redis, in the clear and encrypted, and what becomes of them when it fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import Clock, SystemClock
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.desk.redis_revocations import RedisRevocations
from engine.ports.revocations import RevocationStore, Revoked, Turn, What
from engine.security.tokens.keys import SigningKeys, new_signing_keys
from engine.security.tokens.refusal import Reason
from engine.security.tokens.revocations import Revocations
from engine.settings.redis import RedisSettings
from tests.contract.revocation_promises import Desk, RevocationPromises, refused
from tests.redis_server import CREDENTIAL, RedisServer, free_port, has_tls, needs_redis, needs_tls
from tests.tls_server import certificate
from tests.waiting import until

pytestmark = needs_redis


@pytest.fixture
def keys() -> SigningKeys:
    return new_signing_keys()


class LinkedRevocations(RedisRevocations):
    """Revocations with a way of their own to the server."""

    def __init__(self, settings: RedisSettings, clock: Clock) -> None:
        self.link = RedisLink(settings, CREDENTIAL, SystemClock())
        super().__init__(self.link, clock)

    async def close(self) -> None:
        await self.link.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    folder = tmp_path_factory.mktemp("redis")
    own = certificate(folder, "localhost", 10) if has_tls() else None
    with RedisServer(folder / "r", port=free_port(), certificate=own) as one:
        yield one


@pytest.fixture
def place(server: RedisServer) -> Path:
    """Return a server that holds nothing."""
    with server.own() as own:
        own.flushall()
    return server.folder


class TestRedis(RevocationPromises):
    def store(self, place: Path, clock: Clock) -> RevocationStore:
        return LinkedRevocations(RedisSettings(address=f"unix:{place / 's'}", timeout_ms=5_000), clock)


class EncryptedRedis(RevocationPromises):
    def __init__(self, server: RedisServer) -> None:
        self.settings = RedisSettings(
            address=f"tls:localhost:{server.port}",
            ca_file=str(server.folder.parent / "certificate.pem"),
            timeout_ms=5_000,
        )

    def store(self, place: Path, clock: Clock) -> RevocationStore:
        del place
        return LinkedRevocations(self.settings, clock)


@needs_tls
def test_the_promises_hold_over_an_encrypted_connection(
    server: RedisServer, place: Path, keys: SigningKeys
) -> None:
    promises = EncryptedRedis(server)
    promises.test_of_many_refreshes_at_once_exactly_one_is_answered(place, keys)
    promises.test_a_desk_that_watches_hears_of_it_by_itself(place, keys)


def test_news_come_by_a_message_and_not_by_the_next_look(server: RedisServer, place: Path) -> None:
    assert place == server.folder

    async def hear() -> None:
        here, there = (LinkedRevocations(server.settings, SystemClock()) for _ in range(2))
        hearing = asyncio.create_task(there.news(3_600))
        with server.own() as own:
            await until(lambda: own.pubsub_numsub("desk:{tokens}:version")[0][1])
        await here.add([Revoked(What.TOKEN, "a", int(time.time()) + 100)])
        await until(hearing.done)
        await here.close()
        await there.close()

    asyncio.run(hear())


def test_redis_lets_go_of_entries_and_families_with_their_tokens(server: RedisServer, place: Path) -> None:
    until_s = int(time.time()) + 1_000

    async def keep() -> None:
        store = LinkedRevocations(server.settings, SystemClock())
        await store.begin_family("f", "one", until_s)
        assert await store.turn_family("f", "one", "two", Revoked(What.FAMILY, "f", until_s)) is Turn.TURNED
        await store.add([Revoked(What.TOKEN, "a", until_s - 500), Revoked(What.TOKEN, "b", until_s)])
        await store.close()

    asyncio.run(keep())
    with server.own() as own:
        names = [f"desk:{{tokens}}:{each}" for each in ("revoked", "family:f")]
        ends = {name: own.expiretime(name) for name in names}
    assert place == server.folder
    assert ends == {"desk:{tokens}:revoked": until_s, "desk:{tokens}:family:f": until_s}


def test_what_is_kept_under_our_name_by_somebody_else_is_an_error(server: RedisServer, place: Path) -> None:
    assert place == server.folder

    async def look() -> None:
        store = LinkedRevocations(server.settings, SystemClock())
        await store.add([Revoked(What.TOKEN, "a", int(time.time()) + 100)])
        with server.own() as own:
            own.zadd("desk:{tokens}:revoked", {"nonsense": 2**40})
        revocations = Revocations(store, SystemClock(), production=True)
        await revocations.look()
        assert revocations.is_blind
        assert "no revocation" in revocations.reason
        await store.close()

    asyncio.run(look())


def test_a_server_that_lost_everything_takes_no_revocation_back(
    server: RedisServer, place: Path, keys: SigningKeys
) -> None:
    async def scene(here: Desk, there: Desk) -> None:
        tokens = await here.begin()
        await here.sessions.end(here.sessions.check(tokens.access))
        await there.revocations.look()
        with server.own() as own:
            own.flushall()
        for desk in (here, there):
            await desk.revocations.look()
            assert refused(desk, tokens.access) is Reason.REVOKED

    TestRedis().run(place, keys, scene)


def test_a_desk_whose_server_is_gone_knows_it_and_hears_again_once_it_is_back(
    tmp_path: Path, keys: SigningKeys
) -> None:
    with RedisServer(tmp_path / "r", "appendonly yes", "appendfsync always") as server:

        async def scene(here: Desk, there: Desk) -> None:
            tokens = await here.begin()
            watching = asyncio.create_task(there.revocations.watch())
            await until(lambda: there.revocations.reason == "" and not there.revocations.is_blind)
            server.kill()
            with pytest.raises(RedisUnusable):
                await here.revocations.revoke_user("ada")
            assert refused(here, tokens.access) is Reason.REVOKED
            await until(lambda: there.revocations.failures)
            await asyncio.to_thread(server.start)
            await until(lambda: here.store.link.breaker.retry_after_s == 0)  # type: ignore[attr-defined]
            await here.revocations.revoke_user("ada")
            await until(lambda: refused(there, tokens.access) is Reason.REVOKED)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

        TestRedis().run(server.folder, keys, scene)
