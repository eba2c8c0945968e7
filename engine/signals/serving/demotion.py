"""When a champion is put into shadow without anybody being asked. It never leads up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Final

from engine.errors import EngineError
from engine.messages.events import Severity
from engine.settings.signals import DemoteOn
from engine.signals.registry.events import Event
from engine.signals.registry.registry import Registry
from engine.signals.serving.model_serving import ModelServing
from engine.signals.serving.served_version import ServedVersion
from engine.signals.statistics.levels import Level

WHO: Final = "touchline"
REASON_LENGTH_MAX: Final = 300
Say = Callable[[Severity, str], None]
NoteDemoted = Callable[[Event], None]
"""Writes down that a version was demoted."""


def why_demote(champion: ServedVersion, rules: Collection[DemoteOn]) -> str:
    """Return why a champion must not count any more; empty where it may."""
    errors, data, expectation = champion.errors(), champion.data(), champion.expectation
    found = []
    if "performance" in rules and errors.level >= Level.ALARM:
        found.append(f"its errors rose: {' '.join(errors.reasons)}")
    if "performance" in rules and expectation.level >= Level.ALARM:
        found.append(f"it falls short of its back-test: {' '.join(expectation.reasons)}")
    if "data" in rules and data.level >= Level.QUARANTINE:
        found.append(f"its rows must not be predicted from: {' '.join(data.reasons)}")
    return " ".join(found)[:REASON_LENGTH_MAX]


class Demotion:
    """Holds champions against the rules; what can't be done is said once and tried again."""

    def __init__(
        self, rules: Collection[DemoteOn], say: Say, note_demoted: NoteDemoted, *, may_demote: bool
    ) -> None:
        self.demoted: dict[str, str] = {}
        """Why, by version."""
        self._rules = rules
        self._say = say
        self._note_demoted = note_demoted
        self._may_demote = may_demote
        self._said: dict[str, str] = {}
        """What was said last of a version that is to be demoted."""

    async def judge(self, model: ModelServing, registry: Registry) -> bool:
        """Demote the champion of a model that must not count any more; tell whether that was done."""
        champion = model.versions.get(model.champion)
        why = why_demote(champion, self._rules) if champion is not None else ""
        if champion is None or not why:
            self._said.pop(model.champion, None)
            return False
        if self._may_demote:
            return await self._demote(model.table.model, champion.version, why, registry)
        text = f"{model.table.model} {champion.version} would be demoted on a real market"
        self._say_once(champion.version, Severity.WARNING, text, why)
        return False

    async def _demote(self, name: str, version: str, why: str, registry: Registry) -> bool:
        try:
            done = await asyncio.to_thread(registry.demote, name, version, WHO, why)
        except EngineError as error:
            self._say_once(version, Severity.CRITICAL, f"{name} {version} could not be demoted", str(error))
            return False
        self.demoted[version] = why
        self._note_demoted(done.event)
        self._say(Severity.CRITICAL, f"{name} {version} was demoted into shadow: {why}")
        return True

    def _say_once(self, version: str, severity: Severity, text: str, why: str) -> None:
        """Let a person hear of what holds on, once."""
        if self._said.get(version) != text:
            self._said[version] = text
            self._say(severity, f"{text}: {why}")
