"""Signs a report with the key of the audit log, and tells whether one is what was signed."""

from __future__ import annotations

import msgspec

from engine.model.undecodable import UNDECODABLE
from engine.preflight.report import Report
from engine.security.audit.entry import AuditBroken
from engine.security.audit.heads import AuditKey

_PURPOSE = b"preflight report"


def signed(report: Report, key: AuditKey | None) -> Report:
    """Return the report with a signature; as it is where there is no key."""
    if key is None:
        return report
    return msgspec.structs.replace(report, key=key.id, signature=key.vouch(_PURPOSE, report.content()))


def verified(content: bytes, key: AuditKey, place: str) -> Report:
    """Return a report that this key signed.

    Raises:
        AuditBroken: it is none, another key signed it, or it was changed since.
    """
    try:
        report = msgspec.json.decode(content, type=Report)
    except UNDECODABLE:
        raise AuditBroken(f"{place}: it is no report of a preflight") from None
    if not key.vouches(_PURPOSE, report.content(), report.signature):
        raise AuditBroken(f"{place} was not signed by the audit key {key.id}, or was changed since")
    return report
