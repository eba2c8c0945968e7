"""The champion of a name in memory, and the watch that follows the registry: another process may promote."""

from __future__ import annotations

import asyncio
from typing import Final

from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.event_store import Stamp
from engine.signals.registry.loading import Loaded
from engine.signals.registry.registry import Registry
from engine.signals.registry.stages import Stage
from engine.signals.registry.standing import Standing

LOOK_S: Final = 0.5
"""How often it is looked whether there is another one."""


class Champion:
    """Holds one reference, which is replaced whole; who predicts reads it once a row."""

    def __init__(self, registry: Registry, name: str) -> None:
        self.current: Loaded | None = None
        """None while there is no champion."""
        self.failure = ""
        """Why the champion of the registry is not the one here; empty where it is."""
        self._registry = registry
        self._name = name
        self._stamp: Stamp | None = None

    def look(self) -> bool:
        """Load the champion if the registry has changed; tell whether there is another one now."""
        stamp = self._registry.store.stamp()
        if stamp == self._stamp and not self.failure:
            return False
        before = self.current
        try:
            standing = self._registry.standing(self._name)
            self._drop(standing)
            self._take(standing.champion)
        except ModelRefused as error:
            self.failure = str(error)
        else:
            self.failure = ""
        self._stamp = stamp
        return self.current is not before

    async def watch(self) -> None:
        """Look again and again, in a thread, until this is cancelled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK_S)

    def _drop(self, standing: Standing) -> None:
        """Let go of what must not predict any more, whether or not the next one can be loaded."""
        if self.current is None:
            return
        stage = standing.stages.get(self.current.version)
        if stage is Stage.QUARANTINED or not standing.champion:
            self.current = None

    def _take(self, version: str) -> None:
        if version and (self.current is None or self.current.version != version):
            self.current = self._registry.load(self._name, version)
