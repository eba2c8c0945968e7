"""Our own keys as a person at a shell manages them: those that sign tokens, that sign the audit log, that sign models, that seal backups."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

from engine.clock import Clock
from engine.config import Settings
from engine.errors import ConfigError
from engine.folders import Folders
from engine.ports.secrets import AskPassphrase, Secrets
from engine.revoking import Revoking
from engine.security.audit.heads import load_key, load_or_make_key
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.who import at_shell
from engine.security.model_keys import load_model_keys, rotate_model_keys
from engine.security.signing import load_or_make_signing_keys, load_signing_keys, rotate_signing_keys
from engine.security.tokens.keys import FOR_EVER_NS
from engine.security.vault.choice import nobody, secrets_in
from engine.security.vault.file_vault import FileVault
from engine.store.backup.keys import SECRET_NAME as BACKUP_KEYS
from engine.store.backup.keys import load_keys, load_or_make_keys, rotate

Kind = Literal["signing", "audit", "model", "backup"]
SIGNS, SEALS, OPENS, VERIFIES = "signs", "seals", "opens what it sealed", "verifies"
MADE: Final = "key-made"
ROTATED: Final = "key-rotated"


class KeyRow(NamedTuple):
    """One key, by its id; never the key."""

    kind: Kind
    id: str
    does: str
    until_ns: int = FOR_EVER_NS
    """The moment from which it does no longer; 0 for never."""


class Made(NamedTuple):
    """What was looked for, and whether it had to be made."""

    kind: Kind
    id: str
    place: str
    is_new: bool


class Keys:
    """The keys in the places that the settings name, or in a key file."""

    def __init__(
        self,
        folders: Folders,
        settings: Settings,
        clock: Clock,
        ask: AskPassphrase = nobody,
        key_file: Path | None = None,
    ) -> None:
        vault, given = settings.vault, str(key_file) if key_file is not None else ""
        self._vault = secrets_in(vault, given, ask)

        def place(apart: str) -> Secrets:
            return secrets_in(vault, apart, ask) if apart and not given else self._vault

        self._of_tokens = place(settings.credentials.key_file)
        self._of_models = place(settings.models.key_file)
        self._of_backups = place(settings.backup.key_file)
        self._clock = clock
        self._revoking = Revoking(settings, folders, self._of_tokens, clock)
        self._audit = AuditLog(folders.data / AUDIT, clock)

    def make(self) -> Iterator[Made]:
        """Make what is not there yet, and yield each as soon as it is kept.

        Raises:
            SecretsError: the place that keeps them can't be asked, or what is there is no key.
        """
        signing, is_new = load_or_make_signing_keys(self._of_tokens)
        yield self._noted(Made("signing", signing.current, self._of_tokens.place, is_new))
        audit, is_new = load_or_make_key(self._of_backups)
        yield self._noted(Made("audit", audit.id, self._of_backups.place, is_new))
        backup, is_new = load_or_make_keys(self._of_backups)
        yield self._noted(Made("backup", backup.current.id.hex(), self._of_backups.place, is_new))

    def all(self) -> list[KeyRow]:
        """Return every key that does something now.

        Raises:
            SecretsError: the place that keeps them can't be asked, or what is there is no key.
        """
        rows: list[KeyRow] = []
        now_ns = self._clock.now_ns()
        if (signing := load_signing_keys(self._of_tokens)) is not None:
            rows.append(KeyRow("signing", signing.current, SIGNS))
            rows += [
                KeyRow("signing", kid, VERIFIES, key.until_ns)
                for kid, key in signing.verifying.items()
                if kid != signing.current and signing.public_of(kid, now_ns) is not None
            ]
        if (audit := load_key(self._of_backups)) is not None:
            rows.append(KeyRow("audit", audit.id, SIGNS))
        if (models := load_model_keys(self._of_models)) is not None:
            current_model, *older_models = models.ids
            rows.append(KeyRow("model", current_model, SIGNS))
            rows += [KeyRow("model", each, VERIFIES) for each in older_models]
        if self._of_backups.get(BACKUP_KEYS) is not None:
            current, *older = load_keys(self._of_backups).keys
            rows.append(KeyRow("backup", current.id.hex(), SEALS))
            rows += [KeyRow("backup", key.id.hex(), OPENS) for key in older]
        return rows

    def rotate_signing(self, *, at_once: bool) -> str:
        """Let a new key sign tokens, and return its id; the one before verifies until its tokens end, or `at_once` no longer.

        At once means that a desk that serves takes nothing that the one before has signed, within a second: all tokens end with it.

        Raises:
            SecretsError: there is none yet, or the place that keeps them can't be asked.
            TransientError: the key was changed, and a desk that serves could not be told.
        """
        before = load_signing_keys(self._of_tokens)
        after = rotate_signing_keys(self._of_tokens, self._clock, at_once=at_once).current
        how = f"{after}, those before at an end" if at_once else after
        self._audit.write(at_shell(ROTATED, "signing", before.current if before is not None else "", how))
        if at_once:
            self._revoking.end_tokens_of_everyone()
        return after

    def rotate_backup(self) -> str:
        """Let a new key seal backups, and return its id; the ones before still open theirs.

        Raises:
            BackupError: there is none yet.
            SecretsError: the place that keeps them can't be asked.
        """
        before = load_keys(self._of_backups).current.id.hex()
        after = rotate(self._of_backups).current.id.hex()
        self._audit.write(at_shell(ROTATED, "backup", before, after))
        return after

    def rotate_model(self) -> str:
        """Let a new key sign models, and return its id; the ones before still verify theirs.

        Raises:
            SecretsError: there is none yet, or the place that keeps them can't be asked.
        """
        before = load_model_keys(self._of_models)
        after = rotate_model_keys(self._of_models).ids[0]
        self._audit.write(at_shell(ROTATED, "model", before.ids[0] if before is not None else "", after))
        return after

    def change_passphrase(self, ask: AskPassphrase) -> str:
        """Give the vault another passphrase; return which vault.

        Raises:
            ConfigError: secrets are not kept in a vault with a passphrase.
            SecretsError: the old passphrase is wrong, or the new one too weak.
        """
        if not isinstance(self._vault, FileVault):
            raise ConfigError(f"secrets are kept in {self._vault.place}, which has no passphrase of ours")
        self._vault.change_passphrase(ask)
        self._audit.write(at_shell("vault-passphrase", self._vault.place, after="another one"))
        return self._vault.place

    def _noted(self, made: Made) -> Made:
        if made.is_new:
            self._audit.write(at_shell(MADE, made.kind, after=made.id))
        return made
