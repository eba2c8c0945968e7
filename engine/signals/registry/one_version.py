"""A registry in which one version is the champion and no other one is there: to try what it would do."""

from __future__ import annotations

from pathlib import Path

from engine.clock import Clock
from engine.signals.registry.manifest import Seal
from engine.signals.registry.registry import Registry
from engine.signals.registry.stages import Stage
from engine.signals.registry.standing import Standing


class OneVersion(Registry):
    """Loads a version as the registry does, signature, hashes and golden rows; only its stage is made up."""

    def __init__(self, data: Path, seal: Seal, clock: Clock, version: str) -> None:
        super().__init__(data, seal, clock)
        self.version = version
        """Which one it is."""

    def standing(self, name: str) -> Standing:  # noqa: ARG002  # one version, of whatever name
        """Return that it is the champion."""
        standing = Standing()
        standing.stages[self.version] = Stage.CHAMPION
        standing.champion = self.version
        return standing
