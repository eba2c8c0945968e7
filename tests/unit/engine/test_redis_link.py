"""The way to a Redis, against a real one: killed, held, full, read-only, encrypted, behind Sentinels, in a Cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis import Redis

from engine.clock import SystemClock
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.desk.redis_quotes import RedisQuotes
from engine.desk.redis_script import Script
from engine.messages.circuits import CircuitState
from engine.messages.shared_quotes import SharedEntry
from engine.messages.views import HealthState
from engine.ports.secrets import Credential
from engine.settings.redis import RedisSettings
from tests.redis_server import CREDENTIAL, RedisServer, free_port, needs_redis, needs_tls, sentinel_of
from tests.tls_server import certificate
from tests.waiting import until

pytestmark = needs_redis


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Return a server that tests leave as they found it."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@asynccontextmanager
async def link_to(
    settings: RedisSettings, credential: Credential | None = CREDENTIAL
) -> AsyncIterator[RedisLink]:
    link = RedisLink(settings, credential, SystemClock())
    try:
        yield link
    finally:
        await link.close()


def with_link(
    settings: RedisSettings,
    scene: Callable[[RedisLink], Awaitable[None]],
    credential: Credential | None = CREDENTIAL,
) -> None:
    async def play() -> None:
        async with link_to(settings, credential) as link:
            await scene(link)

    asyncio.run(play())


def quick(settings: RedisSettings) -> RedisSettings:
    return RedisSettings(address=settings.address, timeout_ms=500)


def test_a_question_is_answered_and_told_of(shared: RedisServer) -> None:
    async def scene(link: RedisLink) -> None:
        await link.call("SET", "desk:a", "é")
        assert await link.call("GET", "desk:a") == "é"
        assert link.reading().state is HealthState.OK
        assert (link.asked, link.failures) == (2, 0)

    with_link(shared.settings, scene)


def test_what_is_no_text_is_an_error_like_any_other(shared: RedisServer) -> None:
    async def scene(link: RedisLink) -> None:
        with shared.own() as own:
            own.set("desk:raw", b"\xff\xfe")
        with pytest.raises(RedisUnusable, match="codec"):
            await link.call("GET", "desk:raw")
        await link.call("DEL", "desk:raw")

    with_link(shared.settings, scene)


def test_a_script_is_sent_whole_only_when_the_server_does_not_know_it(shared: RedisServer) -> None:
    script = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])")

    async def scene(link: RedisLink) -> None:
        assert [await link.run(script, ["desk:n"], [2]) for _ in range(3)] == [2, 4, 6]

    with_link(shared.settings, scene)
    with shared.own() as own:
        stats = own.info("commandstats")
        assert stats["cmdstat_eval"]["calls"] == 1


@pytest.mark.parametrize(
    "command", [("CONFIG", "GET", "save"), ("FLUSHALL",), ("GET", "other:a"), ("KEYS", "*")]
)
def test_what_the_user_may_not_do_is_refused_and_the_server_is_well(
    shared: RedisServer, command: tuple[str, ...]
) -> None:
    async def scene(link: RedisLink) -> None:
        for _ in range(4):
            with pytest.raises(RedisUnusable, match=r"(?i)no permissions"):
                await link.call(*command)
        assert link.breaker.state is CircuitState.CLOSED

    with_link(shared.settings, scene)


@pytest.mark.parametrize("credential", [Credential("desk", "wrong"), Credential("nobody", "x"), None])
def test_who_has_no_password_gets_a_sentence_without_one(
    shared: RedisServer, credential: Credential | None
) -> None:
    async def scene(link: RedisLink) -> None:
        with pytest.raises(RedisUnusable) as refused:
            await link.call("GET", "desk:a")
        assert "wrong" not in str(refused.value).replace("WRONGPASS", "")

    with_link(shared.settings, scene, credential)


def test_no_more_connections_are_opened_than_the_settings_say(shared: RedisServer) -> None:
    settings = RedisSettings(address=shared.settings.address, timeout_ms=5_000, connections_max=3)

    async def scene(link: RedisLink) -> None:
        await asyncio.gather(*(link.call("INCR", "desk:many") for _ in range(100)))
        with shared.own() as own:
            assert len([each for each in own.client_list() if each["user"] == "desk"]) <= 3

    with_link(settings, scene)


def test_a_question_can_be_cancelled_at_any_step(shared: RedisServer) -> None:
    async def scene(link: RedisLink) -> None:
        for steps in range(40):
            asking = asyncio.create_task(link.call("PING"))
            for _ in range(steps):
                await asyncio.sleep(0)
            if asking.cancel():
                with pytest.raises(asyncio.CancelledError):
                    await asking
            await link.call("SET", "desk:a", steps)
            assert await link.call("GET", "desk:a") == str(steps)

    with_link(shared.settings, scene)


def test_a_held_server_costs_one_deadline_and_then_nothing_and_no_answer_is_mistaken(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "r") as server:

        async def scene(link: RedisLink) -> None:
            await link.call("SET", "desk:a", "one")
            with server.held():
                for _ in range(3):
                    with pytest.raises(RedisUnusable, match="within 500 ms"):
                        await link.call("GET", "desk:a")
                assert link.reading().state is HealthState.DOWN
                asked = link.took_ms
                with pytest.raises(RedisUnusable, match="next try"):
                    await link.call("GET", "desk:a")
                assert link.took_ms == asked
            await until(lambda: link.breaker.retry_after_s == 0)
            await link.call("SET", "desk:b", "two")
            assert await link.call("GET", "desk:b") == "two"
            assert link.reading().state is HealthState.OK

        with_link(quick(server.settings), scene)


def test_a_killed_server_is_refused_at_once_and_found_again(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "r") as server:

        async def scene(link: RedisLink) -> None:
            await link.call("PING")
            server.kill()
            for _ in range(3):
                with pytest.raises(RedisUnusable):
                    await link.call("PING")
            await asyncio.to_thread(server.start)
            await until(lambda: link.breaker.retry_after_s == 0)
            await link.call("PING")

        with_link(server.settings, scene)


def test_a_full_server_refuses_what_is_new_and_answers_what_is_there(tmp_path: Path) -> None:
    full = ('save ""', "maxmemory 2mb", "maxmemory-policy noeviction")
    with RedisServer(tmp_path / "r", *full) as server:

        async def scene(link: RedisLink) -> None:
            await link.call("SET", "desk:a", "one")

            async def fill() -> None:
                for number in range(100):
                    await link.call("SET", f"desk:{number}", "x" * 100_000)

            with pytest.raises(RedisUnusable, match="maxmemory"):
                await fill()
            assert await link.call("GET", "desk:a") == "one"

        with_link(server.settings, scene)


def test_a_replica_takes_nothing_and_says_so(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "r") as server, server.own() as own:

        async def scene(link: RedisLink) -> None:
            own.replicaof("127.0.0.1", free_port())
            with pytest.raises(RedisUnusable, match="read only"):
                await link.call("SET", "desk:a", "one")
            own.replicaof("NO", "ONE")
            await link.call("SET", "desk:a", "two")

        with_link(server.settings, scene)


@needs_tls
def test_an_encrypted_server_is_reached_and_a_stranger_in_its_place_is_not(tmp_path: Path) -> None:
    ours = certificate(tmp_path, "localhost", 10)
    other = tmp_path / "other"
    other.mkdir()
    theirs = certificate(other, "localhost", 10)
    port = free_port()
    with RedisServer(tmp_path / "r", port=port, certificate=ours):

        async def scene(link: RedisLink) -> None:
            await link.call("SET", "desk:a", "one")
            assert await link.call("GET", "desk:a") == "one"

        async def stranger(link: RedisLink) -> None:
            with pytest.raises(RedisUnusable, match=r"certificate|CERTIFICATE"):
                await link.call("PING")

        def settings(host: str, ca_file: str) -> RedisSettings:
            return RedisSettings(address=f"tls:{host}:{port}", ca_file=ca_file, timeout_ms=5_000)

        with_link(settings("localhost", str(ours)), scene)
        with_link(settings("localhost", str(theirs)), stranger)
        with_link(settings("127.0.0.1", str(ours)), stranger)
        with_link(settings("localhost", ""), stranger)


def test_the_sentinels_name_the_next_master_when_one_dies(tmp_path: Path) -> None:
    first_port = free_port()
    auth = ("masteruser default", f"masterauth {CREDENTIAL.secret}", 'save ""', "repl-diskless-sync-delay 0")
    first = RedisServer(tmp_path / "a", *auth, port=first_port)
    second = RedisServer(tmp_path / "b", *auth, f"replicaof 127.0.0.1 {first_port}", port=free_port())
    with first, second:
        second.wait_for_master()

        with sentinel_of(tmp_path, first_port) as sentinel_port:

            async def scene(link: RedisLink) -> None:
                await link.call("SET", "desk:a", "one")
                with second.own() as own:
                    await until(lambda: own.get("desk:a") == "one")
                first.kill()

                with Redis(port=sentinel_port) as sentinel:
                    await until(lambda: sentinel.sentinel_masters()["desk"]["port"] == second.port)
                await until(lambda: link.breaker.retry_after_s == 0)
                await link.call("SET", "desk:a", "two")
                with second.own() as own:
                    assert own.get("desk:a") == "two"

            address = f"tcp:127.0.0.1:{sentinel_port}"
            with_link(RedisSettings(address=address, kind="sentinel", timeout_ms=2_000), scene)


def test_a_cluster_is_asked_for_the_node_that_has_a_key(tmp_path: Path) -> None:
    port = free_port()
    cluster = ("cluster-enabled yes", f"cluster-port {free_port()}", 'save ""')
    with RedisServer(tmp_path / "r", *cluster, port=port) as server, server.own() as own:
        command: Callable[..., object] = own.execute_command
        command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)

        async def scene(link: RedisLink) -> None:
            def is_ready() -> bool:
                return "cluster_state:ok" in str(command("CLUSTER", "INFO"))

            await until(is_ready)
            for number in range(5):
                await link.call("SET", f"desk:{number}", number)
                assert await link.call("GET", f"desk:{number}") == str(number)
            script = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
            assert [await link.run(script, ["desk:n"], [2]) for _ in range(2)] == [2, 4]
            entry = SharedEntry(run="r", number=1, sent_ns=1, ahead_ns=0, whole=True)
            shared = RedisQuotes(link, "tower", SystemClock())
            hearing = asyncio.create_task(shared.news(60))
            await until(lambda: "1" in str(command("PUBSUB", "NUMSUB", "desk:quotes:tower")))
            await shared.add(entry)
            await hearing
            assert (await shared.newest()).entries == (entry,)

        settings = RedisSettings(address=f"tcp:127.0.0.1:{port}", kind="cluster", timeout_ms=5_000)
        with_link(settings, scene)
