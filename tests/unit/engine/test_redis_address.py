"""Where a Redis may be, and what is done where none is: no server is needed for this."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.desk.redis_address import RedisAddress, redis_addresses
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.desk.redis_rates import RedisRates
from engine.desk.redis_revocations import RedisRevocations
from engine.errors import ConfigError
from engine.messages.views import HealthState
from engine.ports.secrets import Credential
from engine.security.rates.limiter import AGAIN_S, Limiter
from engine.security.rates.memory import MemoryRates
from engine.security.rates.table import Kind
from engine.security.tokens.revocations import Revocations
from engine.settings.redis import RedisSettings

CREDENTIAL = Credential("desk", "a password")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tls:redis.example:6380", RedisAddress("redis.example", 6380, "", is_encrypted=True)),
        ("tls:[2001:db8::1]:6380", RedisAddress("2001:db8::1", 6380, "", is_encrypted=True)),
        ("tcp:127.0.0.1:6379", RedisAddress("127.0.0.1", 6379)),
        ("tcp:localhost:6379", RedisAddress("localhost", 6379)),
        ("unix:/run/redis.sock", RedisAddress("", 0, "/run/redis.sock")),
    ],
)
def test_an_address_is_read_and_written(text: str, address: RedisAddress) -> None:
    assert redis_addresses(RedisSettings(address=text)) == (address,)
    assert str(address) == text.replace("[", "").replace("]", "")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (RedisSettings(address="tcp:redis.example:6379"), "tls:host:port"),
        (RedisSettings(address="tcp:10.0.0.1:6379"), "tls:host:port"),
        (RedisSettings(address="redis://127.0.0.1:6379"), "tls:host:port"),
        (RedisSettings(address="tls:redis.example"), "tls:host:port"),
        (RedisSettings(address="tls:redis.example:99999"), "tls:host:port"),
        (RedisSettings(address="unix:relative"), "tls:host:port"),
        (RedisSettings(address=""), "tls:host:port"),
        (RedisSettings(address="tls:a:1,tls:b:1"), "one address"),
        (RedisSettings(address="tls:a:1,tcp:127.0.0.1:1", kind="sentinel"), "encrypted or none"),
        (RedisSettings(address="unix:/a", kind="cluster"), "found a path"),
        (RedisSettings(address="unix:/a", prefix="a:b"), "redis.prefix"),
        (RedisSettings(address="unix:/a", connections_max=0), "redis.connections_max"),
        (RedisSettings(address="unix:/a", timeout_ms=9), "redis.timeout_ms"),
    ],
)
def test_a_wrong_setting_is_a_sentence_that_names_it(settings: RedisSettings, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        RedisLink(settings, CREDENTIAL, SystemClock())


def test_where_nothing_answers_production_refuses_and_nobody_waits(tmp_path: Path) -> None:
    async def scene() -> None:
        clock = SystemClock()
        link = RedisLink(RedisSettings(address=f"unix:{tmp_path / 'none'}"), CREDENTIAL, clock)
        strict = Limiter(RedisRates(link), MemoryRates(SystemClock()), production=True)
        lax = Limiter(RedisRates(link), MemoryRates(SystemClock()), production=False)
        decision = await strict.decide(Kind.ORDERS, "ada", "trader")
        assert (decision.passes, decision.wait_s, decision.is_counted) == (False, AGAIN_S, False)
        assert (await lax.decide(Kind.ORDERS, "ada", "trader")).passes
        assert (strict.uncounted, strict.refused, lax.uncounted, lax.refused) == (1, 1, 1, 0)
        revocations = Revocations(RedisRevocations(link, clock), clock, production=True)
        await revocations.look()
        assert revocations.is_blind
        with pytest.raises(RedisUnusable, match="next try"):
            await link.call("PING")
        assert link.reading().state is HealthState.DOWN
        await link.news("desk:news", 0.01)
        await link.close()

    asyncio.run(scene())
