"""How the versions of a name stand: what its events add up to, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import InvalidTransition
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.events import SIGN_OFF, WITHDRAW, Event
from engine.signals.registry.stages import Move, Stage, moved


class Standing:
    """The stages of one name's versions; one field holds the champion, so there are never two."""

    def __init__(self) -> None:
        self.stages: dict[str, Stage] = {}
        """In the order in which they were registered."""
        self.champion = ""
        """Which version it is; empty for none."""
        self.were_champion: list[str] = []
        """In the order in which they became it, each once, the newest last."""
        self.in_shadow: list[str] = []
        """In the order in which they came into shadow, the newest last."""
        self.signed: dict[str, Event] = {}
        """By version, the event with which somebody vouches for it on live accounts."""

    @classmethod
    def of(cls, events: Iterable[Event]) -> Standing:
        """Return what events of one name add up to.

        Raises:
            ModelRefused: one makes a move that is none.
        """
        standing = cls()
        for event in events:
            standing.apply(event)
        return standing

    def apply(self, event: Event) -> None:
        """Take an event in.

        Raises:
            ModelRefused: it makes a move that is none.
        """
        move = event.move()
        if move is None:
            self._note(event)
            return
        try:
            after = self.after(event.version, move)
        except InvalidTransition as error:
            raise ModelRefused(f"the registry, event {event.number}: {error}") from None
        if self.champion == event.version:
            self.champion = ""
        if event.version in self.in_shadow:
            self.in_shadow.remove(event.version)
        if after is Stage.CHAMPION:
            self._crown(event.version)
        elif after is Stage.SHADOW:
            self.in_shadow.append(event.version)
        self.stages[event.version] = after

    def after(self, version: str, move: Move) -> Stage:
        """Return the stage that a move would lead to.

        Raises:
            ModelRefused: there is no such version.
            InvalidTransition: the move is none.
        """
        if version not in self.stages:
            raise ModelRefused(f"there is no version {version}; touchline models list shows them")
        if move is Move.ROLL_BACK and version not in self.were_champion:
            raise InvalidTransition(f"{version} was never champion; a rollback leads to one that was")
        return moved(self.stages[version], move)

    def _note(self, event: Event) -> None:
        """Take in what leaves a version at its stage."""
        if event.what == SIGN_OFF:
            self.signed[event.version] = event
        elif event.what == WITHDRAW:
            self.signed.pop(event.version, None)
        else:
            self.stages.setdefault(event.version, Stage.CANDIDATE)

    def _crown(self, version: str) -> None:
        if self.champion:
            self.stages[self.champion] = moved(Stage.CHAMPION, Move.DISPLACE)
        self.champion = version
        if version in self.were_champion:
            self.were_champion.remove(version)
        self.were_champion.append(version)
