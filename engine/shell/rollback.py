"""The steps of a rollback, and how far one is: kept in a file, so that whoever is broken off goes on."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.clock import Clock
from engine.errors import ConfigError, FileDataError
from engine.files import whole_file
from engine.folders import Folders
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE
from engine.ports.secrets import SecretsError
from engine.security.audit.entry import Act
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.who import at_shell, login_name
from engine.version import program_version

FOLDER: Final = "rollback"
"""In the data folder: how far it is, the bundles and the post-mortems."""
NAME: Final = "progress.json"
_SAID_MAX: Final = 300


class Step(NamedTuple):
    """One step: what the program does by its own commands, then what a person does."""

    title: str
    why: str
    commands: tuple[str, ...] = ()
    """As at a shell, without the name of the program; REASON and BUNDLE stand for what is only known then."""
    by_hand: str = ""
    """What a person confirms; VERSION stands for the one that ran before."""
    alone: bool = False
    """Whether it may be done where nobody can be asked."""
    desk_may_be_gone: bool = False
    """Whether it is done as well where no desk runs."""


STEPS: Final = (
    Step(
        "Stop new orders",
        "What may still be lost is stopped before anything is looked into. A halt lets exits through; a desk that does not run sends nothing.",
        ("halt --reason REASON", "cancel-all"),
        alone=True,
        desk_may_be_gone=True,
    ),
    Step(
        "Preserve logs and metrics",
        "Before anything is replaced: the log, the incidents, the settings, the state, the journal, the audit log.",
        ("support-bundle BUNDLE", "backup", "audit verify"),
        alone=True,
    ),
    Step(
        "Tell who has to know",
        "Say what is stopped, since when, and when you will say more.",
        by_hand="Tell risk management, who trades on the desks that share the Redis (touchline desks), and the broker where orders are unknown.",
    ),
    Step(
        "Go back to the version before",
        "Which version there is: touchline --version.",
        by_hand="End the engine (systemctl stop touchline). With this version still there, touchline migrate --check --for VERSION says whether the version before reads what is kept, "
        "and without --check brings it there. Then install it: pip install touchline==VERSION, or pipx install --force . in a checkout of it. Do not start it yet.",
    ),
    Step(
        "Restore the account",
        "The drill restores the newest backup into a folder that is thrown away: whether it would work, and how far back it goes.",
        ("drill",),
        "Only where the journal is damaged, or this version can't read it: touchline restore --to newest. Else nothing is restored.",
    ),
    Step(
        "Verify",
        "Start the engine first (systemctl start touchline). It opens halted where orders were underway.",
        ("status", "audit verify", "preflight --live"),
    ),
    Step(
        "Resume",
        "Whose role lets trading go on says so, with the password. A live account is armed again by its name.",
        ("resume --reason REASON",),
    ),
    Step(
        "Hold the post-mortem",
        "What the program knows of it is written down.",
        ("rollback --post-mortem",),
        "Hold it within two working days, with nobody to blame, and write into the file what the program can't know.",
    ),
    Step(
        "Change the procedures",
        "On the same day.",
        by_hand="Write what would have helped into the runbook that was missing it.",
    ),
    Step(
        "Plan what is corrected",
        "A cause that nobody mends comes back.",
        by_hand="Give each cause somebody who mends it, a date, and a test that fails as long as it is there.",
    ),
    Step(
        "Have it authorised",
        "Before the new version is tried again.",
        by_hand="Look at touchline preflight --live, and sign again what went stale with the version (touchline signoff).",
    ),
)
"""As the checklist has them, ROLL-1 to ROLL-11."""


class How(StrEnum):
    """What became of a step."""

    DONE = "done"
    LEFT_OUT = "left out"


class Taken(Struct, frozen=True):
    """A step that is behind us."""

    number: int
    how: How
    said: str
    who: str
    at_ns: int


class Rollback(Struct, frozen=True):
    """One rollback, as far as it is."""

    reason: str
    version: str
    """The one that is rolled back."""
    began_ns: int
    taken: tuple[Taken, ...] = ()

    @property
    def left(self) -> tuple[int, ...]:
        """The numbers of the steps that are still to be taken, from 1 on."""
        behind = {each.number for each in self.taken}
        return tuple(number for number in range(1, len(STEPS) + 1) if number not in behind)


class Rollbacks:
    """The rollback of one data folder: begun, gone on with, ended."""

    def __init__(self, folders: Folders, clock: Clock) -> None:
        self.folder = folders.data / FOLDER
        """Where what it makes is kept."""
        self._path = self.folder / NAME
        self._audit = AuditLog(folders.data / AUDIT, clock)
        self._clock = clock

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have it for ourselves.

        Raises:
            ConfigError: somebody else is at it, or nothing can be written there.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise ConfigError(f"{error.filename}: {error.strerror}; touchline halt needs no file") from error
        try:
            _lock(file)
            yield
        finally:
            os.close(file)

    def current(self) -> Rollback | None:
        """Return the one that goes on, None where there is none.

        Raises:
            FileDataError: what is kept of it can't be read.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Rollback)
        except FileNotFoundError:
            return None
        except UNDECODABLE as error:
            raise FileDataError(
                str(self._path), f"it is damaged ({error}); move it aside to begin anew"
            ) from error
        except OSError as error:
            raise FileDataError(str(self._path), error.strerror or str(error)) from error

    def begin(self, reason: str) -> Rollback:
        """Return a new one; it is kept with its first step."""
        return Rollback(clean(reason, _SAID_MAX), program_version(), self._clock.now_ns())

    def take(self, rollback: Rollback, number: int, how: How, said: str) -> tuple[Rollback, str]:
        """Keep that a step is behind us; return it so, and why the audit log has not got it, empty where it has.

        The audit log has it first: whoever is killed in between is asked for the step once more, and no step is behind
        us that nobody is known to have taken.

        Raises:
            ConfigError: it can't be kept.
        """
        said = clean(said, _SAID_MAX)
        trouble = self._written(
            at_shell("rollback", f"{number} {STEPS[number - 1].title}", rollback.reason, f"{how}: {said}")
        )
        step = Taken(number, how, said, login_name(), self._clock.now_ns())
        rollback = replace(rollback, taken=(*rollback.taken, step))
        try:
            self._keep(rollback)
        except OSError as error:
            told = f"step {number} was taken, and can't be kept as that"
            more = "touchline rollback asks for it again; docs/rollback.md has each step by hand"
            raise ConfigError(f"{self._path}: {error.strerror}; {told}: {more}") from error
        return rollback, trouble

    def _written(self, act: Act) -> str:
        """Write an act into the audit log; return why it is not there."""
        try:
            self._audit.write(act)
        except SecretsError as error:
            return str(error)
        return ""

    def _keep(self, rollback: Rollback) -> None:
        """Keep how far it is; one that is over is kept as that before it is no more the one that goes on."""
        with whole_file(self._path if rollback.left else self._ended(rollback)) as file:
            file.write(msgspec.json.format(msgspec.json.encode(rollback)))
        if not rollback.left:
            self._path.unlink(missing_ok=True)

    def _ended(self, rollback: Rollback) -> Path:
        return self.folder / f"rollback-{rollback.began_ns}.json"


def _lock(file: int) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigError(
            "somebody is at this rollback in another shell; touchline halt works all the same"
        ) from None


def new_file(folder: Path, stem: str, suffix: str, text: str) -> Path:
    """Write a text to a file that was not there before, and return its path.

    Raises:
        ConfigError: it can't be written.
    """
    number = 1
    while True:
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}{suffix}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
        except FileExistsError:
            number += 1
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from error
        else:
            return path
