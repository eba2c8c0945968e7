"""The checklist as a person at a shell asks for it: judged, signed, and signed off."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from engine.clock import SystemClock
from engine.config import Settings
from engine.errors import ConfigError, EngineError
from engine.folders import Folders
from engine.model.text import clean
from engine.ports.secrets import AskPassphrase
from engine.preflight.asking import asked
from engine.preflight.checks.operations import CAPACITIES
from engine.preflight.found import Status
from engine.preflight.items import BY_ID, ITEMS, Section
from engine.preflight.reading import Place, Read, Tell, read, settings_at
from engine.preflight.registry import CHECKS
from engine.preflight.report import Report, Row, report
from engine.preflight.sign_offs import act_of
from engine.preflight.signers import objection_to
from engine.preflight.vouching import signed, verified
from engine.security.audit.heads import AuditKey, load_key
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.operators.roles import Role
from engine.security.vault.choice import nobody, secrets_in

__all__ = ("CAPACITIES", "Preflight", "Report", "Row", "Section", "Status")


class Preflight:
    """The checklist of one data folder."""

    def __init__(
        self,
        folders: Folders,
        settings_file: Path | None = None,
        ask: AskPassphrase = nobody,
        key_file: Path | None = None,
    ) -> None:
        self._folders = folders
        self._place = Place(folders, settings_file or folders.settings, ask=ask, key_file=key_file)
        self._settings = Settings()

    def look(self, tell: Tell, *, live: bool = False, section: Section | None = None) -> Report:
        """Judge every item, or those of one section, and sign the report where there is a key."""
        facts, signatures = self._read(tell, live=live)
        tell("judging")
        items = [item for item in ITEMS if section in {None, item.section}]
        return signed(report(facts, signatures, items, live=live), self._key())

    def check_signer(self, item_id: str, capacity: str, role: Role | None) -> str:
        """Return the id of an item, where somebody of that role may sign it as that.

        Raises:
            ConfigError: there is no such item, or it is not theirs to sign.
        """
        item = BY_ID.get(item_id.upper())
        if item is None:
            raise ConfigError(f"there is no item {clean(item_id, 32)!r}; touchline preflight lists them")
        if objection := objection_to(item.id, capacity, role):
            raise ConfigError(objection)
        return item.id

    def sign_off(
        self, item_ids: Sequence[str], who: str, capacity: str, tell: Tell, *, live: bool
    ) -> dict[str, str]:
        """Write it down that a person vouches for items as they stand now; return what for, by item.

        Raises:
            ConfigError: one is nothing that a person decides, and none is signed then.
            SecretsError: the audit log can't be written.
        """
        facts, _ = self._read(tell, live=live)
        found = {item: CHECKS[item](facts) for item in item_ids}
        for item, each in found.items():
            if each.status is not Status.WAITS:
                raise ConfigError(f"{item} is nothing to sign: it is {each.status.value!r} ({each.evidence})")
        log = AuditLog(self._folders.data / AUDIT, SystemClock())
        for item, each in found.items():
            log.write(act_of(item, each, who, capacity))
        return {item: each.evidence for item, each in found.items()}

    def verify(self, path: Path) -> Report:
        """Return a report that was kept, if our key signed it.

        Raises:
            AuditBroken: it is none, or was changed since.
            ConfigError: it can't be read, or there is no key.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or error}") from error
        self._settings, _ = settings_at(self._place.settings_file)
        key = self._key()
        if key is None:
            raise ConfigError("there is no audit key to judge it by; touchline setup makes one")
        return verified(content, key, str(path))

    def _read(self, tell: Tell, *, live: bool) -> Read:
        found = read(self._place, tell)
        self._settings = found.facts.settings
        if not live:
            return found
        tell("the engine that runs")
        return found._replace(facts=asked(found.facts))

    def _key(self) -> AuditKey | None:
        """Return the key that signs; None where there is none, or it can't be had."""
        settings = self._settings
        with suppress(EngineError):
            named = str(self._place.key_file or settings.backup.key_file)
            return load_key(secrets_in(settings.vault, named, self._place.ask))
        return None
