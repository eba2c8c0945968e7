"""Models as a person at a shell has them: registered, looked at, moved; each change is in the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.clock import Clock
from engine.config import Settings
from engine.duties.model_acceptance import AsItStands, as_it_stands
from engine.duties.model_moves import audited_registry, has_registry, moved_subject
from engine.duties.model_sign_offs import sign_off_act
from engine.errors import ConfigError, DataError
from engine.folders import Folders
from engine.model.text import clean
from engine.ports.secrets import AskPassphrase, SecretsError
from engine.security.audit.entry import Act
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.who import at_shell, login_name
from engine.security.model_keys import ModelKeys, load_model_keys, load_or_make_model_keys
from engine.security.operators.roles import Role
from engine.security.vault.choice import nobody, secrets_in
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.events import REGISTER, Event
from engine.signals.registry.figures_file import read_figures
from engine.signals.registry.gates import Figures, Gate
from engine.signals.registry.loading import Loaded
from engine.signals.registry.one_version import OneVersion
from engine.signals.registry.registry import GatesClosed, Moved, Registry
from engine.signals.registry.stages import LOOSENS, Move, Stage
from engine.signals.registry.standing import Standing
from engine.signals.serving.kept_figures import KeptFigures, kept_figures
from engine.signals.serving.live_figures import live_figures
from engine.signals.serving.tally import Tally

if TYPE_CHECKING:
    from engine.signals.exporting.onnx_file import Exported

__all__ = (
    "AsItStands",
    "Event",
    "Figures",
    "Gate",
    "GatesClosed",
    "KeptFigures",
    "Loaded",
    "ModelRefused",
    "Models",
    "Move",
    "Moved",
    "Stage",
    "Standing",
    "Tally",
    "live_figures",
)

_DECIDE = frozenset({Role.RISK, Role.ADMIN})


class Models:
    """The models of one data folder."""

    def __init__(
        self,
        folders: Folders,
        settings: Settings,
        clock: Clock,
        ask: AskPassphrase = nobody,
        key_file: Path | None = None,
    ) -> None:
        self._data = folders.data
        self._clock = clock
        kept_in = str(key_file) if key_file is not None else settings.models.key_file
        self._secrets = secrets_in(settings.vault, kept_in, ask)
        self._audit = AuditLog(folders.data / AUDIT, clock)
        self._opened: Registry | None = None

    def standings(self) -> dict[str, Standing]:
        """Return how the versions of every name stand; where nothing was registered no key is asked for.

        Raises:
            ModelRefused: the registry is not what was written.
            SecretsError: the place that keeps the keys can't be asked.
        """
        if not has_registry(self._data):
            return {}
        return self._registry().standings()

    def events(self, name: str) -> list[Event]:
        """Return what happened to the versions of a name.

        Raises:
            ModelRefused: there is none, or the registry is not what was written.
        """
        if found := self._registry().events(name):
            return found
        raise ModelRefused(f"there is no model {name}; touchline models list shows them")

    def load(self, name: str, version: str) -> Loaded:
        """Load a version, as a champion is loaded.

        Raises:
            ModelRefused: says why it does not verify.
        """
        return self._registry().load(name, version)

    def measured(self, name: str, version: str) -> KeptFigures | None:
        """Return how a version did at the desks of this data folder, None where none kept it.

        Raises:
            ModelRefused: what was kept can't be read.
        """
        try:
            return kept_figures(self._data, name, version)
        except DataError as error:
            raise ModelRefused(str(error)) from error

    def figures(self, name: str, version: str, brought: Path | None) -> Figures | None:
        """Return what the gates read: what desks kept, and only where none did what somebody brought.

        Raises:
            ModelRefused: what was kept or brought can't be read, or both are there.
        """
        kept = self.measured(name, version)
        if brought is None:
            return kept.for_gates() if kept is not None else None
        if kept is not None:
            raise ModelRefused(
                f"{name} {version} was measured on {kept.where}: {kept.tally.matured:,} outcomes; leave --figures out"
            )
        return read_figures(brought)

    def prepare(self) -> None:
        """Have the key that versions are signed with; the first time it is made.

        Raises:
            SecretsError: the place that keeps the keys can't be asked, or the audit log can't be written.
        """
        keys, is_new = load_or_make_model_keys(self._secrets)
        if is_new:
            self._audit.write(at_shell("key-made", "model", after=keys.ids[0]))

    def add(self, name: str, source: Path) -> str:
        """Register what is in a folder, and return its version.

        Raises:
            ModelRefused: says why it is no model.
            SecretsError: it can't be signed, or the audit log can't be written.
        """
        self.prepare()
        version = self._registry().add(name, source, login_name())
        added = next(e for e in self.events(name) if (e.version, e.what) == (version, REGISTER))
        act = at_shell("model-added", moved_subject(added), after=Stage.CANDIDATE.value)
        self._write(act, f"{name} {version} is registered")
        return version

    def judge(self, name: str, version: str, figures: Figures | None) -> tuple[Stage, list[Gate]]:
        """Return where a promotion would lead, and every gate on the way.

        Raises:
            ModelRefused: the version does not verify, or a promotion leads nowhere.
        """
        return self._registry().judge(name, version, figures)

    def move(  # who, what and why belong together in the record
        self, move: Move, name: str, version: str, who: str, reason: str, figures: Figures | None = None
    ) -> Moved:
        """Move a version, and write it down.

        Raises:
            GatesClosed: a gate is closed.
            ModelRefused: the move leads nowhere, or the version does not verify.
            SecretsError: the audit log can't be written.
        """
        registry = self._registry()
        if move is Move.PROMOTE:
            done = registry.promote(name, version, who, reason, figures)
        elif move is Move.ROLL_BACK:
            done = registry.roll_back(name, version, who, reason)
        else:
            done = registry.quarantine(name, version, who, reason)
        what = f"model-{move.value.replace(' ', '-')}"
        displaced = f", in place of {done.displaced}" if done.displaced else ""
        act = at_shell(
            what, moved_subject(done.event), done.before.value, f"{done.stage.value}{displaced}: {reason}"
        )
        self._write(msgspec.structs.replace(act, who=who), f"{name} {version} is {done.stage.value} now")
        return done

    def as_it_stands(self) -> AsItStands:
        """Return what would be believed of a registry that the audit log tells more of, and what is missing there.

        Raises:
            ModelRefused: nothing is missing, or the registry is not what was written.
            SecretsError: the audit log is broken, or can't be read.
        """
        return as_it_stands(self._data, self._keys(), self._audit)

    def alone(self, version: str) -> OneVersion:
        """Return a registry in which a version is the champion, to rehearse it.

        Raises:
            ModelRefused: there is no key to judge it by.
        """
        return OneVersion(self._data, self._keys(), self._clock, version)

    def sign_off(self, name: str, version: str, who: str, reason: str, *, withdrawn: bool = False) -> None:
        """Write it down that somebody vouches for a version on live accounts, or that nobody does any more.

        Raises:
            ModelRefused: the version does not verify; one that does may be signed whatever its stage.
            SecretsError: the audit log can't be written.
        """
        registry = self._registry()
        done = registry.withdraw_sign_off if withdrawn else registry.sign_off
        act = sign_off_act(done(name, version, who, reason), who)
        self._write(act, f"{name} {version} is {'signed for no more' if withdrawn else 'signed for'}")

    def export_onnx(self, name: str, version: str, path: Path) -> Exported:
        """Write a version as an ONNX file, and write down that it was.

        Raises:
            ModelRefused: the version does not verify, is quarantined, or comes out otherwise in ONNX.
            ConfigError: the extra is not installed, or the file can't be written.
            SecretsError: the audit log can't be written.
        """
        try:
            from engine.signals.exporting.onnx_file import write_onnx  # noqa: PLC0415  # an extra, and heavy
        except ImportError as error:
            raise ConfigError(
                f"ONNX is an extra that is not installed: pip install 'touchline[onnx]' ({clean(str(error), 160)})"
            ) from None
        registry = self._registry()
        if registry.standing(name).stages.get(version) is Stage.QUARANTINED:
            raise ModelRefused(
                f"{name} {version} is quarantined; it must not be used again, here or elsewhere"
            )
        manifest, files = registry.loader.verified(name, version)
        done = write_onnx(manifest, files["model.json"], path)
        self._audit.write(
            at_shell("model-exported", f"{name} {version}", after=f"{path}, SHA-256 {done.sha256}")
        )
        return done

    def _write(self, act: Act, done: str) -> None:
        """Write down what was done already, which stays so where it can't be written."""
        try:
            self._audit.write(act)
        except SecretsError as error:
            raise SecretsError(f"{done}, and the audit log could not be told: {error}") from error

    def _registry(self) -> Registry:
        if self._opened is None:
            self._opened = audited_registry(self._data, self._keys(), self._clock)
        return self._opened

    def _keys(self) -> ModelKeys:
        if (keys := load_model_keys(self._secrets)) is None:
            raise ModelRefused(
                f"{self._secrets.place} holds no model key to judge by; touchline models add makes the first"
            )
        return keys


def check_may(move: Move, role: Role | None) -> None:
    """Refuse who may not make a move; no role is a desk without operators.

    Raises:
        ConfigError: it is not theirs to make.
    """
    if move in LOOSENS and role is not None and role not in _DECIDE:
        raise ConfigError(f"a {role.value} does not {move.value} models; risk and admin do")


def check_may_sign(role: Role | None) -> None:
    """Refuse who may not vouch for a model on a live account: who trades with it does not sign for it.

    Raises:
        ConfigError: it is not theirs to sign.
    """
    if role is None:
        raise ConfigError(
            "a sign-off is an operator's of the role risk; touchline setup makes the first operator, "
            "touchline operators add NAME --role risk another"
        )
    if role is not Role.RISK:
        raise ConfigError(f"a {role.value} does not sign for models; risk does")
