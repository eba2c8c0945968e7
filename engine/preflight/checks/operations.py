"""How it is run: production, the machine, pages, backups, sign-offs, rolling back."""

from __future__ import annotations

from typing import Final

from engine.gateway.refusals import Code
from engine.preflight.checks.check import ASK_LIVE, Check, Checks, documented, proved
from engine.preflight.facts import Facts
from engine.preflight.found import Found, failed, idle, judged, passed, unset, waits
from engine.preflight.proof import PROGRAM

FREE_BYTES_MIN: Final = 1 << 30
BACKUP_DAYS_MAX: Final = 1.1
RECOVERY_TIME_S_MAX: Final = 300.0
RECOVERY_POINT_S_MAX: Final = 26 * 3_600.0
CAPACITIES: Final = (
    "security",
    "infrastructure",
    "qa",
    "development",
    "product",
    "risk",
    "compliance",
    "operations",
)
"""As what people sign off, in the order of SIGN-1 to SIGN-8."""
_DEVELOPMENT: Final = ("/docs", "/redoc", "/debug", "/test", "/console")


def _production(facts: Facts) -> Found:
    said = facts.machine.environment
    if not facts.production:
        return facts.missing(
            f"ENVIRONMENT is {said!r}" if said else "ENVIRONMENT is not set", "ENVIRONMENT=production"
        )
    if said.strip().lower() != "production":
        return failed(f"ENVIRONMENT is {said!r}, which only begins like it", "ENVIRONMENT=production")
    return passed("ENVIRONMENT is production")


def _no_debugging(facts: Facts) -> Found:
    found = facts.machine.debugging
    told = (
        f"debugging is on: {', '.join(found)}" if found else "no debugger, no development mode, asserts hold"
    )
    return judged(well=not found, evidence=told, remedy=f"unset {' '.join(found)}")


def _quiet(facts: Facts) -> Found:
    found = facts.machine.loud
    told = f"these log what they should not: {', '.join(found)}" if found else "nothing logs beside the log"
    return judged(well=not found, evidence=told, remedy=f"unset {' '.join(found)}")


def _no_development(facts: Facts) -> Found:
    wrong = [path for path in facts.gateway.paths if path in _DEVELOPMENT]
    told = facts.certificate.told
    if facts.strict and told is not None and told.is_development:
        wrong.append("a certificate for development")
    if facts.strict and facts.settings.journal.durability != "strict":
        wrong.append(f'journal.durability is "{facts.settings.journal.durability}"')
    evidence = ", ".join(wrong) or f"{len(facts.gateway.paths)} routes, none for development"
    return judged(
        well=not wrong, evidence=evidence, remedy="take it away; docs/deployment.md has the settings"
    )


def _machine_limited(facts: Facts) -> Found:
    found = facts.machine
    if facts.live is None or facts.live.status is None:
        return unset("what the system holds an engine to, one that runs tells", ASK_LIVE)
    if not found.memory_max or not found.cpu_max:
        told = f"memory {found.memory_max or 'without limit'}, processor {found.cpu_max or 'without limit'}"
        return unset(told, "systemd: MemoryMax= and CPUQuota=")
    return passed(f"memory {found.memory_max}, processor {found.cpu_max}")


def _disk(facts: Facts) -> Found:
    free = facts.machine.free_bytes
    return judged(
        well=free >= FREE_BYTES_MIN,
        evidence=f"{free / (1 << 30):.1f} GiB are free at {facts.folders.data}",
        remedy="make room, or move TOUCHLINE_HOME to a larger disk",
    )


def _bandwidth(facts: Facts) -> Found:
    del facts
    return waits(
        "what the line carries can't be seen from here; touchline connect VENUE measures the way",
        "touchline signoff RES-3 --as infrastructure",
    )


def _shared(facts: Facts) -> Found:
    redis = facts.settings.redis
    if not redis.address:
        return idle("one desk, which shares nothing")
    if facts.redis_trouble:
        return failed(facts.redis_trouble, "touchline redis check")
    return passed(f"desks of the prefix {redis.prefix} share {redis.kind} {redis.address}")


def _backed_up(facts: Facts) -> Found:
    found = facts.backups
    missing = [account for account in found.accounts if account not in found.newest_ns]
    if missing or not found.newest_ns:
        told = f"no backup of {', '.join(missing)}" if missing else f"{found.folder} holds no backup"
        return facts.missing(told, "touchline backup, and a timer for it (docs/deployment.md)")
    oldest = max(facts.age_days(when) for when in found.newest_ns.values())
    return judged(
        well=oldest <= BACKUP_DAYS_MAX,
        evidence=f"{len(found.newest_ns)} accounts, the newest piece at most {oldest:.1f} days old",
        remedy="touchline backup, and a timer for it (docs/deployment.md)",
    )


def _backups_sealed(facts: Facts) -> Found:
    found = facts.backups
    if found.unsealed:
        return failed(f"not sealed: {', '.join(found.unsealed[:3])}", "touchline backup --base")
    if not facts.keys.backup:
        return facts.missing("there is no key that seals", "touchline setup")
    return passed(f"every piece is sealed; {facts.keys.backup} keys in {facts.keys.place}")


def _bases_kept(facts: Facts) -> Found:
    backup = facts.settings.backup
    return judged(
        well=backup.keep >= 2 and 1 <= backup.base_days <= 31,
        evidence=f"the newest {backup.keep} bases, a new one after {backup.base_days} days",
        remedy="[backup] keep of 2 or more, base_days of 1 to 31",
    )


def _elsewhere(facts: Facts) -> Found:
    if facts.backups.is_elsewhere:
        return passed(f"{facts.backups.folder} is on another disk than the accounts")
    return waits(
        f"{facts.backups.folder} is on the disk of the accounts; whether it is copied can't be seen from here",
        "[backup] folder on another disk, or touchline signoff BAK-4 --as infrastructure",
    )


def _drilled(limit_s: float, what: str) -> Check:
    """Return a check of a figure that the last drill measured."""

    def check(facts: Facts) -> Found:
        audit = facts.audit
        if not audit.drilled_ns:
            return facts.missing("no drill was made yet", "touchline drill")
        took_s = audit.recovery_time_s if what == "time" else audit.recovery_point_s
        return judged(
            well=took_s <= limit_s,
            evidence=f"the last drill: recovery {what} {took_s:.1f} s, at most {limit_s:,.0f} s",
            remedy="touchline backup more often, and touchline drill",
        )

    return check


def _whole_restore(facts: Facts) -> Found:
    if facts.audit.drilled_ns:
        return passed("the last drill restored, replayed and compared the whole account")
    return facts.missing("no drill was made yet", "touchline drill")


def _signature(capacity: str) -> Check:
    """Return a check that waits for the signature of one part of the house."""

    def check(facts: Facts) -> Found:
        source = facts.rooms.get(PROGRAM, "")
        basis = f"version {facts.version}, source {source}, settings {facts.settings_hash or 'built in'}"
        return waits(basis, f"touchline signoff ID --as {capacity}", basis=basis)

    return check


_STEPS: Final = (
    "Stop new orders",
    "Preserve logs and metrics",
    "Tell who has to know",
    "Go back to the version before",
    "Restore the account",
    "Verify",
    "Resume",
    "Hold the post-mortem",
    "Change the procedures",
    "Plan what is corrected",
    "Have it authorised",
)
CHECKS: Final[Checks] = {
    "ENV-1": _production,
    "ENV-2": _no_debugging,
    "ENV-3": _quiet,
    "ENV-4": _no_development,
    "RES-1": _machine_limited,
    "RES-2": _disk,
    "RES-3": _bandwidth,
    "RES-4": _shared,
    "DOC-1": documented("deployment.md", "touchline preflight"),
    "DOC-2": documented("configuration.md", "## "),
    "DOC-3": documented("monitoring.md", "Prometheus"),
    "DOC-4": documented("rollback.md", "touchline halt"),
    "DOC-5": documented("gateway.md", "/v1/"),
    "DOC-6": documented("auth-flows.md", "refresh"),
    "DOC-7": documented("rate-limits.md", "orders"),
    "DOC-8": documented("gateway.md", *Code),
    "BAK-1": _backed_up,
    "BAK-2": _backups_sealed,
    "BAK-3": _bases_kept,
    "BAK-4": _elsewhere,
    "REC-1": proved("qa", ("engine/store",), ("tests.functional.test_backup_commands",)),
    "REC-2": _whole_restore,
    "REC-3": _drilled(RECOVERY_TIME_S_MAX, "time"),
    "REC-4": _drilled(RECOVERY_POINT_S_MAX, "point"),
    **{f"SIGN-{n}": _signature(capacity) for n, capacity in enumerate(CAPACITIES, 1)},
    **{f"ROLL-{n}": documented("rollback.md", f"## {n}. {step}") for n, step in enumerate(_STEPS, 1)},
}
