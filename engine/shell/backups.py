"""Backups as a person asks for them: which account, which folder, which keys."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from engine.clock import Clock
from engine.config import BackupSettings, Settings
from engine.errors import EngineError, FileDataError
from engine.folders import Folders
from engine.ports.secrets import AskPassphrase, Secrets, SecretsError
from engine.replica import standalone
from engine.security.audit.entry import AuditBroken
from engine.security.audit.heads import NAME as HEAD
from engine.security.audit.heads import Head, export_head, load_or_make_key, signed_head, verify
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.who import at_shell
from engine.security.vault.choice import nobody, secrets_in
from engine.security.vault.key_file import KeyFile
from engine.store.accounts import accounts_in
from engine.store.backup.chain import Chain, chains_of
from engine.store.backup.drill import DRILLED, Drill, drill
from engine.store.backup.errors import BackupError
from engine.store.backup.folder import BackupFolder
from engine.store.backup.keys import copy_keys, load_keys, load_or_make_keys, rotate
from engine.store.backup.manifest import StateProof
from engine.store.backup.place import Placed, put_in_place
from engine.store.backup.restore import Restored, restore_to
from engine.store.backup.take import Account, Policy, Progress, Taken, take
from engine.store.backup.target import Target
from engine.store.cipher import Cipher
from engine.store.disk import FolderDisk
from engine.store.key_ring import KeyRing
from engine.store.reading import JournalReader
from engine.store.snapshots import Snapshots, layout
from engine.version import program_version

RESTORED = "restored"
"""What the audit log calls an account that was put back."""
_LOOK = "touchline audit accept --head {} --reason TEXT shows that, and begins anew from here"
__all__ = ("BackupSettings", "Backups", "Chain", "KeyRing", "Taken", "Target")


class Backups:
    """What can be done with the backups in one folder."""

    def __init__(
        self,
        folders: Folders,
        settings: Settings,
        options: BackupSettings,
        clock: Clock,
        ask: AskPassphrase = nobody,
    ) -> None:
        self.where = Path(options.folder).expanduser() if options.folder else folders.data / "backups"
        """The folder."""
        self.secrets: Secrets = secrets_in(settings.vault, options.key_file, ask)
        """What keeps the keys."""
        self._encrypts = settings.journal.encrypt
        self._folders = folders
        self._base_currency = settings.account.base_currency
        self._policy = Policy(keep=options.keep, base_days=options.base_days)
        self._clock = clock

    def accounts(self) -> list[str]:
        """Return the accounts that have a journal."""
        return accounts_in(self._folders.data / "journal")

    def kept(self) -> list[str]:
        """Return the accounts that have a backup."""
        return accounts_in(self.where)

    def keys(self) -> KeyRing:
        """Return the keys that are there.

        Raises:
            BackupError: there are none.
            SecretsError: what keeps them can't be asked.
        """
        return load_keys(self.secrets)

    def keys_to_seal(self) -> tuple[KeyRing, bool]:
        """Return the keys; the first one is made, and told as new."""
        return load_or_make_keys(self.secrets)

    def rotate_key(self) -> KeyRing:
        """Seal with a new key from now on."""
        before, after = self.keys(), rotate(self.secrets)
        self._note("key-rotated", before.current.id.hex(), after.current.id.hex())
        return after

    def copy_keys(self, to: Path) -> Secrets:
        """Keep the keys in a file too, and return it; who has a copy opens every backup, so it is in the audit log."""
        copy = KeyFile(to)
        copy_keys(self.keys(), copy)
        self._note("key-copied", "", copy.place)
        return copy

    def take(self, mode: str, keys: KeyRing, progress: Progress, *, base: bool) -> Taken:
        """Back up what is new of an account."""
        journal = self._journal(mode)
        account = Account(journal, self._folders.config, lambda last: self._state_at(journal, last))
        return take(account, self._folder(mode), keys, self._clock, self._policy, progress, base=base)

    def sign_audit(self) -> Head | None:
        """Sign the end of the audit log into the folder, in place of the head that is there; None where there is no log.

        Raises:
            AuditBroken: the log does not go on from the head that is there, which stays.
            SecretsError: the log can't be read, or what keeps the keys can't be asked.
        """
        log = self._folders.data / AUDIT
        if not log.exists():
            return None
        self.where.mkdir(mode=0o700, parents=True, exist_ok=True)
        head = self.where / HEAD
        try:
            return export_head(log, head, load_or_make_key(self.secrets)[0], self._clock)
        except AuditBroken as error:
            raise AuditBroken(
                f"what was backed up is, and the audit log is not signed: {error}; {_LOOK.format(head)}"
            ) from error

    def told(self, mode: str, restored: Restored) -> list[str]:
        """Write down that an account was restored; return what is wrong with the audit log, which keeps no restore back."""
        pieces = restored.base if restored.base == restored.tip else f"{restored.base} to {restored.tip}"
        found, point = [], f"record {restored.last_sequence}, of {pieces}"
        log, head = self._folders.data / AUDIT, self.where / HEAD
        try:
            AuditLog(log, self._clock).write(at_shell(RESTORED, mode, after=point))
        except SecretsError as error:
            found.append(f"The audit log could not be told of it: {error}.")
        try:
            verify(log, signed_head(head, self.secrets), str(head))
        except SecretsError as error:
            found.append(f"The audit log here is not the one that was signed: {error}; {_LOOK.format(head)}.")
        return found

    def chains(self, mode: str, keys: KeyRing) -> list[Chain]:
        """Return what is kept of an account, oldest first."""
        return chains_of(self._folder(mode), keys)

    def restore(
        self, mode: str, keys: KeyRing, target: Target, progress: Progress
    ) -> tuple[Restored, Placed]:
        """Put an account back as it was; what is there is moved aside.

        Raises:
            BackupError: there is no such point, it can't be restored whole, or a desk is running on the account.
        """
        journal = self._journal(mode)
        try:
            journal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            scratch = Path(tempfile.mkdtemp(prefix=f".restoring-{mode}-", dir=journal.parent))
        except OSError as error:
            raise BackupError(f"{journal.parent}: {error.strerror or error}") from error
        try:
            restored = restore_to(self._folder(mode), keys, target, scratch / mode, progress)
            return restored, put_in_place(
                restored, scratch / mode, journal, self._folders.config, self._clock
            )
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def drill(self, mode: str, keys: KeyRing) -> Drill:
        """Restore the newest state into a folder that is thrown away, replay, compare and measure it.

        Raises:
            BackupError: it can't be restored whole, can't be replayed, or is another state than was backed up.
        """
        found = drill(self._folder(mode), keys, self._journal(mode), self._replay, self._clock)
        took = f"recovery time {found.recovery_time_s:.3f} s, recovery point {found.recovery_point_s:.3f} s"
        compared = "proven" if found.proven else "not compared"
        AuditLog(self._folders.data / AUDIT, self._clock).write(
            at_shell(DRILLED, mode, f"record {found.last_sequence}", f"{took}, {compared}")
        )
        return found

    def _note(self, what: str, before: str, after: str) -> None:
        AuditLog(self._folders.data / AUDIT, self._clock).write(at_shell(what, "backup", before, after))

    def _state_at(self, journal: Path, last: int) -> StateProof:
        """Return the state after a record: the newest snapshot before it, and the records between.

        The drill comes to it on another way, from the first record on. What can't be told keeps no backup back.
        """
        replica, disk = standalone(self._base_currency), self._disk(journal)
        try:
            found = Snapshots(disk).newest(last)
            if found is not None:
                replica.restore(*found)
            for entry in JournalReader(disk, after=replica.sequence):
                if entry.sequence > last:
                    break
                replica.apply(entry.record, entry.sequence, entry.time_ns)
        except (EngineError, OSError):
            return StateProof()
        return StateProof(replica.digest(), _this_program())

    def _replay(self, journal: Path) -> StateProof:
        """Return the state that a journal's records lead to, from the first one on."""
        replica = standalone(self._base_currency)
        try:
            for entry in JournalReader(self._disk(journal)):
                replica.apply(entry.record, entry.sequence, entry.time_ns)
        except OSError as error:
            raise FileDataError(str(journal), error.strerror or str(error)) from error
        return StateProof(replica.digest(), _this_program())

    def _disk(self, journal: Path) -> FolderDisk:
        """Return a journal's folder; a sealed one's records are opened with the same keys."""
        return FolderDisk(journal, Cipher(self.keys()) if self._encrypts else None)

    def _folder(self, mode: str) -> BackupFolder:
        return BackupFolder(self.where, mode)

    def _journal(self, mode: str) -> Path:
        return self._folders.data / "journal" / mode


def _this_program() -> str:
    """Return what another program would have to be to hash a state alike."""
    return f"{program_version()}/{layout():08x}"
