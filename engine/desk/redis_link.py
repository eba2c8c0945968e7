"""The way to the Redis that desks share: every question has one deadline over all of it, is asked once, and may be refused at once.

A question that failed is not asked again here: who decides with it needs to know now, and who can wait asks later by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from engine.clock import NS_PER_MS, NS_PER_S, Clock
from engine.desk.redis_address import redis_addresses
from engine.desk.redis_client import Made, make_client
from engine.desk.redis_script import Script
from engine.errors import BreakerOpenError, RejectedError, TransientError
from engine.messages.circuits import CircuitState, Operation
from engine.messages.views import HealthState
from engine.observe.latency import Latency
from engine.ports.secrets import Credential
from engine.ports.tracing import OFF, Kind, Tracer
from engine.ports.venue import VenueReading
from engine.settings.redis import RedisSettings
from engine.transport.breaker import Breaker
from engine.transport.words import in_words

if TYPE_CHECKING:
    from redis.asyncio import Redis, RedisCluster
    from redis.asyncio.client import PubSub

OPEN_S: Final = 1.0
"""How long it is left alone after three questions in a row had no answer."""
_NOT_TAKEN: Final = ("maxmemory", "read only", "permission", "MISCONF", "NOREPLICAS")
"""Words of a refusal that is about the server or our user, not about one question."""


def _never(answer: object) -> bool:
    del answer
    return False


class RedisUnusable(TransientError):
    """Redis could not be asked, or did not do it; the message says why."""


class RedisLink:
    """Asks one Redis, by whichever way the settings name; connections come about when they are needed."""

    def __init__(self, settings: RedisSettings, credential: Credential | None, clock: Clock) -> None:
        """Check the settings.

        Raises:
            ConfigError: one is wrong.
        """
        self.prefix = settings.prefix
        self.breaker = Breaker("redis", Operation.DATA, clock, open_s=OPEN_S)
        self.asked = 0
        self.failures = 0
        """Questions without an answer that could be used."""
        self.reason = ""
        """Why, the last time."""
        self._refused: dict[str, str] = {}
        """What it does not take, by the question, until it is taken again: it is out of memory, or a copy, or we may not."""
        self.took_ms = 0.0
        """How long the last answer took."""
        self.tracer: Tracer = OFF
        """Takes a span of every question."""
        self.round_trips = Latency(clock.monotonic_ns)
        self._heard_ns: int | None = None
        self._settings = settings
        self._addresses = redis_addresses(settings)
        self._credential = credential
        self._clock = clock
        self._timeout_s = settings.timeout_ms / 1_000
        self._free = asyncio.Semaphore(settings.connections_max)
        self._made: Made | None = None
        self._heard: PubSub | None = None

    @property
    def where(self) -> str:
        """The addresses, for a person to read."""
        return ", ".join(map(str, self._addresses))

    @property
    def is_up(self) -> bool:
        """Whether it is asked; False while it is left alone."""
        return self.breaker.state is CircuitState.CLOSED

    @property
    def heard_age_s(self) -> float | None:
        """How long ago it answered last, None where it never has."""
        heard_ns = self._heard_ns
        return None if heard_ns is None else (self._clock.monotonic_ns() - heard_ns) / NS_PER_S

    async def call(self, *command: str | int, is_quiet: Callable[[Any], bool] = _never) -> Any:
        """Ask one question; the answer's text is decoded.

        `is_quiet` tells of an answer whether there was nothing new: such a question has no trace of its own.

        Raises:
            RedisUnusable: there is no answer, or it is an error.
        """
        question = str(command[0])
        return await self._ask(lambda client: client.execute_command(*command), question, question, is_quiet)

    async def run(
        self,
        script: Script,
        keys: Sequence[str],
        arguments: Sequence[str | int | bytes],
        *,
        is_raw: bool = False,
        is_quiet: Callable[[Any], bool] = _never,
    ) -> Any:
        """Do a script, in one step; raises like `call`, and is as quiet. A raw answer has bytes for texts, whatever they are."""
        asked = (len(keys), *keys, *arguments)

        async def work(client: Redis | RedisCluster) -> Any:
            from redis.client import NEVER_DECODE  # noqa: PLC0415  # only where a Redis is shared
            from redis.exceptions import NoScriptError  # noqa: PLC0415

            options: dict[str, Any] = {NEVER_DECODE: True} if is_raw else {}
            try:
                return await client.execute_command("EVALSHA", script.sha, *asked, **options)
            except NoScriptError:  # nothing of it was done: the server has forgotten it
                return await client.execute_command("EVAL", script.text, *asked, **options)

        return await self._ask(work, "EVALSHA", script.sha, is_quiet)

    async def news(self, channel: str, patience_s: float) -> None:
        """Return when something was said on a channel, or when the patience is over; never raise for Redis' sake."""
        from redis.exceptions import RedisError  # noqa: PLC0415  # only where a Redis is shared

        loop = asyncio.get_running_loop()
        end_s = loop.time() + patience_s
        try:
            heard = await self._listening(channel)
            while (left_s := end_s - loop.time()) > 0:
                if await heard.get_message(ignore_subscribe_messages=True, timeout=left_s) is not None:
                    return
        except (
            RedisError,
            OSError,
            TimeoutError,
            UnicodeError,
        ):  # whoever may publish may say what is no text
            await self._hear_no_more()
        await asyncio.sleep(max(0.0, end_s - loop.time()))

    async def close(self) -> None:
        """Let every connection go."""
        await self._hear_no_more()
        made, self._made = self._made, None
        if made is not None:
            await made.close()

    def reading(self) -> VenueReading:
        """Tell how it is, for a row of the health board; the number is the last answer's milliseconds."""
        if not self.is_up:
            return VenueReading(HealthState.DOWN, "not answering", self.reason)
        if self._refused:
            return VenueReading(HealthState.DOWN, "not taking", next(iter(self._refused.values())))
        told = f"{self.failures} of {self.asked} failed" if self.failures else self.where
        return VenueReading(HealthState.OK, f"{self.took_ms:.1f} ms", told, self.took_ms)

    async def _ask(
        self,
        work: Callable[[Redis | RedisCluster], Awaitable[Any]],
        operation: str,
        question: str,
        is_quiet: Callable[[Any], bool] = _never,
    ) -> Any:
        if not self.tracer.is_on:
            return await self._counted(work, question)
        about = {"db.system.name": "redis", "db.operation.name": operation, "server.address": self.where}
        with self.tracer.span(f"redis {operation}", Kind.CLIENT, about) as span:
            answer = await self._counted(work, question)
            if span.parent is None and is_quiet(answer):
                span.context = span.context._replace(is_sampled=False)
            return answer

    async def _counted(self, work: Callable[[Redis | RedisCluster], Awaitable[Any]], question: str) -> Any:
        self.asked += 1
        start_ns = self._clock.monotonic_ns()
        try:
            answer = await self.breaker.call(lambda: self._once(work))
        except (TransientError, RejectedError, BreakerOpenError) as error:
            self.failures += 1
            self.reason = str(error)
            if isinstance(error, RejectedError) and any(word in self.reason for word in _NOT_TAKEN):
                self._refused[question] = self.reason
            raise RedisUnusable(self.reason) from error
        self._refused.pop(question, None)
        self._heard_ns = now_ns = self._clock.monotonic_ns()
        self.took_ms = (now_ns - start_ns) / NS_PER_MS
        self.round_trips.record(now_ns - start_ns)
        return answer

    async def _once(self, work: Callable[[Redis | RedisCluster], Awaitable[Any]]) -> Any:
        """Do it within the deadline; what the server refuses is an answer, and it is well."""
        from redis.exceptions import (  # noqa: PLC0415  # only where a Redis is shared
            RedisClusterException,
            RedisError,
            ResponseError,
        )

        client = self._client()  # made before the deadline begins: the first time it is also imported
        try:
            async with asyncio.timeout(self._timeout_s), self._free:
                return await work(client)
        except ResponseError as error:
            raise RejectedError(f"redis refused: {in_words(error)}") from error
        except TimeoutError:
            raise TransientError(f"redis gave no answer within {self._settings.timeout_ms} ms") from None
        except (RedisError, RedisClusterException, OSError, UnicodeError) as error:
            raise TransientError(f"redis: {in_words(error)}") from error

    def _client(self) -> Redis | RedisCluster:
        if self._made is None:
            self._made = make_client(self._settings, self._addresses, self._credential)
        return self._made.client

    async def _listening(self, channel: str) -> PubSub:
        if self._heard is None:
            heard = self._client().pubsub()
            self._heard = heard
            async with asyncio.timeout(self._timeout_s):
                await heard.subscribe(channel)
        return self._heard

    async def _hear_no_more(self) -> None:
        heard, self._heard = self._heard, None
        if heard is not None:
            with suppress(OSError, TimeoutError):
                await heard.aclose()  # type: ignore[no-untyped-call]  # redis-py gives it no types
