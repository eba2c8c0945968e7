"""What lies on disks, and how it travels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from engine.preflight.checks.check import Checks
from engine.preflight.checks.security import redis_findings
from engine.preflight.facts import Facts
from engine.preflight.found import Found, Status, failed, idle, judged, passed, waits
from engine.transport.address import is_loopback

DRILL_DAYS_MAX: Final = 30.0
_SNAPSHOTS: Final = redis_findings("append-only file", "snapshots", "last write")


def _redis_kept(facts: Facts) -> Found:
    found = _SNAPSHOTS(facts)
    unseen = [each for each in facts.redis if each.name == "snapshots" and each.verdict == "unknown"]
    if found.status is Status.PASS and unseen:
        return waits(
            "the append-only file is on; the user may not see whether snapshots are taken",
            "redis-cli CONFIG GET save, then touchline signoff DB-1 --as infrastructure",
        )
    return found


def _redis_backup(facts: Facts) -> Found:
    redis = facts.settings.redis
    if not redis.address:
        return idle("no Redis is named: this desk shares nothing")
    told = f"whether the files of {redis.kind} {redis.address} are copied elsewhere can't be seen from here"
    return waits(told, "touchline signoff DB-3 --as infrastructure")


def _redis_watched(facts: Facts) -> Found:
    if not facts.settings.redis.address:
        return idle("no Redis is named: this desk shares nothing")
    shown = facts.settings.metrics.enabled and "touchline_health_state" in facts.metric_names
    return judged(
        well=shown,
        evidence="the row of the desks is on the health pane and exported"
        if shown
        else "the exporter is off",
        remedy="[metrics] enabled = true",
    )


def _sealed(facts: Facts) -> Found:
    if facts.keys.trouble:
        return facts.missing(facts.keys.trouble, "touchline keys list says more")
    if not facts.keys.backup:
        return facts.missing("there is no key that seals", "touchline setup makes one")
    if not facts.settings.journal.encrypt:
        return facts.missing("journal.encrypt is false", "[journal] encrypt = true")
    if facts.backups.unsealed:
        return failed(f"not sealed: {', '.join(facts.backups.unsealed[:3])}", "touchline backup --base")
    return passed(f"journal and backups are sealed with a key in {facts.keys.place}")


def _ways(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield each address that the settings name, with its setting."""
    venues = facts.settings.venues
    for venue in venues.__struct_fields__:
        table = getattr(venues, venue)
        for name in getattr(table, "__struct_fields__", ()):
            if name.endswith("_url"):
                yield f"venues.{venue}.{name}", getattr(table, name)


def _ways_encrypted(facts: Facts) -> Found:
    ways = list(_ways(facts))
    plain = [name for name, url in ways if not _is_safe(url)]
    redis = facts.settings.redis.address
    if redis.startswith("tcp:") and facts.redis_trouble:
        plain.append("redis.address")
    if facts.gateway.trouble:
        plain.append("gateway.listen")
    told = f"{len(ways)} addresses of venues, the gateway{' and Redis' if redis else ''}"
    if plain:
        return failed(f"in the clear: {', '.join(plain)}", "name addresses of https:, wss: and tls:")
    return passed(f"{told} are encrypted, or of this machine")


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"https", "wss"} or is_loopback(parts.hostname or "")


def _drilled(facts: Facts) -> Found:
    audit, backups = facts.audit, facts.backups
    if audit.trouble:
        return failed(audit.trouble, "touchline audit verify")
    if not backups.newest_ns:
        return facts.missing(f"{backups.folder} holds no backup", "touchline backup, then touchline drill")
    if backups.unsealed:
        return failed(f"not sealed: {', '.join(backups.unsealed[:3])}", "touchline backup --base")
    if backups.damaged:
        return failed(f"does not open: {'; '.join(backups.damaged[:3])}", "touchline backup --base")
    if not audit.drilled_ns:
        return facts.missing("no backup was ever restored as a drill", "touchline drill")
    return judged(
        well=facts.is_fresh(audit.drilled_ns, DRILL_DAYS_MAX),
        evidence=f"the last drill was right, {facts.ago(audit.drilled_ns, 1)}",
        remedy="touchline drill, and a timer for it",
    )


def _retained(facts: Facts) -> Found:
    kept = facts.settings.retention
    for_ever = [
        name
        for name, days in (
            ("logs", kept.logs_days),
            ("replays", kept.replays_days),
            ("cache", kept.cache_days),
        )
        if days <= 0
    ]
    if for_ever:
        return facts.missing(f"kept for ever: {', '.join(for_ever)}", "[retention] names the days of each")
    told = f"logs {kept.logs_days} days, replays {kept.replays_days}, cache {kept.cache_days}"
    return judged(
        well=not facts.machine.overdue,
        evidence=f"{told}; {facts.machine.overdue} files had their time",
        remedy="open a desk, which removes what had its time",
    )


CHECKS: Final[Checks] = {
    "DB-1": _redis_kept,
    "DB-2": redis_findings("memory limit", "when full"),
    "DB-3": _redis_backup,
    "DB-4": _redis_watched,
    "DATA-1": _sealed,
    "DATA-2": _ways_encrypted,
    "DATA-3": _drilled,
    "DATA-4": _retained,
}
