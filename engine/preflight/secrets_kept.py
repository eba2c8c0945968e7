"""Which keys, operators and acts there are; never a key, a password or a hash."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from engine.errors import EngineError
from engine.folders import Folders
from engine.ports.secrets import Secrets
from engine.preflight.facts import AuditFacts, KeyFacts, OperatorFacts
from engine.preflight.sign_offs import SignOff, newest
from engine.security.audit.entry import Entry
from engine.security.audit.heads import entries_up_to, signed_head
from engine.security.audit.log import NAME as AUDIT
from engine.security.credentials import read_credential
from engine.security.operators.database import OperatorFile
from engine.security.operators.passwords import cost_of
from engine.security.signing import load_signing_keys
from engine.settings.redis import CREDENTIAL
from engine.store.backup.drill import DRILLED
from engine.store.backup.keys import SECRET_NAME as BACKUP_KEYS
from engine.store.key_ring import KEY_BYTES
from engine.strength import entropy_bits, weakness_of

_FIGURES: Final = re.compile(r"recovery time ([\d.]+) s, recovery point ([\d.]+) s, proven")


def key_facts(secrets: Secrets | None, of_backups: Secrets | None, trouble: str = "") -> KeyFacts:
    """Return which keys the two places keep."""
    if secrets is None or of_backups is None:
        return KeyFacts(trouble=trouble)
    try:
        signing, signing_bits, signing_trouble = _signing(secrets)
        kept = of_backups.get(BACKUP_KEYS) or b""
        redis = read_credential(secrets, CREDENTIAL)
    except EngineError as error:
        return KeyFacts(place=secrets.place, trouble=str(error))
    return KeyFacts(
        place=secrets.place,
        signing=signing,
        signing_bits=signing_bits,
        signing_trouble=signing_trouble,
        backup=len(kept) // KEY_BYTES,
        redis_weakness=weakness_of(redis.secret) if redis is not None else "",
    )


def _signing(secrets: Secrets) -> tuple[str, float, str]:
    """Return the name of the key that signs, how irregular it is, or what is wrong with it."""
    try:
        keys = load_signing_keys(secrets)
    except EngineError as error:
        return "", 0.0, str(error)
    if keys is None:
        return "", 0.0, ""
    return keys.current, entropy_bits(keys.private[keys.current].decode("latin-1")), ""


def operator_facts(folders: Folders) -> OperatorFacts:
    """Return how many operators there are, and at which cost their passwords are hashed."""
    file = OperatorFile(folders.operators)
    if not file.exists():
        return OperatorFacts()
    try:
        with file.changing() as found:
            rows = found.execute("SELECT password FROM operators").fetchall()
    except EngineError as error:
        return OperatorFacts(trouble=str(error))
    return OperatorFacts(
        count=len(rows),
        cost_min=min((cost_of(password) for (password,) in rows), default=0),
    )


class Audited(NamedTuple):
    """What the audit log tells."""

    facts: AuditFacts
    signed: dict[str, SignOff]
    entries: list[Entry]


def audit_facts(folders: Folders, head: Path | None = None, secrets: Secrets | None = None) -> Audited:
    """Return whether the audit log is whole, up to the head that the last backup signed, the last drill and who signed what."""
    try:
        signed = signed_head(head, secrets) if head is not None and secrets is not None else None
        entries = list(entries_up_to(folders.data / AUDIT, signed, str(head)))
    except EngineError as error:
        return Audited(AuditFacts(trouble=str(error)), {}, [])
    drilled_ns, time_s, point_s = _last_drill(entries)
    facts = AuditFacts(
        entries=len(entries), drilled_ns=drilled_ns, recovery_time_s=time_s, recovery_point_s=point_s
    )
    return Audited(facts, newest(entries), entries)


def _last_drill(entries: Iterable[Entry]) -> tuple[int, float, float]:
    last = 0, 0.0, 0.0
    for entry in entries:
        if entry.what == DRILLED and (found := _FIGURES.fullmatch(entry.after)) is not None:
            last = entry.time_ns, float(found[1]), float(found[2])
    return last
