"""The champion of a name and those in its shadow, in memory, and the watch that follows the registry: another process may promote."""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.event_store import Stamp
from engine.signals.registry.loading import Loaded
from engine.signals.registry.registry import Registry
from engine.signals.registry.stages import Stage
from engine.signals.registry.standing import Standing

LOOK_S: Final = 0.5
"""How often it is looked whether there is another one."""
SHADOWS_MAX: Final = 4
"""So many predict beside the champion at most: those that came into shadow last."""


class Serving(NamedTuple):
    """The versions that predict."""

    champion: Loaded | None = None
    """None while there is none."""
    shadows: tuple[Loaded, ...] = ()
    """In the order in which they came into shadow."""


class Champion:
    """Holds one reference, which is replaced whole; who predicts reads it once a row."""

    def __init__(self, registry: Registry, name: str) -> None:
        self.serving = Serving()
        self.failure = ""
        """Why the champion of the registry is not the one here; empty where it is."""
        self.shadow_failure = ""
        """Why a version in shadow does not predict; empty where each does. It is tried again once the registry changes."""
        self.had_one = False
        """Whether the registry ever had a champion of the name."""
        self._registry = registry
        self._name = name
        self._stamp: Stamp | None = None

    @property
    def current(self) -> Loaded | None:
        """The champion; None while there is none."""
        return self.serving.champion

    def use(self, registry: Registry) -> None:
        """Follow the registry as it was opened anew: with the keys that there are now."""
        self._registry = registry

    def look(self) -> bool:
        """Load what predicts if the registry has changed; tell whether there is another champion now."""
        stamp = self._registry.store.stamp()
        if stamp == self._stamp and not self.failure:
            return False
        before = self.current
        try:
            standing = self._registry.standing(self._name)
        except ModelRefused as error:
            self.failure = str(error)
        else:
            self._follow(standing)
        self._stamp = stamp
        return self.current is not before

    async def watch(self) -> None:
        """Look again and again, in a thread, until this is cancelled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK_S)

    def _follow(self, standing: Standing) -> None:
        """Have those predict that the registry says, as far as they can be loaded."""
        known = {each.version: each for each in (self.current, *self.serving.shadows) if each is not None}
        champion, self.failure = self._taken(standing, known)
        shadows, self.shadow_failure = self._beside(standing, known)
        self.serving = Serving(champion, shadows)
        self.had_one = bool(standing.were_champion)

    def _taken(self, standing: Standing, known: dict[str, Loaded]) -> tuple[Loaded | None, str]:
        """Return the champion, or the one before where it can't be loaded and that one may go on."""
        if not standing.champion:
            return None, ""
        try:
            return known.get(standing.champion) or self._registry.load(self._name, standing.champion), ""
        except ModelRefused as error:
            before = self.current
            gone = before is None or standing.stages.get(before.version) is Stage.QUARANTINED
            return None if gone else before, str(error)

    def _beside(self, standing: Standing, known: dict[str, Loaded]) -> tuple[tuple[Loaded, ...], str]:
        """Return those in shadow that can be loaded."""
        loaded, failure = [], ""
        for version in standing.in_shadow[-SHADOWS_MAX:]:
            try:
                loaded.append(known.get(version) or self._registry.load(self._name, version))
            except ModelRefused as error:
                failure = f"{version}: {error}"
        return tuple(loaded), failure
