"""The registry: versions in folders that never change, and events that say how each stands."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from engine.clock import NS_PER_S, Clock
from engine.errors import InvalidTransition
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.event_store import FILE, EventStore
from engine.signals.registry.events import REGISTER, SIGN_OFF, WITHDRAW, Deed, Event
from engine.signals.registry.folder import FOLDER, opened, write_folder
from engine.signals.registry.gates import Figures, Gate, gates_to
from engine.signals.registry.loading import BUDGET_US, Loaded, Loader, card_of, parse, read_files
from engine.signals.registry.manifest import NAME as MANIFEST
from engine.signals.registry.manifest import Manifest, Seal, signed
from engine.signals.registry.names import check_name
from engine.signals.registry.stages import Move, Stage
from engine.signals.registry.standing import Standing
from engine.signals.registry.witness import Witness, nothing_told

_AHEAD_NS: Final = 86_400 * NS_PER_S
"""So far may the clock of who trained it be ahead of ours."""


class GatesClosed(ModelRefused):
    """A version may not go up yet; carries every gate."""

    def __init__(self, gates: Sequence[Gate]) -> None:
        closed = "; ".join(f"{gate.name}: {gate.found}" for gate in gates if not gate.passed)
        super().__init__(f"it may not go up: {closed}")
        self.gates = tuple(gates)


class Moved(NamedTuple):
    """A move that was made."""

    stage: Stage
    before: Stage
    displaced: str
    """The version that was champion until now; empty where none was, or it is the same."""
    event: Event
    """What the registry has of it."""
    gates: tuple[Gate, ...] = ()


class Registry:
    """The models of one data folder; several processes may have it at once."""

    def __init__(
        self,
        data: Path,
        seal: Seal,
        clock: Clock,
        budget_us: float = BUDGET_US,
        witness: Witness = nothing_told,
    ) -> None:
        self.root = data / FOLDER
        self.store = EventStore(data / FILE, seal, witness)
        self.loader = Loader(self.root, seal, clock, budget_us)
        self._seal = seal
        self._clock = clock

    def events(self, name: str) -> list[Event]:
        """Return what happened to the versions of a name.

        Raises:
            ModelRefused: the events are not what was written.
        """
        return [event for event in self.store.events() if event.name == check_name(name)]

    def standings(self) -> dict[str, Standing]:
        """Return how the versions of every name stand.

        Raises:
            ModelRefused: the events are not what was written.
        """
        found: dict[str, Standing] = {}
        for event in self.store.events():
            found.setdefault(event.name, Standing()).apply(event)
        return dict(sorted(found.items()))

    def standing(self, name: str) -> Standing:
        """Return how the versions of a name stand.

        Raises:
            ModelRefused: the events are not what was written.
        """
        return Standing.of(self.events(name))

    def add(self, name: str, source: Path, who: str) -> str:
        """Register what is in a folder as a candidate, and return its version.

        Raises:
            ModelRefused: it is no model, predicts otherwise than its trainer had it, is too slow, or can't be kept.
        """
        check_name(name)
        with opened(source, ours_alone=False) as folder:
            files = read_files(folder)
        self.loader.tried(parse(files))
        card, now_ns = card_of(files), self._clock.now_ns()
        if card.train_end_ns > now_ns + _AHEAD_NS:
            raise ModelRefused("card.json: its training ends after now, so it would never grow old")
        manifest = Manifest(
            name=name,
            files={each: sha256(content).hexdigest() for each, content in files.items()},
            training=card,
            created_ns=now_ns,
        )
        try:
            self._register(manifest, files, who)
        except BaseException:
            self._remove_unless_registered(name, manifest.id)
            raise
        return manifest.id

    def _register(self, manifest: Manifest, files: dict[str, bytes], who: str) -> None:
        name, parent = manifest.name, manifest.training.parent
        with self.store.appending() as log:
            if parent and parent not in Standing.of(e for e in log.events if e.name == name).stages:
                raise ModelRefused(f"card.json: its parent {parent} is no version of {name}")
            write_folder(self.root / name, manifest.id, {**files, MANIFEST: signed(manifest, self._seal)})
            log.append(Deed(name=name, version=manifest.id, what=REGISTER, who=who), self._clock.now_ns())

    def _remove_unless_registered(self, name: str, version: str) -> None:
        """Leave nothing on a full disk of what could not be registered; what can't be told stays."""
        with suppress(ModelRefused):
            if version not in self.standing(name).stages:
                shutil.rmtree(self.root / name / version, ignore_errors=True)

    def judge(self, name: str, version: str, figures: Figures | None) -> tuple[Stage, list[Gate]]:
        """Return where a promotion would lead, and every gate on the way.

        Raises:
            ModelRefused: the version does not verify, or a promotion leads nowhere.
        """
        stage = self._after(self.standing(name), version, Move.PROMOTE)
        loaded = self.loader.load(name, version)
        if figures is not None and figures.version != version:
            raise ModelRefused(f"the figures are about version {figures.version}, not {version}")
        return stage, gates_to(stage, loaded.manifest.training, loaded.p99_us, figures)

    def promote(
        self, name: str, version: str, who: str, reason: str, figures: Figures | None = None
    ) -> Moved:
        """Let a version go up by one stage: what a person decides, never the engine.

        Raises:
            GatesClosed: a gate is closed.
            ModelRefused: the version does not verify, or it does not stand any more as it was judged.
        """
        stage, gates = self.judge(name, version, figures)
        if not all(gate.passed for gate in gates):
            raise GatesClosed(gates)
        told = {gate.name: gate.found for gate in gates}
        deed = Deed(name=name, version=version, what=Move.PROMOTE, who=who, reason=reason, gates=told)
        done = self._move(deed, stage)
        return done._replace(gates=tuple(gates))

    def roll_back(self, name: str, version: str, who: str, reason: str) -> Moved:
        """Make a version champion again that was it before: what a person decides.

        Raises:
            ModelRefused: it was never champion, is quarantined, or does not verify.
        """
        self._after(self.standing(name), version, Move.ROLL_BACK)
        took_us = self.loader.load(name, version).p99_us
        told = {"verified": "signature, hashes and golden rows", "latency": f"p99 {took_us:.1f} us"}
        return self._move(
            Deed(name=name, version=version, what=Move.ROLL_BACK, who=who, reason=reason, gates=told),
            Stage.CHAMPION,
        )

    def demote(self, name: str, version: str, who: str, reason: str) -> Moved:
        """Put the champion into shadow: the engine may, too.

        Raises:
            ModelRefused: it is not the champion.
        """
        return self._move(
            Deed(name=name, version=version, what=Move.DEMOTE, who=who, reason=reason), Stage.SHADOW
        )

    def quarantine(self, name: str, version: str, who: str, reason: str) -> Moved:
        """Take a version out of use for good; it need not verify.

        Raises:
            ModelRefused: there is no such version, or it is quarantined already.
        """
        return self._move(
            Deed(name=name, version=version, what=Move.QUARANTINE, who=who, reason=reason), Stage.QUARANTINED
        )

    def sign_off(self, name: str, version: str, who: str, reason: str) -> Event:
        """Have somebody vouch for a version on live accounts, whatever its stage.

        Raises:
            ModelRefused: it does not verify.
        """
        self.loader.load(name, version)
        return self._note(Deed(name=name, version=version, what=SIGN_OFF, who=who, reason=reason))

    def withdraw_sign_off(self, name: str, version: str, who: str, reason: str) -> Event:
        """Let nobody vouch for a version any more; it need not verify.

        Raises:
            ModelRefused: there is no such version.
        """
        return self._note(Deed(name=name, version=version, what=WITHDRAW, who=who, reason=reason))

    def _note(self, deed: Deed) -> Event:
        """Append an event that leaves a version at its stage."""
        with self.store.appending() as log:
            if deed.version not in Standing.of(e for e in log.events if e.name == deed.name).stages:
                raise ModelRefused(f"there is no version {deed.version}; touchline models list shows them")
            return log.append(deed, self._clock.now_ns())

    def _move(self, deed: Deed, stage: Stage) -> Moved:
        """Append the one event that a move is; what was judged before is judged again where nobody else can move."""
        with self.store.appending() as log:
            standing = Standing.of(event for event in log.events if event.name == deed.name)
            before = standing.stages.get(deed.version, Stage.CANDIDATE)
            if self._after(standing, deed.version, Move(deed.what)) is not stage:
                raise ModelRefused(f"{deed.version} is {before} by now; somebody else moved it")
            displaced = standing.champion if stage is Stage.CHAMPION else ""
            event = log.append(deed, self._clock.now_ns())
        return Moved(stage, before, displaced, event)

    @staticmethod
    def _after(standing: Standing, version: str, move: Move) -> Stage:
        try:
            return standing.after(version, move)
        except InvalidTransition as error:
            raise ModelRefused(str(error)) from None

    def load(self, name: str, version: str) -> Loaded:
        """Load a version, as a champion is loaded.

        Raises:
            ModelRefused: it does not verify.
        """
        return self.loader.load(name, version)
