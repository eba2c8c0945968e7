"""The keys that sign tokens, as they are kept now: one that is replaced while a gateway serves is replaced there too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Self

from engine.ports.secrets import Secrets, SecretsError
from engine.security.signing import load_signing_keys
from engine.security.tokens.keys import SigningKeys

LOOK_S: Final = 30.0
"""How often it is looked whether there are others."""
HEED_S: Final = 0.5
"""How often it is looked whether the tokens of everyone were ended, as they are where a key may be somebody else's."""


class SigningRing:
    """Holds the keys; where the place that keeps them can't be asked, those that were there last."""

    def __init__(self, secrets: Secrets, keys: SigningKeys) -> None:
        self._secrets = secrets
        self._keys = keys
        self.failures = 0
        """How often the place could not be asked."""

    @classmethod
    def of(cls, secrets: Secrets) -> Self | None:
        """Return the keys of a place, None where there are none.

        Raises:
            SecretsError: the place can't be asked, or what is there is no key.
        """
        keys = load_signing_keys(secrets)
        return cls(secrets, keys) if keys is not None else None

    def keys(self) -> SigningKeys:
        """Return them as they are."""
        return self._keys

    async def watch(self, ended: Callable[[], int]) -> None:
        """Look again and again, in a thread, until this is cancelled; at once where `ended` tells something new."""
        loop, heard = asyncio.get_running_loop(), ended()
        next_s = loop.time() + LOOK_S
        while True:
            await asyncio.sleep(HEED_S)
            if (told := ended()) != heard or loop.time() >= next_s:
                heard, next_s = told, loop.time() + LOOK_S
                await self.look()

    async def look(self) -> None:
        """Read the keys anew; where they are gone, nothing more is signed by hand of ours, and the last ones stay."""
        try:
            found = await asyncio.to_thread(load_signing_keys, self._secrets)
        except SecretsError:
            self.failures += 1
            return
        if found is not None:
            self._keys = found
