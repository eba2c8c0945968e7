"""Ends the tokens of an operator, or of everyone, from a shell: on this desk, or on all that share a Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from engine.clock import Clock
from engine.config import Settings
from engine.desk.redis_link import RedisLink
from engine.desk.redis_revocations import RedisRevocations
from engine.errors import TransientError
from engine.folders import Folders
from engine.ports.revocations import RevocationStore
from engine.ports.secrets import Secrets
from engine.security.credentials import read_credential
from engine.security.signing_ring import LOOK_S
from engine.security.tokens.lives import ACCESS_S
from engine.security.tokens.revocations import Revocations
from engine.security.tokens.sqlite_store import SqliteRevocations
from engine.settings.redis import CREDENTIAL


class Revoking:
    """Knows where it is kept which tokens are over; where none was ever given, there is nothing to end."""

    def __init__(self, settings: Settings, folders: Folders, secrets: Secrets, clock: Clock) -> None:
        self._settings = settings
        self._path = folders.revocations
        self._secrets = secrets
        self._clock = clock

    def end_tokens_of(self, name: str) -> None:
        """End all tokens of an operator; a desk that serves knows within a second.

        Raises:
            TransientError: it could not be kept; says how long the tokens may still stand.
            SecretsError: the place that keeps the password of Redis can't be asked.
        """
        try:
            asyncio.run(self._end(lambda revocations: revocations.revoke_user(name)))
        except TransientError as error:
            raise TransientError(
                f"{name} was changed, but the tokens given before could not be ended ({error}): "
                f"they may stand for {ACCESS_S // 60} minutes"
            ) from error

    def end_tokens_of_everyone(self) -> None:
        """End all tokens that were given; a desk that serves knows within a second, and reads its keys anew.

        Raises:
            TransientError: it could not be kept; says how long a desk may go by the key before.
            SecretsError: the place that keeps the password of Redis can't be asked.
        """
        try:
            asyncio.run(self._end(Revocations.revoke_everyone))
        except TransientError as error:
            raise TransientError(
                f"the key was changed, but a desk that serves could not be told ({error}): "
                f"it may go by the one before for {LOOK_S:g} seconds"
            ) from error

    async def _end(self, revoke: Callable[[Revocations], Awaitable[None]]) -> None:
        redis, link = self._settings.redis, None
        store: RevocationStore
        if redis.address:
            link = RedisLink(redis, read_credential(self._secrets, CREDENTIAL), self._clock)
            store = RedisRevocations(link, self._clock)
        elif self._path.exists():
            store = SqliteRevocations(self._path, self._clock)
        else:
            return
        try:
            await revoke(Revocations(store, self._clock, production=False))
        finally:
            await store.close()
            if link is not None:
                await link.close()
