"""Looks at how a Redis is set up: who gets in, what is on the disk, and what it does when it is full."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from engine.clock import Clock
from engine.desk.redis_address import redis_addresses
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.messages.redis_findings import Finding, Verdict
from engine.model.text import clean
from engine.ports.secrets import Credential
from engine.settings.redis import RedisSettings
from engine.transport.address import is_loopback

OLDEST: Final = (6, 2)
"""The first version that has every command that is used."""
_ACL: Final = "user {user} on >PASSWORD resetchannels &{prefix}:* ~{prefix}:* +@all -@dangerous -@admin +info"
_OPEN: Final = "user default off"
_REFUSED: Final = "Authentication required"
_SAVE: Final = "save 900 1"

Facts = Mapping[str, object]
"""What INFO or CONFIG GET says, by name."""


def servers_of(settings: RedisSettings) -> list[RedisSettings]:
    """Return what is looked at by itself: the server, or each node of a Cluster that is named.

    Raises:
        ConfigError: an address is wrong.
    """
    if settings.kind != "cluster":
        return [settings]
    return [replace(settings, kind="server", address=str(each)) for each in redis_addresses(settings)]


async def findings(
    settings: RedisSettings, credential: Credential | None, clock: Clock
) -> AsyncIterator[Finding]:
    """Yield what is found at one server: the first thing is whether it answers, and without an answer it is the last.

    Raises:
        ConfigError: a setting is wrong.
    """
    link = RedisLink(settings, credential, clock)
    try:
        try:
            info: Facts = await link.call("INFO")
        except RedisUnusable as error:
            yield Finding("answer", Verdict.CHANGE, f"{link.where}: {error}")
            return
        yield _version(info, link.where)
        yield await _door(settings, clock)
        yield await _user(link)
        for found in (*_of_info(info), *_of_config(await _config(link), settings)):
            yield found
    finally:
        await link.close()


async def _door(settings: RedisSettings, clock: Clock) -> Finding:
    """Try to get in as a stranger would."""
    stranger = RedisLink(settings, None, clock)
    try:
        await stranger.call("PING")
    except RedisUnusable as error:
        if _REFUSED in str(error):
            return Finding("password", Verdict.OK, "nobody gets in without one")
        return Finding("password", Verdict.UNKNOWN, str(error))
    finally:
        await stranger.close()
    return Finding("password", Verdict.CHANGE, "anybody gets in without one", _OPEN)


async def _user(link: RedisLink) -> Finding:
    try:
        user = clean(str(await link.call("ACL", "WHOAMI")))
    except RedisUnusable:
        return Finding("user", Verdict.UNKNOWN, "the user may not ask who it is")
    if user != "default":
        return Finding("user", Verdict.OK, user)
    line = _ACL.format(user="desk", prefix=link.prefix)
    return Finding("user", Verdict.CHANGE, "the default user, who may do everything", line)


async def _config(link: RedisLink) -> Facts | None:
    """Return what CONFIG GET says, or None where the user may not ask."""
    found: dict[str, object] = {}
    try:
        for name in ("save", "port", "bind"):
            answer = await link.call("CONFIG", "GET", name)
            pairs = (
                answer.items() if isinstance(answer, dict) else zip(answer[::2], answer[1::2], strict=True)
            )
            found.update(pairs)
    except RedisUnusable:
        return None
    return found


def _version(info: Facts, where: str) -> Finding:
    version = clean(str(info.get("redis_version", "")))
    told = f"redis {version} at {where}"
    if info.get("server_name") == "valkey":
        told = f"valkey {clean(str(info.get('valkey_version', '')))} at {where}"
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers >= OLDEST:
        return Finding("answer", Verdict.OK, told)
    return Finding("answer", Verdict.CHANGE, f"{told}: {OLDEST[0]}.{OLDEST[1]} or newer is needed")


def _of_info(info: Facts) -> Iterator[Finding]:
    def checked(name: str, is_right: bool, found: str, line: str) -> Finding:
        return Finding(name, Verdict.OK, found) if is_right else Finding(name, Verdict.CHANGE, found, line)

    role = clean(str(info.get("role", "")))
    yield checked("role", role == "master", role, "replicaof no one")
    is_kept = str(info.get("aof_enabled", "0")) == "1"
    yield checked("append-only file", is_kept, "on" if is_kept else "off", "appendonly yes")
    written = {str(info.get(name, "ok")) for name in ("rdb_last_bgsave_status", "aof_last_write_status")}
    yield checked("last write", written == {"ok"}, " and ".join(sorted(written)), "dir /a/folder/with/room")
    memory_max = int(str(info.get("maxmemory", 0)))
    yield checked(
        "memory limit", memory_max > 0, f"{memory_max:,} bytes" if memory_max else "none", "maxmemory 64mb"
    )
    policy = clean(str(info.get("maxmemory_policy", "")))
    yield checked("when full", policy == "noeviction", policy, "maxmemory-policy noeviction")


def _of_config(config: Facts | None, settings: RedisSettings) -> Iterator[Finding]:
    if config is None:
        told = "the user may not read CONFIG, as it should be; look into redis.conf for"
        yield Finding("snapshots", Verdict.UNKNOWN, told, _SAVE)
        yield Finding("encryption", Verdict.UNKNOWN, told, "port 0")
        return
    save = clean(str(config.get("save", "")))
    if save:
        yield Finding("snapshots", Verdict.OK, save)
    else:
        yield Finding("snapshots", Verdict.CHANGE, "none", _SAVE)
    bound = [host.lstrip("-") for host in str(config.get("bind", "")).split()]
    is_open = str(config.get("port", "0")) != "0" and not (bound and all(map(is_loopback, bound)))
    ways = ", ".join(str(each).partition(":")[0] for each in redis_addresses(settings)[:1])
    if is_open:
        told = "it can be reached unencrypted from other machines"
        yield Finding("encryption", Verdict.CHANGE, told, "port 0")
    else:
        yield Finding("encryption", Verdict.OK, f"reached by {ways}, by others not unencrypted")
